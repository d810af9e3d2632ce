"""Kernels that read paths and hints: which elements hold a block, and what they are called."""

import numpy as np
import numpy.typing as npt

from dedup.jit import allocating_kernel, kernel

Bytes = npt.NDArray[np.uint8]
Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.uint32]
Keys = npt.NDArray[np.uint64]

LEVELS = 5
"""A block's group is looked at with 0 to 4 of its innermost elements left out."""

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
    own words, int64[b + 1] offsets; the same of the words above. At most 64 a block.
    """
    n = len(offsets) - 1
    own = np.empty(64 * n + 1, np.uint32)
    above = np.empty(64 * n + 1, np.uint32)
    own_ends = np.zeros(n + 1, np.int64)
    above_ends = np.zeros(n + 1, np.int64)
    levels = np.zeros(LEVELS, np.uint64)
    for b in range(n):
        begin, end = offsets[b], offsets[b + 1]
        slash = end - 1
        while slash >= begin and data[slash] != 47:
            slash -= 1
        a, o = above_ends[b], own_ends[b]
        levels[:] = np.uint64(3)
        whole = np.uint64(3)
        h = _SEED
        for i in range(begin, end + 1):
            inside = i < end and data[i] != 47 and data[i] != 32
            if inside:
                h = np.uint32((h ^ np.uint32(data[i])) * _PRIME)
                continue
            if h != _SEED:
                whole = (whole ^ np.uint64(h)) * np.uint64(0xC2B2AE3D27D4EB4F)
                whole ^= whole >> np.uint64(31)
                if i > slash and o < own_ends[b] + 64:
                    own[o] = max(h, np.uint32(1))
                    o += 1
                elif i <= slash and a < above_ends[b] + 64:
                    above[a] = max(h, np.uint32(1))
                    a += 1
                h = _SEED
            if i == end or data[i] == 47:
                for level in range(LEVELS - 1, 0, -1):
                    levels[level] = levels[level - 1]
                levels[0] = whole
        for level in range(LEVELS):
            groups[b, level] ^= levels[level]
        above_ends[b + 1] = a
        own_ends[b + 1] = o
    return (
        own[: own_ends[n]].copy(),
        own_ends,
        above[: above_ends[n]].copy(),
        above_ends,
    )


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
