"""Shingles of words, their distinct set, and the anchors among them.

Cost: two operations for each word of a shingle, in vectors; some ten a shingle to sort it,
since hashes are spread evenly and one pass over their leading bits brings each next to its
place.
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import inlined, kernel

Hashes = npt.NDArray[np.uint64]

BASE = 0xD6E8FEB86659FD93
MOVES = 16
"""Moves for each hash after which a set is not spread evenly: somebody chose its words."""


@inlined
def mix(h: int) -> int:
    """Spread a 64-bit hash (the finalizer of MurmurHash3, Appleby)."""
    h ^= h >> np.uint64(33)
    h *= np.uint64(0xFF51AFD7ED558CCD)
    h ^= h >> np.uint64(33)
    h *= np.uint64(0xC4CEB9FE1A85EC53)
    return h ^ (h >> np.uint64(33))


@kernel
def hash_shingles(words: Hashes, n: int, ngram: int, shingles: Hashes, to: int) -> int:
    """Hash each run of `ngram` words, in reading order: a polynomial, then mixed.

    Parameters
    ----------
    words: uint64, n of them. shingles: uint64, written from place `to` on.

    Returns
    -------
    Their number, n - ngram + 1; 0 if there are fewer words than a shingle has.
    """
    if n < ngram:
        return 0
    count = n - ngram + 1
    base = np.uint64(BASE)
    # one plain loop a word of the shingle: vectors of them cost less than a rolling hash,
    # where each shingle waits for the one before it
    for i in range(count):
        shingles[to + i] = words[i]
    for j in range(1, ngram):
        for i in range(count):
            shingles[to + i] = shingles[to + i] * base + words[i + j]
    for i in range(count):
        shingles[to + i] = mix(shingles[to + i])
    return count


@kernel
def sort_distinct(
    hashes: Hashes, begin: int, end: int, places: npt.NDArray[np.uint32], out: Hashes, to: int
) -> int:
    """Write the distinct values of hashes[begin:end] to `out`, ascending, from place `to` on.

    Parameters
    ----------
    hashes: uint64, spread evenly over their range; others cost up to n^(4/3) steps.
    places: uint32[at least 2 * n + 2], scratch. out: uint64[to + n at least], written.

    Returns
    -------
    How many distinct values there are.
    """
    n = end - begin
    if n == 0:
        return 0
    scatter(hashes, begin, end, places, out, to)
    # places hold one value or two as a rule: one round of swaps without branches leaves
    # little for the insertions, whose branches nobody can predict
    for first in range(2):
        for i in range(to + first, to + n - 1, 2):
            one, other = out[i], out[i + 1]
            out[i] = one if one < other else other
            out[i + 1] = other if one < other else one
    insert_each(out, to, n)
    kept = to + 1
    before = out[to]
    for i in range(to + 1, to + n):
        value = out[i]
        out[kept] = value
        kept += np.int64(value != before)
        before = value
    return kept - to


@kernel
def scatter(
    hashes: Hashes, begin: int, end: int, places: npt.NDArray[np.uint32], out: Hashes, to: int
) -> None:
    """Write hashes[begin:end] to `out` in the order of their leading bits, as many as n has."""
    bits = 1
    while (1 << bits) < end - begin:
        bits += 1
    shift = np.uint64(64 - bits)
    n_places = 1 << bits
    for i in range(n_places):
        places[i] = 0
    for i in range(begin, end):
        places[hashes[i] >> shift] += np.uint32(1)
    before = np.uint32(0)
    for i in range(n_places):
        count = places[i]
        places[i] = before
        before += count
    for i in range(begin, end):
        value = hashes[i]
        place = value >> shift
        at = places[place]
        out[to + np.int64(at)] = value
        places[place] = at + np.uint32(1)


@kernel
def insert_each(values: Hashes, to: int, n: int) -> None:
    """Sort values[to:to + n] by insertion; if that takes too many moves, by larger steps first.

    Insertions over falling gaps take n^(4/3) moves whatever the values are (Shell 1959, with
    the gaps of Sedgewick 1986).
    """
    gap, falls = 1, 0
    moves = MOVES * n
    while gap:
        for i in range(to + gap, to + n):
            value = values[i]
            j = i
            while j >= to + gap and values[j - gap] > value:
                values[j] = values[j - gap]
                j -= gap
                moves -= 1
            values[j] = value
            if moves < 0:
                break
        if moves < 0:
            # enough for the worst that can come
            moves = 1 << 62
            while (1 << (2 * falls)) < n:
                falls += 1
        else:
            falls -= 1
        gap = (1 << (2 * falls)) + 3 * (1 << (falls - 1)) + 1 if falls > 0 else 1 + falls


@kernel
def select_anchors(
    shingles: Hashes, begin: int, end: int, window: int, anchors: Hashes, to: int
) -> int:
    """Write the lowest of each `window` shingles in a row, the last one where two are equal.

    Two texts that share a run of shingles as long as the window share an anchor (winnowing,
    Schleimer, Wilkerson and Aiken 2003). Fewer shingles than a window count as one window.

    Parameters
    ----------
    shingles: uint64, those of one text are shingles[begin:end].
    anchors: uint64, written from place `to` on.

    Returns
    -------
    How many anchors there are; each place is written once, in reading order.
    """
    if begin == end:
        return 0
    count = 0
    window = window if window < end - begin else end - begin
    lowest = begin - 1
    for last in range(begin + window - 1, end):
        first = last - window + 1
        if lowest < first:
            lowest = first
            for i in range(first + 1, last + 1):
                if shingles[i] <= shingles[lowest]:
                    lowest = i
        elif shingles[last] <= shingles[lowest]:
            lowest = last
        else:
            continue
        anchors[to + count] = shingles[lowest]
        count += 1
    return count
