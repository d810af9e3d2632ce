"""Kernels that count what stands in blocks, over Arrow's text buffers."""

import numpy as np
import numpy.typing as npt

from dedup.classify.characters import (
    BREAK,
    DIGIT,
    LETTER,
    MARK,
    SPACE,
    SYMBOL,
    UNSPACED,
    UPPER,
)  # fmt: skip
from dedup.jit import allocating_kernel, kernel

Bytes = npt.NDArray[np.uint8]
Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float32]

# columns of `count_characters` after the 16 kinds of character
N_CHARACTERS, N_WORDS, N_CAPITALISED, N_NUMBERS, N_LONG, LONGEST, FIRST, LAST = range(16, 24)
N_COUNTS = 24
PRIME = np.uint32(16777619)
SEED = np.uint32(2166136261)


@kernel
def mixed(h: np.uint32) -> np.uint32:
    """Spread a 32-bit hash (the finaliser of MurmurHash3, Appleby, public domain)."""
    h = np.uint32(h ^ (h >> np.uint32(16)))
    h = np.uint32(h * np.uint32(0x85EBCA6B))
    h = np.uint32(h ^ (h >> np.uint32(13)))
    h = np.uint32(h * np.uint32(0xC2B2AE35))
    return np.uint32(h ^ (h >> np.uint32(16)))


@kernel
def joined(a: np.uint32, b: np.uint32) -> np.uint32:
    """Hash an ordered pair of hashes."""
    return mixed(np.uint32(np.uint32(a * np.uint32(0x9E3779B1)) ^ b))


