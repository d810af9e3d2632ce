"""From documents to labelled blocks: segment, match, count repetition, classify, resolve."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Generic

import numpy as np
import pyarrow as pa

from dedup import schema
from dedup.buffers import list_buffers
from dedup.engines.base import Beside, Engine, Frame
from dedup.match import choose_bands, repetition
from dedup.pipeline.lists import query_lists
from dedup.pipeline.match import Matched, Matches, cluster_matches, match, place_texts
from dedup.pipeline.reach import has_rows
from dedup.resolve import documents, evidence, resolve_blocks
from dedup.segment import segment
from dedup.settings import MatchSettings, Scope, SegmentSettings, Settings
from dedup.sketch import block_keys

RANKED_KEYS = pa.schema([schema.TEXTS.field(name) for name in ("key", "rank")])


@dataclass(frozen=True)
class Crawl(Generic[Frame]):
    """A segmented crawl: its pages, what each is called, and the keys of its blocks."""

    # schema.PAGES
    pages: Frame
    # schema.NAMES
    names: Frame
    # schema.BLOCK_KEYS; PLACED_KEYS once they are matched
    block_keys: Frame


@dataclass(frozen=True)
class Judged(Generic[Frame]):
    """What is known of every page's blocks, one row a page in each frame."""

    repetition: Frame
    labels: Frame
    resolved: Frame


def segment_crawl(
    engine: Engine[Frame], scan: Frame, settings: SegmentSettings, scope: Scope = "crawl"
) -> Crawl[Frame]:
    """Read and segment all documents, and hash their blocks within a scope."""
    pages = engine.map(
        scan, partial(segment, settings=settings), schema.PAGES, name="read and segment"
    )
    names = name_documents(engine, pages)
    return Crawl(pages, names, hash_blocks(engine, pages, scope))


def hash_blocks(engine: Engine[Frame], pages: Frame, scope: Scope) -> Frame:
    """Hash the blocks of pages, so that only those of one scope are compared."""
    stage = partial(scoped_block_keys, scope=scope)
    return engine.map(pages, stage, schema.BLOCK_KEYS, name="hash blocks")


def name_documents(engine: Engine[Frame], pages: Frame) -> Frame:
    """Name each document, also where two records brought the same id."""
    return engine.query(
        documents.NAMES, schema.NAMES, name="name documents", frames={"pages": pages}
    )


def match_blocks(
    engine: Engine[Frame], crawl: Crawl[Frame], settings: MatchSettings
) -> tuple[Crawl[Frame], Matched[Frame]]:
    """Match the distinct texts of all blocks; of the places of a text only its key is kept."""
    firsts = engine.query(
        repetition.FIRST_PLACES.format(ngram=settings.ngram),
        repetition.PLACE_ROWS,
        name="distinct blocks",
        frames={"block_keys": crawl.block_keys},
    )
    ranked = engine.number(firsts, repetition.RANKED_PLACES, name="rank blocks")
    texts = engine.query(
        repetition.TEXTS,
        schema.TEXTS,
        name="list texts",
        frames={"block_keys": crawl.block_keys, "ranked": ranked},
    )
    engine.drop(firsts, ranked)
    keys = select(engine, crawl.block_keys, schema.PLACED_KEYS, name="place keys")
    engine.drop(crawl.block_keys)
    buckets = engine.map(
        texts,
        partial(place_texts, settings=settings, cut=choose_bands(settings)),
        schema.BUCKETS,
        name="sketch blocks",
    )
    matched = match(engine, texts, texts, buckets, settings, what="blocks")
    return replace(crawl, block_keys=keys), matched


def leave_words(engine: Engine[Frame], blocks: Matched[Frame]) -> Matches[Frame]:
    """Keep ranks and pairs of blocks alone, and drop what they came of.

    Returns
    -------
    Matches with RANKED_KEYS for texts.
    """
    ranked = select(engine, blocks.texts, RANKED_KEYS, name="rank keys")
    engine.drop(blocks.texts, blocks.shared)
    return Matches(ranked, blocks.pairs)


