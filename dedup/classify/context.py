"""Columns of neighbours: the blocks before and after, and sums over those around."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Longs = npt.NDArray[np.int64]


def shifted(columns: Floats, page: Longs, shift: int) -> Floats:
    """Take the columns of the block `shift` places on, -1 where the page ends before.

    Parameters
    ----------
    columns: float32[c, b]. page: int64[b], rising.

    Returns
    -------
    float32[c, b]
    """
    n = columns.shape[1]
    out = np.full_like(columns, -1)
    if n <= abs(shift):
        return out
    here = slice(0, n - shift) if shift > 0 else slice(-shift, n)
    there = slice(shift, n) if shift > 0 else slice(0, n + shift)
    out[:, here] = np.where(page[here] == page[there], columns[:, there], np.float32(-1))
    return out


def window(values: npt.NDArray[np.floating], pages: Longs, page: Longs, width: int) -> Floats:
    """Sum columns over the blocks within `width` places of the same page.

    Parameters
    ----------
    values: [c, b]. pages: int64[p + 1] into the blocks; page: int64[b].

    Returns
    -------
    float32[c, b]
    """
    sums = np.zeros((len(values), len(page) + 1))
    np.cumsum(values, axis=1, dtype=np.float64, out=sums[:, 1:])
    at = np.arange(len(page))
    low = np.maximum(at - width, pages[:-1][page])
    high = np.minimum(at + width + 1, pages[1:][page])
    return (sums[:, high] - sums[:, low]).astype(np.float32)
