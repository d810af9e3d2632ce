"""From documents to decisions: what is compared of each, and which copy stays."""

from dataclasses import dataclass
from functools import partial
from typing import Generic

import numpy as np
import pyarrow as pa

from dedup import schema
from dedup.buffers import list_array, list_buffers
from dedup.engines.base import Beside, Engine, Frame
from dedup.match import Bands, choose_bands
from dedup.pipeline.blocks import Crawl, Judged
from dedup.pipeline.match import (
    Matched,
    Matches,
    bucket_texts,
    cluster_matches,
    match,
    place_buckets,
)
from dedup.resolve import documents, in_order_of
from dedup.segment import page_texts
from dedup.settings import MatchSettings, ResolveSettings, Scope, SegmentSettings, Settings

ORIGINS = pa.schema([schema.PAGES.field(name) for name in ("document", "source", "site")])
_BUCKETED = ("key", "buckets", *(field.name for field in schema.BITS))
_ORIGINS = "SELECT document, source, site FROM pages"


@dataclass(frozen=True)
class Comparing:
    """How documents are compared: within which scope, and cut into which bands."""

    scope: Scope
    match: MatchSettings
    cut: Bands


@dataclass(frozen=True)
class Decided(Generic[Frame]):
    """Which documents stay, and the ranks and matches that decided it."""

    # schema.DECISIONS
    decisions: Frame
    # schema.RANKS
    ranks: Frame
    matches: Matched[Frame]
    # schema.HELD_DOCUMENTS: those of an index that were looked at, too
    held: Frame | None = None


def comparing(settings: Settings) -> Comparing:
    """Choose the bands, once for all batches."""
    return Comparing(settings.resolve.scope, settings.documents, choose_bands(settings.documents))


def compare_bodies(
    engine: Engine[Frame], crawl: Crawl[Frame], judged: Judged[Frame], settings: Settings
) -> Frame:
    """Take the body of each page, as it was resolved, for comparison.

    Returns
    -------
    schema.BODIES.
    """
    origins = engine.query(_ORIGINS, ORIGINS, name="list origins", frames={"pages": crawl.pages})
    compared = engine.map(
        judged.resolved,
        partial(resolved_bodies, how=comparing(settings)),
        schema.BODIES,
        name="sketch bodies",
        beside=Beside(origins, "document", ("document",), ORIGINS.names),
    )
    engine.drop(origins)
    return compared


def compare_texts(engine: Engine[Frame], crawl: Crawl[Frame], settings: Settings) -> Frame:
    """Take the whole text of each page for comparison.

    Returns
    -------
    schema.BODIES.
    """
    return engine.map(
        crawl.pages,
        partial(whole_bodies, how=comparing(settings)),
        schema.BODIES,
        name="sketch bodies",
    )


def read_texts(engine: Engine[Frame], scan: Frame, settings: Settings, *, name: str) -> Frame:
    """Read documents of which nothing but the whole text is compared.

    Returns
    -------
    schema.WHOLE_TEXTS: pages and what is compared of them at once.
    """
    stage = partial(whole_texts, how=comparing(settings), settings=settings.segment)
    return engine.map(scan, stage, schema.WHOLE_TEXTS, name=name)


def rank_documents(
    engine: Engine[Frame], pages: Frame, compared: Frame, settings: ResolveSettings
) -> Frame:
    """Put documents that have words in the order of the keep policy.

    Returns
    -------
    schema.RANKS.
    """
    ordered = engine.query(
        documents.order_sql(settings),
        documents.ORDERED,
        name="order documents",
        frames={"bodies": compared, "pages": pages},
    )
    numbered = engine.number(ordered, documents.NUMBERED, name="number documents")
    ranks = engine.query(
        documents.RANKS, schema.RANKS, name="rank documents", frames={"numbered": numbered}
    )
    engine.drop(ordered, numbered)
    return ranks


def match_documents(
    engine: Engine[Frame], compared: Frame, ranks: Frame, settings: MatchSettings
) -> Matched[Frame]:
    """Match what is compared of the documents.

    Parameters
    ----------
    compared: schema.BODIES; ranks: schema.RANKS.
    """
    heads = list_heads(engine, ranks)
    buckets = band_bodies(engine, heads, compared)
    return match(engine, heads, compared, buckets, settings, what="bodies")


def list_heads(engine: Engine[Frame], ranks: Frame) -> Frame:
    """List the distinct bodies: documents.HEAD_ROWS."""
    return engine.query(
        documents.HEADS, documents.HEAD_ROWS, name="distinct bodies", frames={"ranks": ranks}
    )


