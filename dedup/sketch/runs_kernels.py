"""From texts to keys and runs of shingles: the part that all sketches share."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel
from dedup.sketch.shingles_kernels import hash_shingles
from dedup.sketch.words_kernels import fold, hash_sequence, hash_wordless, hash_words

Bytes = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint64]
Offsets = npt.NDArray[np.int64]


@kernel
def hash_texts(
    source: Bytes,
    begins: Offsets,
    stops: Offsets,
    table: npt.NDArray[np.int32],
    ngram: int,
    folded: Bytes,
    words: Hashes,
    keys: Hashes,
    n_words: npt.NDArray[np.int32],
    shingles: Hashes,
    ends: Offsets,
) -> None:
    """Write key, number of words and shingles of each text source[begins[i]:stops[i]].

    Parameters
    ----------
    ngram: words in a shingle.
    folded: uint8[2 * bytes of the longest text + PADDING]; words: uint64[its bytes + 1]: scratch.
    keys: uint64[n], n_words: int32[n], written.
    shingles: uint64[at least the texts' bytes], written: those of each text in reading order.
    ends: int64[n + 1], written: offsets into `shingles`.
    """
    count = np.int64(0)
    for i in range(len(begins)):
        ends[i] = count
        n = hash_words(folded, fold(source, begins[i], stops[i], table, folded), words)
        n_words[i] = n
        if n:
            keys[i] = hash_sequence(words, n)
        else:
            keys[i] = hash_wordless(source, begins[i], stops[i])
        count += hash_shingles(words, n, ngram, shingles[count:])
    ends[len(begins)] = count
