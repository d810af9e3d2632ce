"""Intersections of sorted sets. Cost: eight bytes read and one comparison a shingle."""

import numpy as np
import numpy.typing as npt

from dedup.jit import inlined, kernel

Places = npt.NDArray[np.int64]
Shingles = npt.NDArray[np.uint64]

LOPSIDED = 16
"""From this ratio of sizes on, searching the larger set is faster than merging both."""

CHECK = 16
"""Steps of a merge between two looks at whether the pair can still reach what it needs."""


@kernel
def count_common(
    shingles: Shingles, offsets: Places, ends: Places, needed: Places, common: Places
) -> None:
    """Write how many shingles the two sets of each pair have in common.

    Counting stops where fewer than needed must result; what is written then is too low, and
    below needed, so that the pair is dropped either way.

    Parameters
    ----------
    shingles: uint64[m], ascending within each set; offsets: int64[sets + 1].
    ends: int64[n, 2], numbers of sets; needed: int64[n]; common: int64[n], written.
    """
    for pair in range(len(ends)):
        i, i_end = offsets[ends[pair, 0]], offsets[ends[pair, 0] + 1]
        j, j_end = offsets[ends[pair, 1]], offsets[ends[pair, 1] + 1]
        if i_end - i > j_end - j:
            i, i_end, j, j_end = j, j_end, i, i_end
        if i_end - i < needed[pair]:
            common[pair] = 0
        elif (i_end - i) * LOPSIDED < j_end - j:
            common[pair] = search_common(shingles, i, i_end, j, j_end, needed[pair])
        else:
            common[pair] = merge_common(shingles, i, i_end, j, j_end, needed[pair])


@inlined
def merge_common(shingles: Shingles, i: int, i_end: int, j: int, j_end: int, needed: int) -> int:
    """Walk through both sets, shingles[i:i_end] and shingles[j:j_end], at once."""
    count = 0
    while i < i_end and j < j_end:
        left = i_end - i
        if count + left < needed:
            break
        # each step moves either set by one at most, so none of these leaves its set
        steps = left if left < j_end - j else j_end - j
        for _ in range(steps if steps < CHECK else CHECK):
            # unsigned, or numba would ask of each index whether it counts from the end
            x, y = shingles[np.uint64(i)], shingles[np.uint64(j)]
            # no branch on the hashes: they are random, and a wrong guess costs more
            count += x == y
            i += x <= y
            j += y <= x
    return count


@inlined
def search_common(shingles: Shingles, i: int, i_end: int, j: int, j_end: int, needed: int) -> int:
    """Look each of shingles[i:i_end] up in what is left of the larger set shingles[j:j_end].

    The steps double until they pass it, then halve (Bentley and Yao 1976).
    """
    count = 0
    while i < i_end and j < j_end and count + i_end - i >= needed:
        wanted = shingles[i]
        step = 1
        while j + step < j_end and shingles[j + step] < wanted:
            j += step
            step *= 2
        high = j + step if j + step < j_end else j_end
        while j < high:
            middle = (j + high) // 2
            if shingles[middle] < wanted:
                j = middle + 1
            else:
                high = middle
        if j < j_end:
            count += shingles[j] == wanted
        i += 1
    return count
