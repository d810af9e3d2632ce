"""Intersections of sorted sets. Cost: eight bytes read and one comparison a shingle."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel

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
        small, large = shingles[i:i_end], shingles[j:j_end]
        if len(small) > len(large):
            small, large = large, small
        if len(small) < needed[pair]:
            common[pair] = 0
        elif len(small) * LOPSIDED < len(large):
            common[pair] = search_common(small, large, needed[pair])
        else:
            common[pair] = merge_common(small, large, needed[pair])


@kernel
def merge_common(small: Shingles, large: Shingles, needed: int) -> int:
    """Walk through both sets at once."""
    i, j, count = 0, 0, 0
    while i < len(small) and j < len(large):
        if count + len(small) - i < needed:
            break
        # each step moves either set by one at most, so none of these leaves its set
        for _ in range(min(CHECK, len(small) - i, len(large) - j)):
            x, y = small[i], large[j]
            # no branch on the hashes: they are random, and a wrong guess costs more
            count += x == y
            i += x <= y
            j += y <= x
    return count


@kernel
def search_common(small: Shingles, large: Shingles, needed: int) -> int:
    """Look each shingle of the small set up in what is left of the large one.

    The steps double until they pass it, then halve (Bentley and Yao 1976).
    """
    low, count = 0, 0
    for i in range(len(small)):
        if count + len(small) - i < needed:
            break
        step = 1
        while low + step < len(large) and large[low + step] < small[i]:
            low += step
            step *= 2
        high = min(low + step, len(large))
        while low < high:
            middle = (low + high) // 2
            if large[middle] < small[i]:
                low = middle + 1
            else:
                high = middle
        if low == len(large):
            break
        count += large[low] == small[i]
    return count
