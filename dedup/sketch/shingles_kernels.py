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


@inlined
def hash_shingles(words: Hashes, n: int, ngram: int, shingles: Hashes) -> int:
    """Hash each run of `ngram` words, in reading order: a polynomial, then mixed.

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
        shingles[i] = words[i]
    for j in range(1, ngram):
        for i in range(count):
            shingles[i] = shingles[i] * base + words[i + j]
    for i in range(count):
        shingles[i] = mix(shingles[i])
    return count


@inlined
def sort_distinct(hashes: Hashes, n: int, places: npt.NDArray[np.uint32], out: Hashes) -> int:
    """Write the distinct values of hashes[:n] to `out`, ascending.

    Parameters
    ----------
    hashes: uint64, spread evenly over their range; others cost up to n^(4/3) steps.
    places: uint32[at least 2 * n + 2], scratch. out: uint64[at least n], written.

    Returns
    -------
    How many distinct values there are.
    """
    if n == 0:
        return 0
    scatter(hashes, n, places, out)
    # places hold one value or two as a rule: one round of swaps without branches leaves
    # little for the insertions, whose branches nobody can predict
    for first in range(2):
        for pair in range((n - first) // 2):
            i = np.uint64(first + 2 * pair)
            j = i + np.uint64(1)
            one, other = out[i], out[j]
            out[i] = one if one < other else other
            out[j] = other if one < other else one
    insert_each(out, n)
    kept = np.uint64(1)
    before = out[0]
    for i in range(1, n):
        value = out[i]
        out[kept] = value
        kept += np.uint64(value != before)
        before = value
    return np.int64(kept)


@inlined
def scatter(hashes: Hashes, n: int, places: npt.NDArray[np.uint32], out: Hashes) -> None:
    """Write hashes[:n] to `out` in the order of their leading bits, as many as n has."""
    bits = 1
    while (1 << bits) < n:
        bits += 1
    shift = np.uint64(64 - bits)
    n_places = 1 << bits
    for i in range(n_places):
        places[i] = 0
    for i in range(n):
        places[hashes[i] >> shift] += np.uint32(1)
    begin = np.uint32(0)
    for i in range(n_places):
        count = places[i]
        places[i] = begin
        begin += count
    for i in range(n):
        value = hashes[i]
        place = value >> shift
        at = places[place]
        out[at] = value
        places[place] = at + np.uint32(1)


@inlined
def insert_each(values: Hashes, n: int) -> None:
    """Sort values[:n] by insertion; if that takes too many moves, by larger steps first.

    Insertions over falling gaps take n^(4/3) moves whatever the values are (Shell 1959, with
    the gaps of Sedgewick 1986).
    """
    gap, falls = 1, 0
    moves = MOVES * n
    while gap:
        for i in range(gap, n):
            value = values[i]
            if values[i - gap] > value:
                j = i - gap
                while j >= 0 and values[j] > value:
                    values[j + gap] = values[j]
                    j -= gap
                values[j + gap] = value
                moves -= i - j
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
    window = window if window < n else n
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
