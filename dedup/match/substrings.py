"""Repeated runs of words anywhere in texts: which windows of words are worth grouping.

A window of N words is grouped if it holds a seed that stands twice: the lowest hash of some
N / 2 words among those that begin in a row of so many that every window of N words holds one.
So no repeated window is missed, and of text that stands once hardly a window is written down.

Measured on the 36 MB of `benchmarks.planted`'s 10,000 documents, CPU seconds on one core: this
way 0.5 (75 MB/s), with 24 bytes for a word in fourteen and 16 a repeated window on disk; a suffix
array of the bytes (libdivsufsort) 4.6, its LCP array (Kasai) 2.8 more, and five bytes of memory a
byte of text at the least.
"""

import numpy as np
import pyarrow as pa

from dedup.buffers import list_buffers
from dedup.match.runs import ORDER, Numbers, Symbols, find_seeds, scoped, seeded_windows

SEEDS = pa.schema(
    [
        # hash of the seed's words and the scope
        pa.field("bucket", pa.int64(), nullable=False),
        pa.field("document", pa.int64(), nullable=False),
        # number of its first word
        pa.field("at", pa.int64(), nullable=False),
    ]
)

SEEDED = pa.schema(
    [
        *ORDER,
        # numbers of the words at which a seed begins that stands twice, ascending
        pa.field("seeds", pa.list_(pa.int64()), nullable=False),
    ]
)
"""One row a document that has such seeds, sorted by rank."""

SEEDED_DOCUMENTS = """
WITH shared AS (SELECT bucket FROM seeds GROUP BY bucket HAVING count(*) > 1)
SELECT s.document, d.rank, s."at" AS seeds, 0 AS "index"
FROM seeds s
JOIN shared t ON s.bucket = t.bucket
JOIN documents d ON s.document = d.document
ORDER BY rank, seeds
"""
"""One row a seed: rows of SEEDED."""


def seed_size(n_words: int) -> int:
    """Give the number of words in a seed, for passages of at least `n_words`.

    Examples
    --------
    >>> seed_size(50)
    25
    """
    return max(1, n_words // 2)


def seed_width(n_words: int) -> int:
    """Give the number of seeds in a row of which one is chosen."""
    return n_words - seed_size(n_words) + 1


def place_seeds(
    documents: pa.Array, sequences: tuple[Symbols, Numbers], scopes: Numbers, *, n_words: int
) -> pa.RecordBatch:
    """Find the seeds of texts.

    Parameters
    ----------
    documents: int64[n]. sequences: words uint64[m] and offsets int64[n + 1] into them.
    scopes: int64[n].

    Returns
    -------
    SEEDS.
    """
    hashes, rows, at = find_seeds(*sequences, seed_size(n_words), seed_width(n_words))
    columns = [pa.array(scoped(hashes, scopes[rows])), documents.take(pa.array(rows)), pa.array(at)]
    return pa.RecordBatch.from_arrays(columns, schema=SEEDS)


def windows_around(
    seeds: pa.Array, sequences: tuple[Symbols, Numbers], *, n_words: int
) -> tuple[Symbols, Numbers, Numbers]:
    """Hash the windows of `n_words` words that hold a seed.

    Parameters
    ----------
    seeds: SEEDED.seeds, those of each sequence.

    Returns
    -------
    As runs.all_windows.
    """
    values, ends = list_buffers(seeds)
    # a copy, since numba compiles a kernel anew for an array that cannot be written to
    places = np.array(values)
    return seeded_windows(*sequences, (places, ends), n_words, seed_width(n_words))