def select(engine: Engine[Frame], frame: Frame, columns: pa.Schema, *, name: str) -> Frame:
    """Take some columns of a frame."""
    return engine.map(frame, partial(take_columns, columns=columns), columns, name=name)


def judge_blocks(
    engine: Engine[Frame], crawl: Crawl[Frame], blocks: Matches[Frame], settings: Settings
) -> Judged[Frame]:
    """Count where else each block stands, label it, and decide whether it stays."""
    from dedup.classify import classify, load_model  # noqa: PLC0415 - only where blocks are judged

    repeated = count_repetition(engine, crawl, blocks, settings.blocks.threshold)
    stage = partial(classify, model=load_model(settings.classify.model), settings=settings.classify)
    alone = engine.map(
        crawl.pages,
        stage,
        schema.LABELS,
        name="classify",
        beside=Beside(repeated, "document", ("document",), schema.REPETITION.names),
    )
    labels = agree_captures(engine, crawl, alone)
    known = gather_evidence(engine, crawl, blocks, (labels, repeated), settings)
    resolved = engine.map(
        crawl.pages,
        resolve_blocks,
        schema.RESOLVED,
        name="resolve blocks",
        beside=Beside(known, "document", ("document",), schema.EVIDENCE.names),
    )
    engine.drop(known)
    return Judged(repeated, labels, resolved)


def agree_captures(engine: Engine[Frame], crawl: Crawl[Frame], labels: Frame) -> Frame:
    """Let the text of a page take the labels of the HTML of the same address.

    Parameters
    ----------
    labels: dropped, if any page is there twice.
    """
    from dedup.classify import captures  # noqa: PLC0415 - only where blocks are judged

    twins = engine.query(
        captures.TWINS, captures.TWIN_ROWS, name="pair captures", frames={"pages": crawl.pages}
    )
    if not has_rows(engine, twins):
        return labels
    rows = engine.map(labels, captures.label_rows, captures.LABEL_ROWS, name="list labels")
    frames = {"names": crawl.names, "block_keys": crawl.block_keys}
    agreed = query_lists(
        engine,
        captures.LABELS,
        schema.LABELS,
        name="agree on captures",
        frames={**frames, "twins": twins, "label_rows": rows},
    )
    engine.drop(labels, rows)
    return agreed


def count_repetition(
    engine: Engine[Frame], crawl: Crawl[Frame], blocks: Matches[Frame], threshold: float
) -> Frame:
    """Count on how many pages of its site and of the crawl each block stands."""
    near = cluster_matches(engine, blocks, minimum=threshold, what="near blocks")
    return query_lists(
        engine,
        repetition.REPETITION,
        schema.REPETITION,
        name="count repetition",
        frames={
            "pages": crawl.pages,
            "names": crawl.names,
            "block_keys": crawl.block_keys,
            "clusters": near,
        },
    )


def gather_evidence(
    engine: Engine[Frame],
    crawl: Crawl[Frame],
    blocks: Matches[Frame],
    judged: tuple[Frame, Frame],
    settings: Settings,
) -> Frame:
    """Put labels, repetition and teasers of each page side by side."""
    labels, repeated = judged
    flags = engine.map(labels, evidence.body_flags, evidence.FLAGS, name="list labels")
    teasers = engine.query(
        repetition.TEASERS.format(threshold=settings.blocks.threshold),
        schema.TEASERS,
        name="find teasers",
        frames={
            "block_keys": crawl.block_keys,
            "flags": flags,
            "texts": blocks.texts,
            "pairs": blocks.pairs,
        },
    )
    engine.drop(flags)
    frames = {"block_keys": crawl.block_keys, "teasers": teasers}
    which, size = evidence.ALL_COUNT, settings.resolve.min_cluster_size
    if size > 2:
        which = evidence.SOME_COUNT
        frames["counted"] = count_places(engine, crawl, blocks, size)
    told = query_lists(
        engine, evidence.TOLD.format(**which), evidence.TOLD_LISTS, name="list teasers",
        frames=frames,
    )  # fmt: skip
    known = engine.query(
        evidence.EVIDENCE,
        schema.EVIDENCE,
        name="gather evidence",
        frames={"labels": labels, "repetition": repeated, "told": told},
    )
    engine.drop(teasers, told)
    return known