def band_bodies(engine: Engine[Frame], heads: Frame, compared: Frame) -> Frame:
    """Put distinct bodies (columns key and rank, sorted by key) into buckets: schema.BUCKETS."""
    return engine.map(
        heads,
        place_bodies,
        schema.BUCKETS,
        name="band bodies",
        beside=Beside(compared, "key", ("key",), _BUCKETED),
    )


def decide_documents(
    engine: Engine[Frame], pages: Frame, compared: Frame, names: Frame, settings: Settings
) -> Decided[Frame]:
    """Rank and match documents, and choose the copies that stay.

    Parameters
    ----------
    compared: schema.BODIES; names: schema.NAMES.
    """
    ranks = rank_documents(engine, pages, compared, settings.resolve)
    matches = match_documents(engine, compared, ranks, settings.documents)
    size = settings.resolve.min_cluster_size
    decisions = decide_matches(engine, matches, ranks=ranks, names=names, size=size)
    return Decided(decisions, ranks, matches)


def decide_matches(
    engine: Engine[Frame], matches: Matches[Frame], *, ranks: Frame, names: Frame, size: int = 2
) -> Frame:
    """Cluster documents by their matches, and choose the copy that stays.

    Parameters
    ----------
    ranks: schema.RANKS; names: schema.NAMES. size: so many documents make a cluster.

    Returns
    -------
    schema.DECISIONS.
    """
    clusters = cluster_matches(engine, matches, minimum=0.0, what="bodies")
    return engine.query(
        documents.DECISIONS.format(size=size),
        schema.DECISIONS,
        name="decide documents",
        frames={"ranks": ranks, "names": names, "clusters": clusters},
    )


def resolved_bodies(
    resolved: pa.RecordBatch, origins: pa.RecordBatch, *, how: Comparing
) -> pa.RecordBatch:
    """Turn schema.RESOLVED into schema.BODIES."""
    origins = in_order_of(resolved.column("document"), origins)
    return bodies(origins, resolved.column("text"), resolved.column("n_characters"), how)


def whole_bodies(pages: pa.RecordBatch, *, how: Comparing) -> pa.RecordBatch:
    """Turn schema.PAGES into schema.BODIES."""
    return bodies(pages, pages.column("text"), pages.column("n_characters"), how)


def whole_texts(
    documents: pa.RecordBatch, *, how: Comparing, settings: SegmentSettings
) -> pa.RecordBatch:
    """Turn schema.DOCUMENTS into schema.WHOLE_TEXTS."""
    pages = page_texts(documents, settings)
    made = whole_bodies(pages, how=how)
    of = {name: pages if name in pages.schema.names else made for name in schema.WHOLE_TEXTS.names}
    return pa.RecordBatch.from_arrays(
        [table.column(name) for name, table in of.items()], schema=schema.WHOLE_TEXTS
    )


def bodies(
    pages: pa.RecordBatch, texts: pa.Array, n_characters: pa.Array, how: Comparing
) -> pa.RecordBatch:
    """Make what is compared of each page.

    Parameters
    ----------
    pages: has columns document, site and source. texts: string[n]. n_characters: int32[n].

    Returns
    -------
    schema.BODIES.
    """
    scopes = documents.scope_hashes(pages, how.scope)
    made = bucket_texts(texts, scopes, settings=how.match, cut=how.cut)
    order = np.argsort(made.owners, kind="stable")
    counts = np.bincount(made.owners, minlength=len(texts))
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    return pa.RecordBatch.from_arrays(
        [
            pages.column("document"),
            pa.array(scopes),
            pa.array(documents.scoped_keys(made.keys, scopes)),
            pa.array(made.n_words),
            n_characters,
            list_array(made.buckets[order], ends),
            *(pa.array(column) for column in made.bits.T),
            texts,
        ],
        schema=schema.BODIES,
    )


def place_bodies(heads: pa.RecordBatch, compared: pa.RecordBatch) -> pa.RecordBatch:
    """Turn the buckets of distinct bodies into schema.BUCKETS; both are sorted by key."""
    values, offsets = list_buffers(compared.column("buckets"))
    owners = np.repeat(np.arange(heads.num_rows), np.diff(offsets))
    bits = [compared.column(field.name) for field in schema.BITS]
    return place_buckets(heads, bits, owners, values.to_numpy()[offsets[0] : offsets[-1]])
