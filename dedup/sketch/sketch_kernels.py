"""From runs of shingles to their sets, and to anchors."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel
from dedup.sketch.shingles_kernels import select_anchors, sort_distinct

Hashes = npt.NDArray[np.uint64]
Offsets = npt.NDArray[np.int64]


@kernel
def distinct_runs(runs: Hashes, ends: Offsets, sets: Hashes, set_ends: Offsets) -> None:
    """Write the distinct values of each run runs[ends[i]:ends[i + 1]], ascending.

    Parameters
    ----------
    sets: uint64[at least ends[-1]], written. set_ends: int64[len(ends)], written: offsets
    into it.
    """
    longest = np.int64(0)
    for i in range(len(ends) - 1):
        longest = max(longest, ends[i + 1] - ends[i])
    places = np.empty(2 * longest + 4, np.uint32)
    set_ends[0] = 0
    for i in range(len(ends) - 1):
        n = sort_distinct(runs[ends[i] :], ends[i + 1] - ends[i], places, sets[set_ends[i] :])
        set_ends[i + 1] = set_ends[i] + n


@kernel
def anchor_runs(
    runs: Hashes, ends: Offsets, window: int, anchors: Hashes, anchor_ends: Offsets
) -> None:
    """Write the lowest shingle of each window of each run, in reading order.

    Parameters
    ----------
    anchors: uint64[at least ends[-1]], written. anchor_ends: int64[len(ends)], written:
    offsets into it.
    """
    anchor_ends[0] = 0
    for i in range(len(ends) - 1):
        n = ends[i + 1] - ends[i]
        n = select_anchors(runs[ends[i] :], n, window, anchors[anchor_ends[i] :])
        anchor_ends[i + 1] = anchor_ends[i] + n
