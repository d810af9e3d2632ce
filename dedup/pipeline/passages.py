"""Passages that stand more than once: runs of blocks, and runs of words across blocks."""

from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup import schema
from dedup.buffers import list_buffers
from dedup.engines.base import Beside, Engine, Frame, Stage, Whole
from dedup.match import block_runs, runs, substrings, verify
from dedup.pipeline.blocks import Crawl
from dedup.pipeline.lists import query_lists
from dedup.pipeline.match import PAIRED, SIEVE, Matches, cluster_matches, shingle_paired
from dedup.report import passages as rows
from dedup.resolve import in_order_of
from dedup.resolve.documents import scope_hashes
from dedup.settings import Scope, Settings
from dedup.sketch import locate_words, word_sequences

ORIGINS = ("document", "source", "site")
LOWEST = 0.1
"""Blocks that face each other in a run are alike; their similarity is wanted whatever it is."""


def find_passages(
    engine: Engine[Frame], crawl: Crawl[Frame], blocks: Matches[Frame], settings: Settings
) -> Frame:
    """Find what stands more than once and is longer than a block, or goes across blocks.

    Parameters
    ----------
    crawl: its names are numbered.

    Returns
    -------
    schema.PASSAGES_OUT.
    """
    order = engine.query(
        runs.ORDERED, runs.ORDER, name="order documents", frames={"names": crawl.names}
    )
    by_blocks = find_block_runs(engine, crawl, blocks, order, settings)
    by_words = find_substrings(engine, crawl, order, settings)
    return engine.query(
        rows.PASSAGES.format(size=settings.resolve.min_cluster_size),
        schema.PASSAGES_OUT,
        name="list passages",
        frames={"block_runs": by_blocks, "substrings": by_words, "names": crawl.names},
    )


def find_substrings(
    engine: Engine[Frame], crawl: Crawl[Frame], order: Frame, settings: Settings
) -> Frame:
    """Find runs of words that stand more than once.

    Parameters
    ----------
    order: runs.ORDER.

    Returns
    -------
    report.passages.LOCATED.
    """
    n_words, scope = settings.passages.passage_words, settings.resolve.scope
    seeds = engine.map(
        crawl.pages,
        partial(seed_pages, n_words=n_words, scope=scope),
        substrings.SEEDS,
        name="seed words",
    )
    likely = engine.sift(seeds, "bucket", SIEVE, name="sift words")
    seeded = query_lists(
        engine,
        substrings.SEEDED_DOCUMENTS,
        substrings.SEEDED,
        by="rank",
        name="group words",
        frames={"seeds": likely, "documents": order},
    )
    windows = engine.map(
        seeded,
        partial(window_pages, n_words=n_words, scope=scope),
        runs.WINDOWS,
        name="window words",
        beside=Beside(crawl.pages, "document", ("document",), (*ORIGINS, "text")),
    )
    grow = partial(extend_words, size=n_words)
    beside = Beside(crawl.pages, "document", ("document", "source"), ("document", "text"))
    placed = _run_places(engine, (windows, order), (n_words, grow, beside), what="words")
    return engine.map(
        placed,
        locate_substrings,
        rows.LOCATED,
        name="locate words",
        beside=Beside(crawl.pages, "document", ("document",), ("document", "text")),
    )


def find_block_runs(
    engine: Engine[Frame],
    crawl: Crawl[Frame],
    blocks: Matches[Frame],
    order: Frame,
    settings: Settings,
) -> Frame:
    """Find runs of blocks that stand, themselves or near-duplicates of them, more than once.

    Returns
    -------
    report.passages.LOCATED.
    """
    near = cluster_matches(engine, blocks, minimum=settings.blocks.threshold, what="near blocks")
    sequences = query_lists(
        engine,
        block_runs.SEQUENCED,
        block_runs.SEQUENCES,
        by="rank",
        name="line up blocks",
        frames={"block_keys": crawl.block_keys, "documents": order, "clusters": near},
    )
    windows = engine.map(
        sequences,
        partial(window_blocks, scope=settings.resolve.scope),
        runs.WINDOWS,
        name="window blocks",
        beside=Beside(crawl.pages, "document", ("document",), ORIGINS),
    )
    likely = engine.sift(windows, "bucket", SIEVE, name="sift runs")
    grow = partial(extend_blocks, size=block_runs.MIN_BLOCKS)
    sides = ("document", "clusters")
    beside = Beside(sequences, "document", ("document", "source"), sides)
    size = block_runs.MIN_BLOCKS
    placed = _run_places(engine, (likely, order), (size, grow, beside), what="runs")
    return _locate_runs(engine, crawl, blocks, (sequences, placed), settings)


