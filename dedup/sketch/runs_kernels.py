"""From texts to keys and runs of shingles: the part that all sketches share."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel
from dedup.sketch.shingles_kernels import hash_shingles
from dedup.sketch.words_kernels import PADDING, fold, hash_sequence, hash_wordless, hash_words

Bytes = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint64]
Offsets = npt.NDArray[np.int64]


@kernel
def hash_texts(
    source: Bytes,
    offsets: Offsets,
    table: npt.NDArray[np.int32],
    ngram: int,
    keys: Hashes,
    n_words: npt.NDArray[np.int32],
    shingles: Hashes,
    ends: Offsets,
) -> None:
    """Write key, number of words and shingles of each text source[offsets[i]:offsets[i + 1]].

    Parameters
    ----------
    ngram: words in a shingle.
    keys: uint64[len(offsets) - 1], n_words: int32[n], written.
    shingles: uint64[at least the texts' bytes], written: those of each text in reading order.
    ends: int64[len(offsets)], written: offsets into `shingles`.
    """
    n_texts = len(offsets) - 1
    longest = np.int64(0)
    for i in range(n_texts):
        longest = max(longest, offsets[i + 1] - offsets[i])
    folded = np.empty(2 * longest + PADDING, np.uint8)
    words = np.empty(longest + 1, np.uint64)
    ends[0] = 0
    for i in range(n_texts):
        n_bytes = fold(source, offsets[i], offsets[i + 1], table, folded)
        n = hash_words(folded, n_bytes, words)
        n_words[i] = n
        if n:
            keys[i] = hash_sequence(words, n)
        else:
            keys[i] = hash_wordless(source, offsets[i], offsets[i + 1])
        ends[i + 1] = ends[i] + hash_shingles(words, n, ngram, shingles[ends[i] :])
