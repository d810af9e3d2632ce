"""Columns of neighbours: the blocks before and after, and sums over those around."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]


@kernel
def shift_columns(columns: Floats, pages: Longs, shifts: Longs, out: Floats) -> None:
    """Take the columns of the blocks some places on, -1 where the page does not reach.

    Parameters
    ----------
    columns: float32[c, b]. pages: int64[p + 1] into the blocks.
    out: float32[len(shifts) * c, b], written: all columns for each shift.
    """
    n_columns = len(columns)
    for s in range(len(shifts)):
        shift = shifts[s]
        for column in range(n_columns):
            row = s * n_columns + column
            for page in range(len(pages) - 1):
                begin, end = pages[page], pages[page + 1]
                low = min(max(begin, begin - shift), end)
                high = max(min(end, end - shift), low)
                for b in range(begin, low):
                    out[row, b] = -1
                for b in range(low, high):
                    out[row, b] = columns[column, b + shift]
                for b in range(high, end):
                    out[row, b] = -1


@kernel
def sum_windows(columns: Floats, pages: Longs, width: int, sums: Doubles, out: Floats) -> None:
    """Sum columns over the blocks within `width` places of the same page.

    Parameters
    ----------
    columns: float32[c, b]. pages: int64[p + 1] into the blocks.
    sums: float64[b + 1], overwritten. out: float32[c, b], written.
    """
    for column in range(len(columns)):
        for page in range(len(pages) - 1):
            begin, end = pages[page], pages[page + 1]
            sums[begin] = 0
            for b in range(begin, end):
                sums[b + 1] = sums[b] + columns[column, b]
            for b in range(begin, end):
                low, high = max(b - width, begin), min(b + width + 1, end)
                out[column, b] = sums[high] - sums[low]
