"""Words and their hashes, from UTF-8 bytes.

Cost: each byte is read once and written once 64 at a time, each word's bytes are read once
more eight at a time; characters beyond ASCII are decoded one by one.
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import inlined
from dedup.sketch.vector_kernels import (
    count_bits,
    first_bit,
    fold_ascii,
    load_word,
    nonzero_bytes,
)

PADDING = 192
"""Bytes that must follow the folded text: two vectors of zeros and an 8-byte read beyond."""

_SEPARATOR, _ALONE, _IGNORED = 0, 2, 3
_M1 = np.uint64(0x9E3779B97F4A7C15)
_M2 = np.uint64(0xC2B2AE3D27D4EB4F)
_TEXT_SEED = np.uint64(0x165667B19E3779F9)
_BYTES_SEED = np.uint64(0x27D4EB2F165667C5)
_FIRST = np.array([(1 << (8 * min(n, 8))) - 1 for n in range(17)], np.uint64)
_SECOND = np.array([(1 << (8 * max(n - 8, 0))) - 1 for n in range(17)], np.uint64)

Bytes = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint64]


@inlined
def fold(source: Bytes, begin: int, end: int, table: npt.NDArray[np.int32], folded: Bytes) -> int:
    """Write the words of source[begin:end] to `folded`: small letters, zeros between words.

    Parameters
    ----------
    source: uint8[n], UTF-8; broken sequences separate words.
    table: int32[m] of characters.load_table.
    folded: uint8[at least 2 * (end - begin) + PADDING].

    Returns
    -------
    The number of bytes written; at least 128 zeros follow them.
    """
    to, at = np.int64(0), np.int64(begin)
    last_whole = np.int64(len(source)) - 64
    while at < end:
        n = end - at if end - at < 64 else np.int64(64)
        if at <= last_whole:
            beyond_ascii = fold_ascii(source, at, folded, to)
        else:
            # what lies behind the source must not be read: its end is folded where it goes
            for i in range(64):
                folded[to + i] = source[at + i] if i < n else np.uint8(0)
            beyond_ascii = fold_ascii(folded, to, folded, to)
        plain = np.int64(first_bit(beyond_ascii))
        n = plain if plain < n else n
        at += n
        to += n
        while at < end and source[at] >= 0x80:
            code, size = decode(source, at, end)
            at += size
            to = append(code, table[table[code >> 8] + (code & 255)], folded, to)
    for i in range(128):
        folded[to + i] = 0
    return to


@inlined
def decode(source: Bytes, at: int, end: int) -> tuple[int, int]:
    """Decode one character beyond ASCII; a broken sequence is code 0 and one byte long."""
    first = np.int64(source[at])
    if first >= 0xF0:
        size, code = np.int64(4), first & 0x07
    elif first >= 0xE0:
        size, code = np.int64(3), first & 0x0F
    elif first >= 0xC2:
        size, code = np.int64(2), first & 0x1F
    else:
        return np.int64(0), np.int64(1)
    if at + size > end:
        return np.int64(0), np.int64(1)
    for i in range(1, size):
        byte = np.int64(source[at + i])
        if byte & 0xC0 != 0x80:
            return np.int64(0), np.int64(1)
        code = (code << 6) | (byte & 0x3F)
    if code > 0x10FFFF:
        return np.int64(0), np.int64(1)
    return code, size


@inlined
def append(code: int, entry: int, folded: Bytes, to: int) -> int:
    """Write a character as its entry says, with zeros around one that is a word of its own."""
    kind = entry & 3
    if kind == _IGNORED:
        return to
    if kind == _SEPARATOR:
        folded[to] = 0
        return to + 1
    if kind == _ALONE:
        folded[to] = 0
        to += 1
    code = np.uint32(code + (entry >> 2))
    if code < 0x80:
        folded[to] = code
        to += 1
    elif code < 0x800:
        folded[to] = 0xC0 | (code >> 6)
        folded[to + 1] = 0x80 | (code & 0x3F)
        to += 2
    elif code < 0x10000:
        folded[to] = 0xE0 | (code >> 12)
        folded[to + 1] = 0x80 | ((code >> 6) & 0x3F)
        folded[to + 2] = 0x80 | (code & 0x3F)
        to += 3
    else:
        folded[to] = 0xF0 | (code >> 18)
        folded[to + 1] = 0x80 | ((code >> 12) & 0x3F)
        folded[to + 2] = 0x80 | ((code >> 6) & 0x3F)
        folded[to + 3] = 0x80 | (code & 0x3F)
        to += 4
    if kind == _ALONE:
        folded[to] = 0
        to += 1
    return to


@inlined
def hash_words(folded: Bytes, n: int, words: Hashes) -> int:
    """Hash the words of a folded text.

    Parameters
    ----------
    folded: uint8, n bytes of it and 128 zeros after them.
    words: uint64[at least n // 2 + 1], written.

    Returns
    -------
    The number of words.
    """
    # indices are unsigned, or numba would ask of each whether it counts from the end
    n_words, begin = np.uint64(0), np.uint64(0)
    before = np.uint64(0)
    one = np.uint64(1)
    for at in range(0, n + 1, 64):
        inside = nonzero_bytes(folded, at)
        follows = (inside << one) | before
        begins, ends = inside & ~follows, follows & ~inside
        if before == np.uint64(0):
            begin = np.uint64(at) + first_bit(begins)
            begins &= begins - one
        before = inside >> np.uint64(63)
        for _ in range(count_bits(ends)):
            end = np.uint64(at) + first_bit(ends)
            ends &= ends - one
            words[n_words] = hash_bytes(folded, np.int64(begin), end - begin)
            n_words += one
            # of the word that goes on in the next 64 bytes, if there is one
            begin = np.uint64(at) + first_bit(begins)
            begins &= begins - one
    return np.int64(n_words)


@inlined
def hash_bytes(data: Bytes, at: int, n: int) -> int:
    """Hash data[at : at + n], n: uint64; up to 16 bytes beyond it are read."""
    h = n * _M2
    while n > np.uint64(16):
        h = (h ^ load_word(data, at)) * _M1
        h ^= h >> np.uint64(32)
        at += 8
        n -= np.uint64(8)
    h = (h ^ (load_word(data, at) & _FIRST[n])) * _M1
    h ^= h >> np.uint64(32)
    h = (h ^ (load_word(data, at + 8) & _SECOND[n])) * _M2
    return h ^ (h >> np.uint64(29))


@inlined
def hash_sequence(words: Hashes, n: int) -> int:
    """Hash a sequence of words: the key of a text."""
    # four chains, since each step of one waits for the step before it
    h0 = h1 = h2 = h3 = _TEXT_SEED ^ np.uint64(n)
    whole = n - n % 4
    for i in range(0, whole, 4):
        h0 = (h0 ^ words[i]) * _M1
        h1 = (h1 ^ words[i + 1]) * _M1
        h2 = (h2 ^ words[i + 2]) * _M1
        h3 = (h3 ^ words[i + 3]) * _M1
        h0 ^= h0 >> np.uint64(32)
        h1 ^= h1 >> np.uint64(32)
        h2 ^= h2 >> np.uint64(32)
        h3 ^= h3 >> np.uint64(32)
    for i in range(whole, n):
        h0 = (h0 ^ words[i]) * _M1
        h0 ^= h0 >> np.uint64(32)
    h = (h0 * _M2) ^ (h0 >> np.uint64(31))
    h = (h ^ h1) * _M2
    h = (h ^ (h >> np.uint64(32)) ^ h2) * _M2
    h = (h ^ (h >> np.uint64(32)) ^ h3) * _M2
    return h ^ (h >> np.uint64(31))


@inlined
def hash_wordless(source: Bytes, begin: int, end: int) -> int:
    """Hash the raw bytes of a text without words."""
    h = _BYTES_SEED ^ np.uint64(end - begin)
    for i in range(begin, end):
        h = (h ^ np.uint64(source[i])) * _M1
        h ^= h >> np.uint64(32)
    return (h * _M2) ^ (h >> np.uint64(31))
