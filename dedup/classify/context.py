"""Columns of neighbours: the blocks before and after, and sums over those around."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dedup.classify.context_kernels import shift_columns, sum_windows

Floats = npt.NDArray[np.float32]
Longs = npt.NDArray[np.int64]


def shifted(columns: Floats, pages: Longs, shifts: Sequence[int]) -> Floats:
    """Take the columns of the blocks some places on, -1 where the page does not reach.

    Parameters
    ----------
    columns: float32[c, b]. pages: int64[p + 1] into the blocks.

    Returns
    -------
    float32[len(shifts) * c, b]: all columns for each shift.

    Examples
    --------
    >>> shifted(np.array([[1, 2, 3]], np.float32), np.array([0, 2, 3]), [-1, 1]).tolist()
    [[-1.0, 1.0, -1.0], [2.0, -1.0, -1.0]]
    """
    out = np.empty((len(shifts) * len(columns), columns.shape[1]), np.float32)
    shift_columns(columns, pages, np.array(shifts, np.int64), out)
    return out


def window(columns: Floats, pages: Longs, width: int) -> Floats:
    """Sum columns over the blocks within `width` places of the same page.

    Parameters
    ----------
    columns: float32[c, b]. pages: int64[p + 1] into the blocks.

    Returns
    -------
    float32[c, b]

    Examples
    --------
    >>> window(np.array([[1, 2, 4, 8]], np.float32), np.array([0, 3, 4]), 1).tolist()
    [[3.0, 7.0, 6.0, 8.0]]
    """
    out = np.empty_like(columns)
    sum_windows(columns, pages, width, np.empty(columns.shape[1] + 1), out)
    return out
