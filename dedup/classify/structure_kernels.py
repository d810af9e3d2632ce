"""Kernels that read paths and hints: which elements hold a block, and what they are called."""

import numpy as np
import numpy.typing as npt

from dedup.classify.features_kernels import same
from dedup.jit import allocating_kernel, kernel

Bytes = npt.NDArray[np.uint8]
Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.uint32]
Keys = npt.NDArray[np.uint64]

LEVELS = 5
"""A block's group is looked at with 0 to 4 of its innermost elements left out."""

MOST_WORDS = 64
"""Words of a block's own element, and of those above it, that are looked at."""

_SEED = np.uint32(2166136261)
_PRIME = np.uint32(16777619)


@kernel
def read_paths(
    data: Bytes, offsets: Longs, tags: Hashes, counts: Ints, last: Ints, groups: Keys
) -> None:
    """Count the elements of each path, and hash what is left of it level by level.

    Parameters
    ----------
    data, offsets: of the paths. tags: uint32[t], hash_name of the elements that count.
    counts: int32[b, t + 1], written: how often each stands in the path, and its length.
    last: int32[b], written: place in `tags` of the innermost element, -1 for another.
    groups: uint64[b, LEVELS], changed: the hash of the path but for its last 0 to 4 names.
    """
    for b in range(len(offsets) - 1):
        h = _SEED
        whole = np.uint64(7)
        depth = 0
        last[b] = -1
        for level in range(LEVELS):
            groups[b, level] = whole
        for i in range(offsets[b], offsets[b + 1] + 1):
            if i < offsets[b + 1] and data[i] != 47:
                h = np.uint32((h ^ np.uint32(data[i])) * _PRIME)
                continue
            if h == _SEED:
                continue
            last[b] = -1
            for t in range(len(tags)):
                if tags[t] == h:
                    counts[b, t] += 1
                    last[b] = t
                    break
            for level in range(LEVELS - 1, 0, -1):
                groups[b, level] = groups[b, level - 1]
            whole = (whole ^ np.uint64(h)) * np.uint64(0x9E3779B97F4A7C15)
            whole ^= whole >> np.uint64(29)
            groups[b, 0] = whole
            depth += 1
            h = _SEED
        counts[b, len(tags)] = depth


@allocating_kernel
def read_hints(data: Bytes, offsets: Longs, groups: Keys) -> tuple[Hashes, Longs, Hashes, Longs]:
    """Hash the words of each block's own element and of those above it.

    Parameters
    ----------
    data, offsets: of the hints: words of each ancestor with a "/" after them, then own words.
    groups: uint64[b, LEVELS], changed: mixed with the hash of the hints but for the last ones.

    Returns
    -------
    own words, int64[b + 1] offsets; the same of the words above. At most MOST_WORDS a block.
    """
    n = len(offsets) - 1
    own = np.empty(MOST_WORDS * n + 1, np.uint32)
    above = np.empty(MOST_WORDS * n + 1, np.uint32)
    own_ends = np.zeros(n + 1, np.int64)
    above_ends = np.zeros(n + 1, np.int64)
    # the hash of all words so far from each of the last elements on, and that of all of them
    levels = np.zeros(LEVELS, np.uint64)
    levels_above = np.zeros(LEVELS, np.uint64)
    whole_above = np.uint64(0)
    before = np.int64(0)
    size_before = np.int64(-1)
    for b in range(n):
        begin, end = offsets[b], offsets[b + 1]
        split = end
        while split > begin and data[split - 1] != 47:
            split -= 1
        if split - begin == size_before and same(data, before, begin, size_before):
            # blocks side by side are in the same elements
            above_ends[b + 1] = repeat_last(above, above_ends, b)
        else:
            levels_above[:] = np.uint64(3)
            to, whole_above = read_words(
                data, begin, split, above, above_ends[b], np.uint64(3), levels_above
            )
            above_ends[b + 1] = to
            before, size_before = begin, split - begin
        for level in range(LEVELS):
            levels[level] = levels_above[level]
        to, whole = read_words(data, split, end, own, own_ends[b], whole_above, levels)
        own_ends[b + 1] = to
        add_level(levels, whole)
        for level in range(LEVELS):
            groups[b, level] ^= levels[level]
    return (
        own[: own_ends[n]].copy(),
        own_ends,
        above[: above_ends[n]].copy(),
        above_ends,
    )


@kernel
def read_words(
    data: Bytes, at: int, end: int, words: Hashes, to: int, whole: int, levels: Keys
) -> tuple[int, int]:
    """Hash the words of data[at:end], a level for each "/": where they end, and the hash of all."""
    most = to + MOST_WORDS
    h = _SEED
    while at <= end:
        c = data[at] if at < end else np.uint8(32)
        at += 1
        if c != 47 and c != 32:
            h = np.uint32((h ^ np.uint32(c)) * _PRIME)
            continue
        if h != _SEED:
            whole = (whole ^ np.uint64(h)) * np.uint64(0xC2B2AE3D27D4EB4F)
            whole ^= whole >> np.uint64(31)
            if to < most:
                words[to] = max(h, np.uint32(1))
                to += 1
            h = _SEED
        if c == 47:
            add_level(levels, whole)
    return to, whole


@kernel
def add_level(levels: Keys, whole: int) -> None:
    """Put the hash of all words so far before those of the elements above."""
    for level in range(LEVELS - 1, 0, -1):
        levels[level] = levels[level - 1]
    levels[0] = whole


@kernel
def repeat_last(words: Hashes, ends: Longs, b: int) -> int:
    """Give a block the words of the one before it; tells where they end."""
    begin, size = ends[b], ends[b] - ends[b - 1]
    for i in range(size):
        words[begin + i] = words[begin - size + i]
    return begin + size


@allocating_kernel
def number_groups(groups: Keys) -> Ints:
    """Give the groups of each level numbers.

    Parameters
    ----------
    groups: uint64[b, LEVELS], hashes.

    Returns
    -------
    int32[LEVELS, b], from 0 on in the order in which groups first appear.
    """
    n, levels = groups.shape
    numbers = np.empty((levels, n), np.int32)
    size = 16
    while size < 2 * n:
        size *= 2
    mask = np.uint64(size - 1)
    first = np.empty(size, np.int32)
    for level in range(levels):
        first[:] = -1
        count = 0
        for b in range(n):
            key = groups[b, level]
            slot = (key * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)) & mask
            while first[slot] >= 0 and groups[first[slot], level] != key:
                slot = (slot + np.uint64(1)) & mask
            if first[slot] < 0:
                first[slot] = b
                numbers[level, b] = count
                count += 1
            else:
                numbers[level, b] = numbers[level, first[slot]]
    return numbers
