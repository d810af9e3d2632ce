"""From texts to their sets of shingles, and to anchors."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel
from dedup.sketch.shingles_kernels import hash_shingles, select_anchors, sort_distinct
from dedup.sketch.words_kernels import PADDING, fold, hash_words

Bytes = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint64]
Offsets = npt.NDArray[np.int64]
Table = npt.NDArray[np.int32]


@kernel
def shingle_texts(
    source: Bytes, offsets: Offsets, table: Table, ngram: int, ends: Offsets
) -> Hashes:
    """Shingle each text source[offsets[i]:offsets[i + 1]].

    Parameters
    ----------
    ngram: words in a shingle. ends: int64[len(offsets)], written: offsets into the result.

    Returns
    -------
    Distinct shingles, ascending within each text.
    """
    n_texts = len(offsets) - 1
    longest = longest_text(offsets)
    folded = np.empty(2 * longest + PADDING, np.uint8)
    words = np.empty(longest + 1, np.uint64)
    run = np.empty(longest + 1, np.uint64)
    places = np.empty(2 * longest + 4, np.uint32)
    # most bytes of text make no shingle of their own: the array grows as it fills
    shingles = np.empty((offsets[n_texts] - offsets[0]) // 5 + longest + 1, np.uint64)
    ends[0] = 0
    for i in range(n_texts):
        n_bytes = fold(source, offsets[i], offsets[i + 1], table, folded)
        n = hash_shingles(words, hash_words(folded, n_bytes, words), ngram, run)
        shingles = grow(shingles, ends[i] + n)
        ends[i + 1] = ends[i] + sort_distinct(run, n, places, shingles[ends[i] :])
    return shingles[: ends[n_texts]]


@kernel
def anchor_texts(
    source: Bytes, offsets: Offsets, table: Table, settings: tuple[int, int], ends: Offsets
) -> Hashes:
    """Find the anchors of each text source[offsets[i]:offsets[i + 1]].

    Parameters
    ----------
    settings: words in a shingle, and shingles of which the lowest is an anchor.
    ends: int64[len(offsets)], written: offsets into the result.

    Returns
    -------
    Distinct anchors, ascending within each text.
    """
    n_texts = len(offsets) - 1
    longest = longest_text(offsets)
    folded = np.empty(2 * longest + PADDING, np.uint8)
    words = np.empty(longest + 1, np.uint64)
    run = np.empty(longest + 1, np.uint64)
    places = np.empty(2 * longest + 4, np.uint32)
    anchors = np.empty((offsets[n_texts] - offsets[0]) // 5 + longest + 1, np.uint64)
    ends[0] = 0
    for i in range(n_texts):
        n_bytes = fold(source, offsets[i], offsets[i + 1], table, folded)
        n = hash_shingles(words, hash_words(folded, n_bytes, words), settings[0], run)
        # the words are shingled: their place holds the anchors
        n = select_anchors(run, n, settings[1], words)
        anchors = grow(anchors, ends[i] + n)
        ends[i + 1] = ends[i] + sort_distinct(words, n, places, anchors[ends[i] :])
    return anchors[: ends[n_texts]]


@kernel
def longest_text(offsets: Offsets) -> int:
    """Give the length of the longest text."""
    longest = np.int64(0)
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    return longest


@kernel
def grow(values: Hashes, n: int) -> Hashes:
    """Make room for n values, at least twice as much as there was."""
    if n <= len(values):
        return values
    larger = np.empty(max(n, 2 * len(values)), np.uint64)
    for i in range(len(values)):
        larger[i] = values[i]
    return larger
