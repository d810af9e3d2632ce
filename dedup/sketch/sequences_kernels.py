"""Where in its text each word stands. Cost: each character is decoded once."""

import numpy as np
import numpy.typing as npt

from dedup.jit import allocating_kernel, kernel
from dedup.sketch.words_kernels import decode

_SEPARATOR, _ALONE, _IGNORED = 0, 2, 3

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Table = npt.NDArray[np.int32]


@kernel
def place_words(source: Bytes, begin: int, end: int, table: Table, places: Places) -> int:
    """Write where the words of source[begin:end] begin and end.

    Parameters
    ----------
    places: int32[at least end - begin, 3], written: first character of a word, the one behind
        its last, and its first byte. The n-th word is the n-th that `hash_words` hashes.

    Returns
    -------
    The number of words.
    """
    n_words = 0
    is_open = False
    at = np.int64(begin)
    character = np.int32(0)
    while at < end:
        if source[at] < 0x80:
            code, size = np.int64(source[at]), np.int64(1)
        else:
            code, size = decode(source, at, end)
        kind = table[table[code >> 8] + (code & 255)] & 3
        if kind == _SEPARATOR:
            is_open = False
        elif kind != _IGNORED:
            if kind == _ALONE or not is_open:
                places[n_words, 0] = character
                places[n_words, 2] = at - begin
                n_words += 1
            places[n_words - 1, 1] = character + 1
            is_open = kind != _ALONE
        at += size
        character += 1
    return n_words


@allocating_kernel
def locate_spans(
    source: Bytes,
    offsets: Offsets,
    table: Table,
    texts: Offsets,
    words: Offsets,
    spans: Offsets,
) -> None:
    """Turn spans of words into spans of characters.

    Parameters
    ----------
    texts: int64[s], ascending: the text of each span. words: int64[s, 2], the first word of
        each span and the one behind its last. spans: int64[s, 3], written: first character, the
        one behind the last, first byte.
    """
    longest = np.int64(0)
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    places = np.empty((longest + 1, 3), np.int32)
    placed = np.int64(-1)
    for i in range(len(texts)):
        if texts[i] != placed:
            placed = texts[i]
            place_words(source, offsets[placed], offsets[placed + 1], table, places)
        spans[i, 0] = places[words[i, 0], 0]
        spans[i, 1] = places[words[i, 1] - 1, 1]
        spans[i, 2] = places[words[i, 0], 2]
