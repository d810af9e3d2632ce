"""Runs of shingles: of them signatures, sets and anchors are made, a group of texts at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.buffers import text_buffers
from dedup.sketch.characters import load_table
from dedup.sketch.runs_kernels import hash_texts
from dedup.sketch.words_kernels import PADDING

GROUP_BYTES = 1 << 18
"""Texts of about so many bytes are hashed at once: their shingles stay in the cache."""


@dataclass(frozen=True)
class Runs:
    """Of the texts from `begin` to `end`: keys, numbers of words, and shingles.

    keys: uint64[n]; n_words: int32[n]; the shingles of text i, in reading order, are
    shingles[ends[i]:ends[i + 1]], uint64; ends: int64[n + 1]. The next group overwrites
    the shingles.
    """

    begin: int
    end: int
    keys: npt.NDArray[np.uint64]
    n_words: npt.NDArray[np.int32]
    shingles: npt.NDArray[np.uint64]
    ends: npt.NDArray[np.int64]


def hash_runs(texts: pa.Array, ngram: int) -> Iterator[Runs]:
    """Hash texts into runs of shingles; a text that is shorter than a shingle has none."""
    data, offsets = text_buffers(texts)
    table, cuts = load_table(), _groups(offsets)
    folded, words = scratch(longest_run(offsets))
    shingles = np.empty(int(np.diff(offsets[cuts]).max(initial=0)) + 1, np.uint64)
    for begin, end in pairwise(cuts.tolist()):
        n = end - begin
        keys, n_words = np.empty(n, np.uint64), np.empty(n, np.int32)
        ends = np.empty(n + 1, np.int64)
        hash_texts(
            data,
            offsets[begin:end],
            offsets[begin + 1 : end + 1],
            table,
            ngram,
            folded,
            words,
            keys,
            n_words,
            shingles,
            ends,
        )
        yield Runs(begin, end, keys, n_words, shingles, ends)


def most_shingles(texts: pa.Array) -> int:
    """Bound how many shingles texts have: a word has a byte and one beside it, or is three long."""
    _, offsets = text_buffers(texts)
    return int(offsets[-1] - offsets[0]) // 2 + len(texts)


def scratch(n_bytes: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint64]]:
    """Make room for the folded bytes and the words of a text of so many bytes."""
    return np.empty(2 * n_bytes + PADDING, np.uint8), np.empty(n_bytes + 1, np.uint64)


def longest_run(ends: npt.NDArray[np.int64]) -> int:
    """Give the length of the longest of the runs between ascending offsets; 0 if none is."""
    return int(np.diff(ends).max(initial=0))


def _groups(offsets: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Cut n texts into groups: ascending int64[m], from 0 to n."""
    marks = np.arange(offsets[0], offsets[-1], GROUP_BYTES)
    whole = np.array([0, len(offsets) - 1])
    return np.union1d(whole, np.searchsorted(offsets, marks))