@allocating_kernel
def count_characters(
    data: Bytes,
    starts: Longs,
    ends: Longs,
    tables: tuple[Bytes, npt.NDArray[np.uint16]],
) -> tuple[Ints, Hashes, Longs]:
    """Count kinds of characters and words in each block, and hash its words.

    A run of letters, digits and marks is a word; a character of a script without spaces
    is one of its own.

    Parameters
    ----------
    data: uint8[n], UTF-8. starts, ends: int64[b], spans on character boundaries.
    tables: `characters.character_tables()`.

    Returns
    -------
    counts: int32[b, N_COUNTS]; words: uint32[w], lower-cased and hashed, in reading order;
    offsets: int64[b + 1] into words.

    Cost: some 10 operations a byte, one pass.
    """
    kinds, lower = tables
    n = len(starts)
    counts = np.zeros((n, N_COUNTS), np.int32)
    offsets = np.zeros(n + 1, np.int64)
    room = 1
    for b in range(n):
        room += ends[b] - starts[b]
    words = np.empty(room // 2 + n + 1, np.uint32)
    w = 0
    for b in range(n):
        row = counts[b]
        i, end = starts[b], ends[b]
        h, length, digits, capital = SEED, 0, 0, False
        first, last = -1, 0
        while i < end:
            c = np.int64(data[i])
            if c < 0x80:
                i += 1
            elif c < 0xE0 and i + 1 < end:
                c = ((c & 0x1F) << 6) | (data[i + 1] & 0x3F)
                i += 2
            elif c < 0xF0 and i + 2 < end:
                c = ((c & 0x0F) << 12) | ((data[i + 1] & 0x3F) << 6) | (data[i + 2] & 0x3F)
                i += 3
            elif i + 3 < end:
                c = np.int64(0x10000 + (data[i + 3] & 0x3F) + ((c & 0x07) << 18))
                c += ((data[i + 1] & 0x3F) << 12) | ((data[i + 2] & 0x3F) << 6)
                c -= 0x10000
                i += 4
            else:
                i = end
                break
            if c < 65536:
                kind = kinds[c]
                small = np.uint32(lower[c])
            else:
                # beyond the basic plane: ideographs, else mostly pictures
                kind = UNSPACED if 0x20000 <= c < 0x32000 else SYMBOL
                small = np.uint32(c)
            row[kind] += 1
            row[N_CHARACTERS] += 1
            if kind != SPACE and kind != BREAK:
                if first < 0:
                    first = kind
                last = kind
            in_word = kind == LETTER or kind == UPPER or kind == DIGIT or kind == MARK
            if in_word:
                if length == 0 and kind == UPPER:
                    capital = True
                h = np.uint32(np.uint32(h ^ small) * PRIME)
                length += 1
                digits += kind == DIGIT
            if length and (not in_word or i >= end):
                words[w] = mixed(h)
                w += 1
                row[N_WORDS] += 1
                row[N_CAPITALISED] += capital
                row[N_NUMBERS] += digits == length
                row[N_LONG] += length >= 5
                row[LONGEST] = max(row[LONGEST], length)
                h, length, digits, capital = SEED, 0, 0, False
            if kind == UNSPACED:
                words[w] = mixed(np.uint32(np.uint32(SEED ^ small) * PRIME))
                w += 1
                row[N_WORDS] += 1
        row[FIRST] = max(first, 0)
        row[LAST] = last
        offsets[b + 1] = w
    return counts, words[:w].copy(), offsets


@kernel
def table_slot(keys: Hashes, key: np.uint32) -> int:
    """Find the slot of `key` (or the free one where it belongs) in an open table; 0 is free."""
    mask = np.int64(len(keys) - 1)
    slot = np.int64(key) & mask
    while keys[slot] != 0 and keys[slot] != key:
        slot = (slot + 1) & mask
    return slot


@kernel
def fill_table(keys: Hashes, weights: Floats, table: Hashes, values: Floats) -> None:
    """Put keys and their weights into an open table that has room for them."""
    for i in range(len(keys)):
        slot = table_slot(table, keys[i])
        table[slot] = keys[i]
        values[slot] = weights[i]


@allocating_kernel
def lexicon_scores(
    words: Hashes, offsets: Longs, keys: Hashes, weights: Floats, salt: np.uint32
) -> Floats:
    """Summarise the learned weights of the words, word pairs and the whole of each block.

    Parameters
    ----------
    words: uint32[w]; offsets: int64[b + 1]. keys: uint32[2^k], open table; weights: float32[2^k].
    salt: tells whole texts from single words.

    Returns
    -------
    float32[b, 6]: mean, least and greatest weight of words and pairs, share of known words,
    weight of the whole block, weight of its first word.
    """
    n = len(offsets) - 1
    out = np.zeros((n, 6), np.float32)
    for b in range(n):
        # blocks side by side have the same classes
        if b > 0 and is_repeated(words, offsets, b):
            out[b] = out[b - 1]
            continue
        low, high, total, known = np.float32(0), np.float32(0), np.float64(0), 0
        begin, end = offsets[b], offsets[b + 1]
        whole = salt
        before = np.uint32(0)
        for i in range(begin, end):
            whole = joined(whole, words[i])
            for gram in range(2 if i > begin else 1):
                key = words[i] if gram == 0 else joined(before, words[i])
                slot = table_slot(keys, key)
                if keys[slot] != 0:
                    weight = weights[slot]
                    total += weight
                    known += gram == 0
                    low, high = min(low, weight), max(high, weight)
                    if i == begin:
                        out[b, 5] = weight
            before = words[i]
        if end > begin:
            slot = table_slot(keys, whole)
            out[b, 0] = total / (end - begin)
            out[b, 1], out[b, 2] = low, high
            out[b, 3] = known / (end - begin)
            out[b, 4] = weights[slot] if keys[slot] != 0 else np.float32(0)
    return out


@kernel
def is_repeated(words: Hashes, offsets: Longs, b: int) -> bool:
    """Tell whether a block has the words of the one before it."""
    begin, size = offsets[b], offsets[b + 1] - offsets[b]
    before = offsets[b - 1]
    return size == begin - before and same(words, before, begin, size)


@kernel
def same(values: Hashes | Bytes, a: int, b: int, size: int) -> bool:
    """Tell whether values[a : a + size] equals values[b : b + size]."""
    for i in range(size):
        if values[a + i] != values[b + i]:
            return False
    return True


@allocating_kernel
def block_grams(words: Hashes, offsets: Longs, salt: np.uint32) -> tuple[Hashes, Longs]:
    """List for each block its distinct words, word pairs and the hash of the whole.

    The same keys that `lexicon_scores` looks up; used to learn a lexicon.
    """
    n = len(offsets) - 1
    out = np.empty(2 * len(words) + n + 1, np.uint32)
    ends = np.zeros(n + 1, np.int64)
    k = 0
    for b in range(n):
        whole = salt
        for i in range(offsets[b], offsets[b + 1]):
            whole = joined(whole, words[i])
            out[k] = words[i]
            k += 1
            if i > offsets[b]:
                out[k] = joined(words[i - 1], words[i])
                k += 1
        out[k] = whole
        k += 1
        ends[b + 1] = k
    return out[:k].copy(), ends


@allocating_kernel
def vocabulary_shares(words: Hashes, offsets: Longs, pages: Longs, rare: int) -> Floats:
    """Tell how much of a block's words its page has elsewhere.

    Parameters
    ----------
    words, offsets: as `count_characters` gives them. pages: int64[p + 1] into the blocks.
    rare: a word that stands in more blocks of the page than this is too common to count.

    Returns
    -------
    float32[b, 5]: share of words that stand in another block; mean logarithm of the
    number of blocks with the word; share of word triples that stand elsewhere; number of
    blocks with the same words; number of those before this one.
    """
    n = len(offsets) - 1
    out = np.zeros((n, 5), np.float32)
    for p in range(len(pages) - 1):
        first, after = pages[p], pages[p + 1]
        n_words = offsets[after] - offsets[first]
        size = 16
        while size < 2 * n_words + 2 * (after - first):
            size *= 2
        keys = np.zeros(size, np.uint32)
        blocks = np.zeros(size, np.int32)  # how many blocks have the word
        seen = np.full(size, -1, np.int64)  # the last of them
        triples = np.zeros(size, np.uint32)
        often = np.zeros(size, np.int32)
        wholes = np.zeros(size, np.uint32)
        copies = np.zeros(size, np.int32)
        for b in range(first, after):
            whole = np.uint32(1)
            for i in range(offsets[b], offsets[b + 1]):
                whole = joined(whole, words[i])
                key = max(words[i], np.uint32(1))
                slot = table_slot(keys, key)
                keys[slot] = key
                if seen[slot] != b:
                    seen[slot] = b
                    blocks[slot] += 1
                if i >= offsets[b] + 2:
                    key = max(
                        joined(joined(words[i - 2], words[i - 1]), words[i]),
                        np.uint32(1),
                    )
                    slot = table_slot(triples, key)
                    triples[slot] = key
                    often[slot] += 1
            slot = table_slot(wholes, max(whole, np.uint32(1)))
            wholes[slot] = max(whole, np.uint32(1))
            out[b, 4] = copies[slot]
            copies[slot] += 1
        for b in range(first, after):
            whole = np.uint32(1)
            shared, logs, repeated = 0, np.float64(0), 0
            count = offsets[b + 1] - offsets[b]
            for i in range(offsets[b], offsets[b + 1]):
                whole = joined(whole, words[i])
                found = blocks[table_slot(keys, max(words[i], np.uint32(1)))]
                shared += 1 < found <= rare
                logs += np.log(np.float64(found))
                if i >= offsets[b] + 2:
                    key = max(
                        joined(joined(words[i - 2], words[i - 1]), words[i]),
                        np.uint32(1),
                    )
                    repeated += often[table_slot(triples, key)] > 1
            out[b, 0] = shared / max(1, count)
            out[b, 1] = logs / max(1, count)
            out[b, 2] = repeated / max(1, count - 2)
            out[b, 3] = copies[table_slot(wholes, max(whole, np.uint32(1)))]
    return out


@allocating_kernel
def overlap(words: Hashes, offsets: Longs, pages: Longs, title: Hashes, titles: Longs) -> Floats:
    """Compare each block with its page's title.

    Parameters
    ----------
    title: uint32[t] word hashes; titles: int64[p + 1] into them.

    Returns
    -------
    float32[b, 2]: share of the title's words that the block has, share of the block's words
    that the title has; -1 where the page has no title.
    """
    out = np.full((len(offsets) - 1, 2), -1, np.float32)
    for p in range(len(pages) - 1):
        low, high = titles[p], min(titles[p + 1], titles[p] + 64)
        if low == high:
            continue
        for b in range(pages[p], pages[p + 1]):
            found, hits = np.uint64(0), 0
            for i in range(offsets[b], offsets[b + 1]):
                hit = False
                for t in range(low, high):
                    if title[t] == words[i]:
                        found |= np.uint64(1) << np.uint64(t - low)
                        hit = True
                hits += hit
            covered = 0
            for t in range(high - low):
                covered += (found >> np.uint64(t)) & np.uint64(1)
            out[b, 0] = covered / (high - low)
            out[b, 1] = hits / max(1, offsets[b + 1] - offsets[b])
    return out
