"""Repeated runs in sequences: of words in texts, of blocks on pages.

A sequence repeats a run where all of its windows of a fixed size stand elsewhere in the same
order. Windows are grouped by their hash over the whole corpus, each is led to the first place
at which it stands, and windows in a row that are led to places in a row are chained: work
stays linear in the text however many copies of it there are. Chains are then compared symbol
by symbol, and extended as far as both copies agree.

The order of documents is that of their ids; in it, the first copy stays. A run repeats an
earlier one of its own document, if there is one, else of another document. One that overlaps
what it repeats is cut into pieces that stand side by side; one that stands within a longer
one of its document is dropped.

DuckDB and Spark both run these statements; the frames they name are tables declared here.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.buffers import as_signed
from dedup.match.runs_kernels import (
    RANK_BITS,
    chain_places,
    extend_runs,
    lay_tiles,
    lead_runs,
    settle_runs,
    total_tiles,
)
from dedup.match.windows_kernels import count_windows, seed_sequences, window_sequences

Symbols = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

ORDER = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        pa.field("rank", pa.int64(), nullable=False),
    ]
)
"""Place of each document in the order in which the first copy of a run stays."""

WINDOWS = pa.schema(
    [
        # hash of the window's symbols and the scope
        pa.field("bucket", pa.int64(), nullable=False),
        # rank of the document << 32 | number of the window's first symbol
        pa.field("place", pa.int64(), nullable=False),
    ]
)

REPEATED = pa.schema(
    [
        pa.field("rank", pa.int64(), nullable=False),
        WINDOWS.field("place"),
        # the lowest place at which the same window stands
        pa.field("first", pa.int64(), nullable=False),
    ]
)
"""Windows that stand twice, sorted by place."""

CHAINS = pa.schema(
    [
        pa.field("rank", pa.int64(), nullable=False),
        # the run is the symbols [begin, end) of its document
        pa.field("begin", pa.int64(), nullable=False),
        pa.field("end", pa.int64(), nullable=False),
        # what it repeats: rank of the document, and the first symbol there
        pa.field("source_rank", pa.int64(), nullable=False),
        pa.field("source_begin", pa.int64(), nullable=False),
    ]
)

RUNS = pa.schema(
    [
        *CHAINS,
        pa.field("document", pa.int64(), nullable=False),
        pa.field("source", pa.int64(), nullable=False),
        # what it repeats was changed for what that repeats, which may repeat something itself
        pa.field("led", pa.bool_(), nullable=False),
    ]
)

ASKING = pa.schema(
    [
        *RUNS,
        pa.field("holder", pa.int64(), nullable=False),
        pa.field("asks", pa.bool_(), nullable=False),
    ]
)
"""Runs that ask for their sources, after the runs of these; sorted by holder."""

PLACED_RUNS = pa.schema(
    [
        *(RUNS.field(name) for name in ("document", "begin", "end")),
        # the copy that stays: its document and first symbol
        pa.field("keeper", pa.int64(), nullable=False),
        pa.field("keeper_begin", pa.int64(), nullable=False),
        pa.field("keep", pa.bool_(), nullable=False),
    ]
)
"""One row a place of a passage, sorted by document."""

ORDERED = "SELECT document, place - 1 AS rank FROM names ORDER BY document"

FIRSTS = f"""
WITH shared AS (
  SELECT bucket, min(place) AS first FROM windows GROUP BY bucket HAVING count(*) > 1)
