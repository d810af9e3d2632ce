"""From runs of shingles to their sets, and to anchors."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel
from dedup.sketch.shingles_kernels import select_anchors, sort_distinct

Hashes = npt.NDArray[np.uint64]
Offsets = npt.NDArray[np.int64]


@kernel
def distinct_runs(
    runs: Hashes,
    ends: Offsets,
    places: npt.NDArray[np.uint32],
    sets: Hashes,
    set_ends: Offsets,
) -> None:
    """Write the distinct values of each run runs[ends[i]:ends[i + 1]], ascending.

    Parameters
    ----------
    places: uint32[2 * length of the longest run + 2], scratch.
    sets: uint64[at least ends[-1]], written. set_ends: int64[len(ends)], written: offsets
    into it.
    """
    to = np.int64(0)
    for i in range(len(ends) - 1):
        set_ends[i] = to
        to += sort_distinct(runs[ends[i] :], ends[i + 1] - ends[i], places, sets[to:])
    set_ends[len(ends) - 1] = to


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
    to = np.int64(0)
    for i in range(len(ends) - 1):
        anchor_ends[i] = to
        n = ends[i + 1] - ends[i]
        to += select_anchors(runs[ends[i] :], n, window, anchors[to:])
    anchor_ends[len(ends) - 1] = to