def _run_places(
    engine: Engine[Frame],
    found: tuple[Frame, Frame],
    how: tuple[int, Stage, Beside[Frame]],
    *,
    what: str,
) -> Frame:
    """Turn windows into runs, and runs into the places of passages.

    Parameters
    ----------
    found: runs.WINDOWS and runs.ORDER. how: symbols in a window, the stage that extends runs,
        and what it needs beside them.

    Returns
    -------
    runs.PLACED_RUNS.
    """
    windows, order = found
    size, grow, beside = how
    repeated = engine.query(
        runs.FIRSTS, runs.REPEATED, name=f"pair {what}", frames={"windows": windows}
    )
    chains = engine.map(
        repeated,
        partial(runs.chain, size=size),
        runs.CHAINS,
        name=f"chain {what}",
        whole=Whole("rank"),
    )
    named = engine.query(
        runs.NAMED, runs.RUNS, name=f"sort {what}", frames={"chains": chains, "documents": order}
    )
    grown = engine.map(named, grow, runs.RUNS, name=f"extend {what}", beside=beside)
    ordered = engine.query(runs.BY_PLACE, runs.RUNS, name=f"order {what}", frames={"runs": grown})
    settled = engine.map(
        ordered, runs.settle, runs.RUNS, name=f"settle {what}", whole=Whole("rank")
    )
    while any(pc.any(batch.column("led")).as_py() for batch in engine.batches(settled)):
        asking = engine.query(
            runs.QUESTIONS, runs.ASKING, name=f"ask {what}", frames={"runs": settled}
        )
        settled = engine.map(
            asking, runs.lead, runs.RUNS, name=f"lead {what}", whole=Whole("holder")
        )
    return engine.query(
        runs.PLACES, runs.PLACED_RUNS, name=f"place {what}", frames={"runs": settled}
    )


def _locate_runs(
    engine: Engine[Frame],
    crawl: Crawl[Frame],
    blocks: Matches[Frame],
    found: tuple[Frame, Frame],
    settings: Settings,
) -> Frame:
    """Give the places of runs their spans, and the lowest similarity of their blocks."""
    sequences, placed = found
    names = block_runs.SEQUENCES.names
    spans = engine.map(
        placed,
        block_runs.span_blocks,
        block_runs.BLOCK_SPANS,
        name="span runs",
        beside=Beside(sequences, "document", ("document",), names),
    )
    faced = engine.map(
        placed,
        block_runs.face_blocks,
        block_runs.BLOCK_PAIRS,
        name="face blocks",
        beside=Beside(sequences, "document", ("document", "keeper"), names),
    )
    compared = engine.query(
        block_runs.SIMILARITIES,
        block_runs.SIMILARITY_ROWS,
        name="compare runs",
        frames={"faced": faced, "pairs": _compare_blocks(engine, blocks, faced, settings)},
    )
    spanned = engine.query(
        rows.SPANNED,
        rows.LOCATED,
        name="list runs",
        frames={"spans": spans, "similarities": compared},
    )
    return engine.map(
        spanned,
        locate_blocks,
        rows.LOCATED,
        name="locate runs",
        beside=Beside(crawl.pages, "document", ("document",), ("document", "text", "blocks")),
    )


def _compare_blocks(
    engine: Engine[Frame], blocks: Matches[Frame], faced: Frame, settings: Settings
) -> Frame:
    """Compute the similarity of blocks that face each other: schema.PAIRS."""
    how = replace(settings.blocks, threshold=LOWEST, containment=None)
    pairs = engine.query(
        block_runs.FACING, schema.CANDIDATES, name="list faced", frames={"faced": faced}
    )
    keys = engine.query(PAIRED, schema.KEYS, name="list paired runs", frames={"pairs": pairs})
    sets = engine.map(
        keys,
        partial(shingle_paired, settings=how),
        schema.SHINGLES,
        name="shingle runs",
        beside=Beside(blocks.texts, "key", ("key",), ("key", "text")),
    )
    return engine.map(
        pairs,
        partial(verify, settings=how),
        schema.PAIRS,
        name="compare faced",
        beside=Beside(sets, "key", ("a", "b"), schema.SHINGLES.names),
    )