SELECT w.place >> {RANK_BITS} AS rank, w.place, s.first
FROM windows w JOIN shared s ON w.bucket = s.bucket ORDER BY rank, place
"""

NAMED = """
SELECT c.*, d.document, s.document AS source, FALSE AS led
FROM chains c
JOIN documents d ON c.rank = d.rank
JOIN documents s ON c.source_rank = s.rank
ORDER BY rank, source_rank, source_begin - "begin", "begin"
"""
"""Runs with the same source and shift follow each other, as extend_runs wants them."""

BY_PLACE = """
SELECT * FROM runs ORDER BY rank, "begin", "end" DESC, source_rank, source_begin
"""

QUESTIONS = """
SELECT *, source_rank AS holder, TRUE AS asks FROM runs
UNION ALL
SELECT *, rank AS holder, FALSE AS asks FROM runs
WHERE rank IN (SELECT source_rank FROM runs WHERE led)
ORDER BY holder, asks, "begin", rank
"""

PLACES = """
SELECT document, "begin", "end", source AS keeper, source_begin AS keeper_begin, FALSE AS keep
FROM runs
UNION ALL
SELECT DISTINCT source, source_begin, source_begin + "end" - "begin", source, source_begin, TRUE
FROM runs
ORDER BY 1, 2, 3, 4, 5, 6
"""


def all_windows(symbols: Symbols, offsets: Numbers, size: int) -> tuple[Symbols, Numbers, Numbers]:
    """Hash every window of `size` symbols.

    Parameters
    ----------
    symbols: uint64[m]; offsets: int64[n + 1], the bounds of the sequences.

    Returns
    -------
    hashes: uint64[w]; rows: int64[w], the sequence of each; at: int64[w], its place there.
    """
    counts = np.maximum(np.diff(offsets) - size + 1, 0)
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    seeds = np.arange(ends[-1]) - np.repeat(ends[:-1], counts)
    return seeded_windows(symbols, offsets, (seeds, ends), size, 1)


def seeded_windows(
    symbols: Symbols, offsets: Numbers, seeds: tuple[Numbers, Numbers], size: int, around: int
) -> tuple[Symbols, Numbers, Numbers]:
    """Hash the windows of `size` symbols that hold a seed.

    Parameters
    ----------
    seeds: ascending places int64[s] of the seeds of each sequence, and int64[n + 1], their
        bounds. around: at how many places a window can begin that holds a given seed.

    Returns
    -------
    As all_windows.
    """
    places, ends = seeds
    count = count_windows(offsets, places, ends, size, around)
    hashes, rows = np.empty(count, np.uint64), np.empty(count, np.int64)
    at = np.empty(count, np.int64)
    window_sequences(symbols, offsets, places, ends, size, around, hashes, rows, at)
    return hashes, rows, at


def find_seeds(
    symbols: Symbols, offsets: Numbers, size: int, width: int
) -> tuple[Symbols, Numbers, Numbers]:
    """Choose windows of `size` symbols such that each `width` of them in a row hold one.

    Returns
    -------
    As all_windows. Where two sequences agree on size + width - 1 symbols, they have a seed
    with the same hash there.
    """
    seeds, at = np.empty(len(symbols), np.uint64), np.empty(len(symbols), np.int64)
    ends = seed_sequences(symbols, offsets, size, width, seeds, at)
    rows = np.repeat(np.arange(len(offsets) - 1), np.diff(ends))
    return seeds[: ends[-1]], rows, at[: ends[-1]]


def place_windows(
    windows: tuple[Symbols, Numbers, Numbers], ranks: Numbers, scopes: Numbers
) -> pa.RecordBatch:
    """Name the bucket and the place of each window.

    Parameters
    ----------
    windows: hashes, rows and places, as of all_windows. ranks, scopes: int64[n], those of the
        sequences.

    Returns
    -------
    WINDOWS.
    """
    hashes, rows, at = windows
    columns = [scoped(hashes, scopes[rows]), (ranks[rows] << RANK_BITS) | at]
    return pa.RecordBatch.from_arrays([pa.array(c) for c in columns], schema=WINDOWS)


def scoped(hashes: Symbols, scopes: Numbers) -> Numbers:
    """Mix scopes into hashes, so that windows of two scopes never meet; int64[n]."""
    return as_signed(hashes ^ (scopes.view(np.uint64) * np.uint64(0xD6E8FEB86659FD93)))


def chain(repeated: pa.RecordBatch, *, size: int) -> pa.RecordBatch:
    """Chain repeated windows of `size` symbols that follow each other.

    Parameters
    ----------
    repeated: REPEATED; no document goes on in another batch.

    Returns
    -------
    CHAINS, in the order of `repeated`.
    """
    places, firsts = (repeated.column(n).to_numpy() for n in ("place", "first"))
    runs = np.empty((len(places), 3), np.int64)
    runs = runs[: chain_places(places, firsts, runs)]
    low = (1 << RANK_BITS) - 1
    begins = runs[:, 0] & low
    columns = (
        runs[:, 0] >> RANK_BITS,
        begins,
        begins + runs[:, 1] + size - 1,
        runs[:, 2] >> RANK_BITS,
        runs[:, 2] & low,
    )
    return pa.RecordBatch.from_arrays([pa.array(c) for c in columns], schema=CHAINS)


def extend(
    runs: pa.RecordBatch, documents: Numbers, symbols: Symbols, offsets: Numbers, *, size: int
) -> pa.RecordBatch:
    """Compare runs symbol by symbol, extend them, and cut those that overlap their source.

    Parameters
    ----------
    runs: RUNS in the order of NAMED.
    documents: int64[n], ascending: whose sequences symbols[offsets[i]:offsets[i + 1]] are; all
        that `runs` name are there.

    Returns
    -------
    RUNS; those whose symbols differ (two windows had one hash) are not in it.
    """
    ends = np.stack([runs.column(n).to_numpy() for n in ("document", "source")], axis=1)
    texts = np.searchsorted(documents, ends)
    grown = _bounds(runs)
    kept = np.zeros(len(grown), np.bool_)
    extend_runs(symbols, offsets, grown, texts, kept)
    rows = np.flatnonzero(kept)
    grown, is_own = grown[rows], texts[rows, 0] == texts[rows, 1]
    total = total_tiles(grown, is_own, size)
    tiles, origins = np.empty((total, 3), np.int64), np.empty(total, np.int64)
    lay_tiles(grown, is_own, size, tiles, origins)
    return _with_bounds(runs.take(pa.array(rows[origins])), tiles)


def settle(runs: pa.RecordBatch) -> pa.RecordBatch:
    """Drop runs within longer ones, and lead each to the copy that stays.

    Parameters
    ----------
    runs: RUNS in the order of BY_PLACE; no document goes on in another batch.

    Returns
    -------
    RUNS.
    """
    ranks = runs.column("rank").to_numpy()
    grown = _bounds(runs)
    sources = np.stack(
        [runs.column("source_rank").to_numpy(), np.arange(runs.num_rows)], axis=1
    ).astype(np.int64)
    kept, led = np.zeros(len(grown), np.bool_), np.zeros(len(grown), np.bool_)
    settle_runs(ranks, grown, sources, kept, led)
    return _led(runs, grown, sources[:, 1], led).filter(pa.array(kept))


def lead(asking: pa.RecordBatch) -> pa.RecordBatch:
    """Lead runs that were led to a copy that is within a run itself on to what that repeats.

    Parameters
    ----------
    asking: ASKING; no holder goes on in another batch.

    Returns
    -------
    RUNS: those that ask.
    """
    grown = _bounds(asking)
    holders = asking.column("holder").to_numpy()
    asks, led = (np.array(asking.column(name)) for name in ("asks", "led"))
    sources = np.empty(len(grown), np.int64)
    lead_runs(holders, asks, grown, sources, led)
    answered = _led(asking.select(RUNS.names), grown, sources, led)
    return answered.filter(pa.array(asks))


def _led(runs: pa.RecordBatch, bounds: Numbers, sources: Numbers, led: Flags) -> pa.RecordBatch:
    """Give runs the sources of the rows that `sources` names."""
    changed = _with_bounds(runs, bounds)
    rows = pa.array(sources)
    columns = {name: runs.column(name).take(rows) for name in ("source_rank", "source")}
    for name, column in {**columns, "led": pa.array(led)}.items():
        at = changed.schema.get_field_index(name)
        changed = changed.set_column(at, RUNS.field(name), column)
    return changed


def _bounds(runs: pa.RecordBatch) -> Numbers:
    names = ("begin", "end", "source_begin")
    return np.stack([runs.column(name).to_numpy() for name in names], axis=1).astype(np.int64)


def _with_bounds(runs: pa.RecordBatch, bounds: Numbers) -> pa.RecordBatch:
    for i, name in enumerate(("begin", "end", "source_begin")):
        at = runs.schema.get_field_index(name)
        runs = runs.set_column(at, RUNS.field(name), pa.array(bounds[:, i]))
    return runs
