"""Shingles of words, their distinct set, and the anchors among them.

Cost: five operations a shingle to hash it, some ten to sort it, since hashes are spread
evenly and one pass over their leading bits brings each next to its place.
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel

Hashes = npt.NDArray[np.uint64]

BASE = 0xD6E8FEB86659FD93


@kernel
def mix(h: int) -> int:
    """Spread a 64-bit hash (the finalizer of MurmurHash3, Appleby)."""
    h ^= h >> np.uint64(33)
    h *= np.uint64(0xFF51AFD7ED558CCD)
    h ^= h >> np.uint64(33)
    h *= np.uint64(0xC4CEB9FE1A85EC53)
    return h ^ (h >> np.uint64(33))


@kernel
def hash_shingles(words: Hashes, n: int, ngram: int, shingles: Hashes) -> int:
    """Hash each run of `ngram` words, in reading order (Karp and Rabin 1987, then mixed).

    Returns
    -------
    Their number, n - ngram + 1; 0 if there are fewer words than a shingle has.
    """
    if n < ngram:
        return 0
    base = np.uint64(BASE)
    leaving = np.uint64(1)
    for _ in range(ngram):
        leaving *= base
    h = np.uint64(0)
    for i in range(ngram):
        h = h * base + words[i]
    shingles[0] = mix(h)
    for i in range(ngram, n):
        h = h * base + words[i] - words[i - ngram] * leaving
        shingles[i - ngram + 1] = mix(h)
    return n - ngram + 1


@kernel
def sort_distinct(hashes: Hashes, n: int, places: npt.NDArray[np.int32], out: Hashes) -> int:
    """Write the distinct values of hashes[:n] to `out`, ascending.

    Parameters
    ----------
    hashes: uint64, spread evenly over their range. places: int32[at least 2 * n + 2], scratch.

    Returns
    -------
    How many distinct values there are.
    """
    if n == 0:
        return 0
    bits = 1
    while (1 << bits) < n:
        bits += 1
    shift = np.uint64(64 - bits)
    n_places = 1 << bits
    places[: n_places + 1] = 0
    for i in range(n):
        places[np.int64(hashes[i] >> shift) + 1] += 1
    for i in range(n_places):
        places[i + 1] += places[i]
    for i in range(n):
        j = np.int64(hashes[i] >> shift)
        out[places[j]] = hashes[i]
        places[j] += 1
    # neighbours of a place are few: what is left to sort lies next to where it belongs
    for i in range(1, n):
        value = out[i]
        j = i - 1
        while j >= 0 and out[j] > value:
            out[j + 1] = out[j]
            j -= 1
        out[j + 1] = value
    kept = 1
    for i in range(1, n):
        if out[i] != out[kept - 1]:
            out[kept] = out[i]
            kept += 1
    return kept


@kernel
def select_anchors(shingles: Hashes, n: int, window: int, anchors: Hashes) -> int:
    """Write the lowest of each `window` shingles in a row, the last one where two are equal.

    Two texts that share a run of shingles as long as the window share an anchor (winnowing,
    Schleimer, Wilkerson and Aiken 2003). Fewer shingles than a window count as one window.

    Returns
    -------
    How many anchors there are; each place is written once, in reading order.
    """
    if n == 0:
        return 0
    window = min(window, n)
    count = 0
    lowest = -1
    for end in range(window - 1, n):
        begin = end - window + 1
        if lowest < begin:
            lowest = begin
            for i in range(begin + 1, end + 1):
                if shingles[i] <= shingles[lowest]:
                    lowest = i
        elif shingles[end] <= shingles[lowest]:
            lowest = end
        else:
            continue
        anchors[count] = shingles[lowest]
        count += 1
    return count