def seed_pages(pages: pa.RecordBatch, *, n_words: int, scope: Scope) -> pa.RecordBatch:
    """Find the seeds of pages' texts: schema.PAGES to substrings.SEEDS."""
    sequences = word_sequences(pages.column("text"))
    scopes = scope_hashes(pages, scope)
    return substrings.place_seeds(pages.column("document"), sequences, scopes, n_words=n_words)


def window_pages(
    seeded: pa.RecordBatch, pages: pa.RecordBatch, *, n_words: int, scope: Scope
) -> pa.RecordBatch:
    """Hash the windows around seeds that stand twice: substrings.SEEDED to runs.WINDOWS."""
    pages = in_order_of(seeded.column("document"), pages)
    windows = substrings.windows_around(
        seeded.column("seeds"), word_sequences(pages.column("text")), n_words=n_words
    )
    return runs.place_windows(windows, seeded.column("rank").to_numpy(), scope_hashes(pages, scope))


def window_blocks(
    sequences: pa.RecordBatch, origins: pa.RecordBatch, *, scope: Scope
) -> pa.RecordBatch:
    """Hash each two blocks in a row: block_runs.SEQUENCES to runs.WINDOWS."""
    scopes = scope_hashes(in_order_of(sequences.column("document"), origins), scope)
    ranks = sequences.column("rank").to_numpy()
    return runs.place_windows(block_runs.block_windows(sequences), ranks, scopes)


def extend_words(chains: pa.RecordBatch, texts: pa.RecordBatch, *, size: int) -> pa.RecordBatch:
    """Extend runs of words, given the texts: runs.RUNS."""
    documents = texts.column("document").to_numpy()
    return runs.extend(chains, documents, *word_sequences(texts.column("text")), size=size)


def extend_blocks(
    chains: pa.RecordBatch, sequences: pa.RecordBatch, *, size: int
) -> pa.RecordBatch:
    """Extend runs of blocks, given their clusters: runs.RUNS."""
    documents = sequences.column("document").to_numpy()
    return runs.extend(chains, documents, *block_runs.cluster_sequences(sequences), size=size)


def locate_substrings(placed: pa.RecordBatch, texts: pa.RecordBatch) -> pa.RecordBatch:
    """Turn runs of words into spans of characters: runs.PLACED_RUNS to LOCATED."""
    begin, end = (placed.column(name).to_numpy() for name in ("begin", "end"))
    of = np.searchsorted(texts.column("document").to_numpy(), placed.column("document").to_numpy())
    spans = locate_words(texts.column("text"), of, np.stack([begin, end], axis=1))
    n, length = placed.num_rows, pa.array(end - begin)
    columns = {
        **{name: placed.column(name) for name in ("document", "keeper", "keeper_begin", "keep")},
        "length": length,
        "kind": pa.array(["substring"] * n, pa.string()),
        "start": pa.array(spans[:, 0]),
        "end": pa.array(spans[:, 1]),
        "first_block": pa.nulls(n, pa.int32()),
        "last_block": pa.nulls(n, pa.int32()),
        "n_words": length,
        "similarity": pa.array(np.ones(n)),
        "excerpt": rows.excerpts(
            texts.column("text"), of, spans[:, 2], spans[:, 1] - spans[:, 0], placed.column("keep")
        ),
    }
    return pa.RecordBatch.from_arrays([columns[n] for n in rows.LOCATED.names], schema=rows.LOCATED)


def locate_blocks(spanned: pa.RecordBatch, pages: pa.RecordBatch) -> pa.RecordBatch:
    """Write the spans and excerpts of runs, whose blocks are known: LOCATED to LOCATED."""
    values, offsets = list_buffers(pages.column("blocks"))
    of = np.searchsorted(pages.column("document").to_numpy(), spanned.column("document").to_numpy())
    places = np.stack(
        [
            values.field(side).to_numpy()[offsets[of] + spanned.column(block).to_numpy()]
            for side, block in (("start", "first_block"), ("end", "last_block"))
        ],
        axis=1,
    ).astype(np.int64)
    texts = pages.column("text")
    first, last = rows.count_characters(texts, of, places).T
    begun = rows.excerpts(texts, of, places[:, 0], last - first, spanned.column("keep"))
    for name, column in (("start", pa.array(first)), ("end", pa.array(last)), ("excerpt", begun)):
        at = spanned.schema.get_field_index(name)
        spanned = spanned.set_column(at, rows.LOCATED.field(name), column)
    return spanned