def count_places(
    engine: Engine[Frame], crawl: Crawl[Frame], blocks: Matches[Frame], size: int
) -> Frame:
    """List the texts of blocks whose clusters have at least `size` places.

    Returns
    -------
    schema.KEYS.
    """
    return engine.query(
        repetition.COUNTED.format(size=size),
        schema.KEYS,
        name="count places",
        frames={
            "block_keys": crawl.block_keys,
            "clusters": cluster_matches(engine, blocks, minimum=0.0, what="blocks"),
        },
    )


def only_body(engine: Engine[Frame], crawl: Crawl[Frame], judged: Judged[Frame]) -> Crawl[Frame]:
    """Leave the blocks out that do not stay in their page's body."""
    flags = engine.map(judged.resolved, evidence.stay_flags, evidence.FLAGS, name="list bodies")
    kept = engine.query(
        repetition.FLAGGED,
        schema.PLACED_KEYS,
        name="select bodies",
        frames={"block_keys": crawl.block_keys, "flags": flags},
    )
    return replace(crawl, block_keys=kept)


def place_blocks(
    engine: Engine[Frame],
    crawl: Crawl[Frame],
    blocks: Matches[Frame],
    *,
    stays: Frame | None,
    size: int,
) -> Frame:
    """Cluster the blocks and list every place of those that stand at least `size` times.

    Parameters
    ----------
    crawl: its names are numbered.
    stays: evidence.FLAGS; a place whose block stays is preferred as the cluster's keeper.
        None where no block goes.
    """
    clusters = cluster_matches(engine, blocks, minimum=0.0, what="blocks")
    placed = engine.query(
        repetition.PLACES.format(stays=repetition.ALL_STAY if stays is None else "stays"),
        repetition.PLACE_KEYS,
        name="place blocks",
        frames={
            "block_keys": crawl.block_keys,
            "names": crawl.names,
            "clusters": clusters,
            **({} if stays is None else {"stays": stays}),
        },
    )
    heads = engine.query(
        repetition.HEADS.format(size=size),
        repetition.HEAD_PLACES,
        name="head clusters",
        frames={"placed": placed},
    )
    places = engine.query(
        repetition.NAMED_PLACES,
        repetition.PLACED,
        name="name places",
        frames={"placed": placed, "heads": heads, "names": crawl.names},
    )
    engine.drop(placed, heads)
    return places


def number_names(engine: Engine[Frame], crawl: Crawl[Frame]) -> Crawl[Frame]:
    """Sort the names of a crawl and add its place to each: documents.NUMBERED_NAMES."""
    by_name = engine.query(
        documents.BY_NAME, schema.NAMES, name="sort names", frames={"names": crawl.names}
    )
    numbered = engine.number(by_name, documents.NUMBERED_NAMES, name="number names")
    engine.drop(by_name)
    return replace(crawl, names=numbered)


def take_columns(batch: pa.RecordBatch, *, columns: pa.Schema) -> pa.RecordBatch:
    """Take some columns of a batch."""
    return batch.select(columns.names)


def scoped_block_keys(pages: pa.RecordBatch, *, scope: Scope) -> pa.RecordBatch:
    """Hash each block of each page with the page's scope: schema.PAGES to schema.BLOCK_KEYS."""
    made = block_keys(pages)
    _, offsets = list_buffers(pages.column("blocks"))
    scopes = np.repeat(documents.scope_hashes(pages, scope), np.diff(offsets))
    keys = documents.scoped_keys(made.column("key").to_numpy(), scopes)
    of = {"key": pa.array(keys), "scope": pa.array(scopes)}
    return pa.RecordBatch.from_arrays(
        [of.get(name, made.column(name)) for name in made.schema.names], schema=made.schema
    )
