"""Runs of consecutive blocks that stand, in the same order, elsewhere: a reprinted section.

A page is the sequence of the clusters of its blocks; those without words are passed over, so
that a rule between two paragraphs does not end a run.
"""

import numpy as np
import pyarrow as pa

from dedup import schema
from dedup.buffers import as_hashes, list_buffers
from dedup.match.runs import ORDER, PLACED_RUNS, Numbers, Symbols, all_windows

MIN_BLOCKS = 2

SEQUENCES = pa.schema(
    [
        *ORDER,
        # lists with an item for each block that has words, in reading order:
        # key of the keeper of its near-duplicates, or its own
        pa.field("clusters", pa.list_(pa.int64()), nullable=False),
        pa.field("keys", pa.list_(pa.int64()), nullable=False),
        pa.field("indexes", pa.list_(pa.int32()), nullable=False),
        pa.field("n_words", pa.list_(pa.int32()), nullable=False),
    ]
)
"""One row a document that has words, sorted by rank."""

BLOCK_SPANS = pa.schema(
    [
        *PLACED_RUNS,
        pa.field("first_block", pa.int32(), nullable=False),
        pa.field("last_block", pa.int32(), nullable=False),
        pa.field("n_words", pa.int64(), nullable=False),
    ]
)

BLOCK_PAIRS = pa.schema(
    [*(PLACED_RUNS.field(n) for n in PLACED_RUNS.names if n != "keep"), *schema.CANDIDATES]
)
"""Blocks of different words that face each other in a run and its keeper."""

SEQUENCED = """
SELECT k.document, d.rank, coalesce(c.keeper, k.key) AS clusters, k.key AS keys,
       k."index" AS indexes, k.n_words, k."index"
FROM block_keys k
JOIN documents d ON k.document = d.document
LEFT JOIN clusters c ON k.key = c.key
WHERE k.n_words > 0
ORDER BY rank, "index"
"""
"""One row a block: rows of SEQUENCES."""

FACING = "SELECT DISTINCT a, b FROM faced ORDER BY a, b"

SIMILARITIES = """
SELECT f.document, f."begin", f."end", f.keeper, f.keeper_begin,
       min(coalesce(p.similarity, 0.0)) AS similarity
FROM faced f LEFT JOIN pairs p ON f.a = p.a AND f.b = p.b
GROUP BY ALL
"""
SIMILARITY_ROWS = pa.schema(
    [
        *(BLOCK_PAIRS.field(n) for n in BLOCK_PAIRS.names if n not in ("a", "b")),
        schema.PAIRS.field("similarity"),
    ]
)


def cluster_sequences(sequences: pa.RecordBatch) -> tuple[Symbols, Numbers]:
    """See the clusters of blocks as symbols: uint64[m], and int64[n + 1] offsets into them."""
    values, offsets = list_buffers(sequences.column("clusters"))
    # a copy, since numba compiles a kernel anew for an array that cannot be written to
    return as_hashes(values).copy(), offsets


def block_windows(sequences: pa.RecordBatch) -> tuple[Symbols, Numbers, Numbers]:
    """Hash each two blocks in a row; as runs.all_windows."""
    return all_windows(*cluster_sequences(sequences), MIN_BLOCKS)


def span_blocks(placed: pa.RecordBatch, sequences: pa.RecordBatch) -> pa.RecordBatch:
    """Name the first and the last block of each run, and count its words.

    Parameters
    ----------
    placed: runs.PLACED_RUNS. sequences: SEQUENCES of its documents, sorted by document.

    Returns
    -------
    BLOCK_SPANS.
    """
    first, last = _items(placed, sequences, "document", "begin")
    indexes, offsets = list_buffers(sequences.column("indexes"))
    counts, bounds = list_buffers(sequences.column("n_words"))
    words = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts.to_numpy(), dtype=np.int64)])
    shift = bounds[0] - offsets[0]
    columns = [
        *placed.columns,
        indexes.take(pa.array(first)),
        indexes.take(pa.array(last - 1)),
        pa.array(words[last + shift] - words[first + shift]),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=BLOCK_SPANS)


def face_blocks(placed: pa.RecordBatch, sequences: pa.RecordBatch) -> pa.RecordBatch:
    """List the blocks of each run whose words are not those of the keeper's block.

    Parameters
    ----------
    placed: runs.PLACED_RUNS. sequences: SEQUENCES of its documents and keepers, sorted by
        document.

    Returns
    -------
    BLOCK_PAIRS.
    """
    keys = list_buffers(sequences.column("keys"))[0].to_numpy()
    first, last = _items(placed, sequences, "document", "begin")
    theirs, _ = _items(placed, sequences, "keeper", "keeper_begin")
    row = np.repeat(np.arange(placed.num_rows), last - first)
    step = np.arange(len(row)) - np.repeat(np.cumsum(last - first) - (last - first), last - first)
    one, other = keys[first[row] + step], keys[theirs[row] + step]
    differ = one != other
    row = pa.array(row[differ])
    columns = [placed.column(n).take(row) for n in BLOCK_PAIRS.names if n not in ("a", "b")]
    columns += [pa.array(pick(one[differ], other[differ])) for pick in (np.minimum, np.maximum)]
    return pa.RecordBatch.from_arrays(columns, schema=BLOCK_PAIRS)


def _items(
    placed: pa.RecordBatch, sequences: pa.RecordBatch, document: str, begin: str
) -> tuple[Numbers, Numbers]:
    """Give the places of each run's items among the values of the sequences' lists."""
    offsets = list_buffers(sequences.column("keys"))[1]
    documents = sequences.column("document").to_numpy()
    rows = np.searchsorted(documents, placed.column(document).to_numpy())
    first = offsets[rows] + placed.column(begin).to_numpy()
    return first, first + placed.column("end").to_numpy() - placed.column("begin").to_numpy()
