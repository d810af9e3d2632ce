"""From texts to sketches in one pass: nothing but shingles, anchors and signatures is kept."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel
from dedup.sketch.minhash_kernels import sign
from dedup.sketch.shingles_kernels import hash_shingles, select_anchors, sort_distinct
from dedup.sketch.words_kernels import PADDING, fold, hash_words

Bytes = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint64]
Offsets = npt.NDArray[np.int64]
Values = npt.NDArray[np.uint32]


@kernel
def sketch_texts(
    source: Bytes,
    offsets: Offsets,
    table: npt.NDArray[np.int32],
    ngram: int,
    window: int,
    a: Values,
    b: Values,
    signatures: Values,
) -> tuple[Hashes, Offsets, Hashes, Offsets]:
    """Sketch each text source[offsets[i]:offsets[i + 1]].

    Parameters
    ----------
    ngram: words in a shingle. window: shingles of which the lowest is an anchor; 0 for no
        anchors.
    a, b: uint32[p], the permutations. signatures: uint32[len(offsets) - 1, p], written for
        texts of at least one shingle.

    Returns
    -------
    Distinct shingles, ascending within each text, and offsets into them; anchors in reading
    order, and offsets into them.
    """
    n_texts = len(offsets) - 1
    longest = np.int64(0)
    for i in range(n_texts):
        longest = max(longest, offsets[i + 1] - offsets[i])
    folded = np.empty(2 * longest + PADDING, np.uint8)
    bounds = np.empty(2 * longest + PADDING, np.uint32)
    words = np.empty(longest + 1, np.uint64)
    run = np.empty(longest + 1, np.uint64)
    places = np.empty(2 * longest + 4, np.uint32)
    # most bytes of text make no shingle of their own: the arrays grow as they fill
    shingles = np.empty((offsets[n_texts] - offsets[0]) // 5 + longest + 1, np.uint64)
    anchors = np.empty(len(shingles) if window else 1, np.uint64)
    shingle_ends = np.zeros(n_texts + 1, np.int64)
    anchor_ends = np.zeros(n_texts + 1, np.int64)
    for i in range(n_texts):
        n_bytes = fold(source, offsets[i], offsets[i + 1], table, folded)
        n_words = hash_words(folded, n_bytes, bounds, words)
        n = hash_shingles(words, n_words, ngram, run)
        shingles = grow(shingles, shingle_ends[i] + n)
        n_distinct = sort_distinct(run, n, places, shingles[shingle_ends[i] :])
        shingle_ends[i + 1] = shingle_ends[i] + n_distinct
        anchor_ends[i + 1] = anchor_ends[i]
        if window:
            anchors = grow(anchors, anchor_ends[i] + n)
            anchor_ends[i + 1] += select_anchors(run, n, window, anchors[anchor_ends[i] :])
        if n:
            sign(shingles[shingle_ends[i] :], n_distinct, a, b, signatures[i])
    return shingles[: shingle_ends[-1]], shingle_ends, anchors[: anchor_ends[-1]], anchor_ends


@kernel
def grow(values: Hashes, n: int) -> Hashes:
    """Make room for n values, at least twice as much as there was."""
    if n <= len(values):
        return values
    larger = np.empty(max(n, 2 * len(values)), np.uint64)
    for i in range(len(values)):
        larger[i] = values[i]
    return larger
