"""From texts to signatures and keys in one pass: nothing else is kept."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel
from dedup.sketch.minhash_kernels import sign
from dedup.sketch.shingles_kernels import hash_shingles
from dedup.sketch.words_kernels import PADDING, fold, hash_sequence, hash_wordless, hash_words

Bytes = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint64]
Offsets = npt.NDArray[np.int64]
Values = npt.NDArray[np.uint32]


@kernel
def sign_texts(
    source: Bytes,
    offsets: Offsets,
    table: npt.NDArray[np.int32],
    ngram: int,
    a: Values,
    b: Values,
    signatures: Values,
    keys: Hashes,
    n_words: npt.NDArray[np.int32],
) -> None:
    """Write key, number of words and signature of each text source[offsets[i]:offsets[i + 1]].

    Parameters
    ----------
    ngram: words in a shingle. a, b: uint32[p], the permutations.
    signatures: uint32[len(offsets) - 1, p], written for texts of at least one shingle.
    keys: uint64[n], n_words: int32[n], written.
    """
    n_texts = len(offsets) - 1
    longest = np.int64(0)
    for i in range(n_texts):
        longest = max(longest, offsets[i + 1] - offsets[i])
    folded = np.empty(2 * longest + PADDING, np.uint8)
    bounds = np.empty(2 * longest + PADDING, np.uint32)
    words = np.empty(longest + 1, np.uint64)
    run = np.empty(longest + 1, np.uint64)
    for i in range(n_texts):
        n_bytes = fold(source, offsets[i], offsets[i + 1], table, folded)
        n = hash_words(folded, n_bytes, bounds, words)
        n_words[i] = n
        if n == 0:
            keys[i] = hash_wordless(source, offsets[i], offsets[i + 1])
            continue
        keys[i] = hash_sequence(words, n)
        n_shingles = hash_shingles(words, n, ngram, run)
        if n_shingles:
            sign(run, n_shingles, a, b, signatures[i])
