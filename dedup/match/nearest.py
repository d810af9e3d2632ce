"""Texts of a large bucket whose signatures are most alike, found by sorting their bits."""

import numpy as np
import numpy.typing as npt

from dedup.match.bits import count_different

NEAR = 2
"""Texts with which each text of a large bucket is paired for its bits."""

WINDOW = 32
"""Texts before it in the order of the bits, of which these are chosen."""

Numbers = npt.NDArray[np.int64]

_NONE = np.uint16(0xFFFF)


def nearest(buckets: Numbers, bits: Numbers) -> tuple[Numbers, Numbers]:
    """Pair each text of a bucket with the NEAR of the WINDOW before it that differ in least bits.

    "Before" is in the order of 64 of the bits. Each bucket turns them in its own way, so that
    texts that differ in the first bits of one order are neighbours in another (sorted
    neighbourhoods of rotated signatures: Charikar 2002, section 3; Manku, Jain and Das Sarma
    2007). Of texts that differ in as many bits, the next one in that order is preferred.
    Cost: a sort, and WINDOW comparisons of 16 bytes a text.

    Parameters
    ----------
    buckets: int64[n], names; all rows of a bucket stand together, in an order that is its own.
    bits: int64[n, 2], of the text in each row.

    Returns
    -------
    a, b: int64[pairs], rows of the same bucket.
    """
    groups = np.concatenate([[0], np.cumsum(np.diff(buckets) != 0)])[: len(buckets)]
    order = np.lexsort((_turned(buckets, bits), groups))
    bits = bits[order]
    # of each row the two best, as 64 * bits that differ + places before it
    best = np.full((NEAR, len(order)), _NONE)
    for back in range(1, min(WINDOW, len(order) - 1) + 1):
        marks = count_different(bits[back:], bits[:-back]) * np.uint16(64) + np.uint16(back)
        marks[groups[back:] != groups[:-back]] = _NONE
        for place in best[:, back:]:
            marks, place[:] = np.maximum(marks, place), np.minimum(marks, place)
    rows = [np.flatnonzero(place != _NONE) for place in best]
    ends = [row - (place[row] & 63) for row, place in zip(rows, best, strict=True)]
    return order[np.concatenate(rows)], order[np.concatenate(ends)]


def _turned(buckets: Numbers, bits: Numbers) -> npt.NDArray[np.uint64]:
    """Take either half of the bits, rotated, as the bucket's name says."""
    names = buckets.view(np.uint64)
    half = np.where(names & np.uint64(64) == 0, bits[:, 0], bits[:, 1]).view(np.uint64)
    left = names & np.uint64(63)
    right = (np.uint64(64) - left) & np.uint64(63)
    turned: npt.NDArray[np.uint64] = np.left_shift(half, left) | np.right_shift(half, right)
    return turned
