"""Hashes of windows of a sequence, and the seeds among them.

Cost: two multiplications a symbol for a rolling hash; two comparisons a symbol to choose seeds.
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import allocating_kernel, kernel

Symbols = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]

BASE = 0xD6E8FEB86659FD93


@kernel
def spread(h: int) -> int:
    """Spread a 64-bit hash (the finalizer of MurmurHash3, Appleby)."""
    h ^= h >> np.uint64(33)
    h *= np.uint64(0xFF51AFD7ED558CCD)
    h ^= h >> np.uint64(33)
    h *= np.uint64(0xC4CEB9FE1A85EC53)
    return h ^ (h >> np.uint64(33))


@kernel
def hash_windows(symbols: Symbols, begin: int, end: int, size: int, windows: Symbols) -> int:
    """Hash each window of `size` symbols within symbols[begin:end], as a polynomial.

    Parameters
    ----------
    windows: uint64[at least end - begin - size + 1], written.

    Returns
    -------
    How many windows there are; none where there are fewer symbols than `size`.
    """
    if end - begin < size:
        return 0
    base, leaving, h = np.uint64(BASE), np.uint64(1), np.uint64(0)
    for i in range(size):
        h = h * base + symbols[begin + i]
        leaving *= base
    windows[0] = spread(h)
    for i in range(begin + size, end):
        h = h * base + symbols[i] - leaving * symbols[i - size]
        windows[i - begin - size + 1] = spread(h)
    return end - begin - size + 1


@kernel
def choose_seeds(windows: Symbols, n: int, width: int, at: Numbers) -> int:
    """Write the places of the lowest of each `width` windows in a row.

    Of equal ones the one that was chosen stays as long as it is among them, then the last is
    chosen, so that a symbol that is repeated without end gives few seeds (robust winnowing,
    Schleimer, Wilkerson and Aiken 2003). Where the windows in a row are the same, so is the
    hash of a seed in it.

    Returns
    -------
    How many seeds there are, fewer than n + 1; none where n < width.
    """
    count = 0
    lowest = -1
    for end in range(width - 1, n):
        begin = end - width + 1
        if lowest < begin:
            lowest = begin
            for i in range(begin + 1, end + 1):
                if windows[i] <= windows[lowest]:
                    lowest = i
        elif windows[end] < windows[lowest]:
            lowest = end
        else:
            continue
        at[count] = lowest
        count += 1
    return count


@allocating_kernel
def seed_sequences(
    symbols: Symbols, offsets: Numbers, size: int, width: int, seeds: Symbols, at: Numbers
) -> Numbers:
    """Find the seeds of each sequence symbols[offsets[i]:offsets[i + 1]].

    Parameters
    ----------
    size: symbols in a seed. width: seeds of which one is chosen.
    seeds: uint64[len(symbols)], at: int64[len(symbols)], written: hash and place of each.

    Returns
    -------
    int64[len(offsets)]: offsets into `seeds` and `at`.
    """
    ends = np.zeros(len(offsets), np.int64)
    longest = np.int64(0)
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    windows = np.empty(longest + 1, np.uint64)
    for i in range(len(offsets) - 1):
        n = hash_windows(symbols, offsets[i], offsets[i + 1], size, windows)
        places = at[ends[i] :]
        n_seeds = choose_seeds(windows, n, width, places)
        for j in range(n_seeds):
            seeds[ends[i] + j] = windows[places[j]]
        ends[i + 1] = ends[i] + n_seeds
    return ends


@kernel
def count_windows(offsets: Numbers, seeds: Numbers, ends: Numbers, size: int, around: int) -> int:
    """Count the windows of `size` symbols that hold a seed.

    Parameters
    ----------
    seeds: int64, ascending places of the seeds of the sequence i in [ends[i], ends[i + 1]).
    around: places at which a window can begin that holds a given seed.
    """
    total = 0
    for i in range(len(offsets) - 1):
        n = offsets[i + 1] - offsets[i] - size + 1
        done = np.int64(0)
        for j in range(ends[i], ends[i + 1]):
            begin = max(done, seeds[j] - around + 1)
            done = max(done, min(n, seeds[j] + 1))
            total += max(np.int64(0), done - begin)
    return total


@allocating_kernel
def window_sequences(
    symbols: Symbols,
    offsets: Numbers,
    seeds: Numbers,
    ends: Numbers,
    size: int,
    around: int,
    buckets: Symbols,
    rows: Numbers,
    at: Numbers,
) -> None:
    """Hash the windows of `size` symbols that hold a seed, in reading order.

    Parameters
    ----------
    See count_windows, whose result is the length of `buckets` (hashes), `rows` (numbers of the
    sequences) and `at` (places in them), which are written.
    """
    longest = np.int64(0)
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    windows = np.empty(longest + 1, np.uint64)
    to = 0
    for i in range(len(offsets) - 1):
        n = hash_windows(symbols, offsets[i], offsets[i + 1], size, windows)
        done = np.int64(0)
        for j in range(ends[i], ends[i + 1]):
            begin = max(done, seeds[j] - around + 1)
            done = max(done, min(n, seeds[j] + 1))
            for place in range(begin, done):
                buckets[to] = windows[place]
                rows[to] = i
                at[to] = place
                to += 1
