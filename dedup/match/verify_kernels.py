"""Intersections of sorted sets. Cost: eight bytes read and one comparison a shingle."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel

Places = npt.NDArray[np.int64]


@kernel
def count_common(
    shingles: npt.NDArray[np.uint64], offsets: Places, a: Places, b: Places, common: Places
) -> None:
    """Write how many shingles the sets a[i] and b[i] have in common.

    Parameters
    ----------
    shingles: uint64[m], ascending within each set; offsets: int64[sets + 1].
    a, b: int64[n], numbers of sets; common: int64[n], written.
    """
    for pair in range(len(a)):
        i, i_end = offsets[a[pair]], offsets[a[pair] + 1]
        j, j_end = offsets[b[pair]], offsets[b[pair] + 1]
        count = 0
        while i < i_end and j < j_end:
            x, y = shingles[i], shingles[j]
            # no branch on the hashes: they are random, and a wrong guess costs more
            count += x == y
            i += x <= y
            j += y <= x
        common[pair] = count
