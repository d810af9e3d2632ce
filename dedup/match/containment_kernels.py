"""Distinct anchors of each text. Cost: one short sort a text."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel


@kernel
def sort_distinct(
    hashes: npt.NDArray[np.uint64],
    offsets: npt.NDArray[np.int64],
    distinct: npt.NDArray[np.uint64],
    counts: npt.NDArray[np.int64],
) -> int:
    """Write the distinct hashes of each list, ascending, one list after the other.

    Parameters
    ----------
    hashes: uint64[m]; offsets: int64[n + 1] into it.
    distinct: uint64[m], written from its start; counts: int64[n], written.

    Returns
    -------
    How many were written.
    """
    at = 0
    for i in range(len(offsets) - 1):
        begin = at
        for h in np.sort(hashes[offsets[i] : offsets[i + 1]]):
            if at == begin or distinct[at - 1] != h:
                distinct[at] = h
                at += 1
        counts[i] = at - begin
    return at
