"""The tree of a page of HTML, written out without a parser."""

import numpy as np
import numpy.typing as npt

from dedup.segment.scratch import Scratch, unwritable
from dedup.segment.tree.stack_kernels import N_COLUMNS, N_KEPT, N_ROWS
from dedup.segment.tree.write_kernels import TAKES_A_PARSER, write_tree

Bytes = npt.NDArray[np.uint8]


def written_tree(html: Bytes, scratch: Scratch) -> Bytes | None:
    """Write a page's tree as lexbor does; None for a page that takes a parser.

    Parameters
    ----------
    html: uint8[n], UTF-8, not writable. Drawings have no attributes but those that
        lighten_kernels.lighten leaves.

    Returns
    -------
    uint8[m], not writable; it lies in `scratch`.
    """
    n = len(html)
    if np.count_nonzero(html) < n:
        return None
    out = scratch.take("tree", 10 * n + 8192, np.uint8)
    rows = scratch.take("rows", N_ROWS * N_COLUMNS, np.int64).reshape(N_ROWS, N_COLUMNS)
    size = write_tree(html, out, rows, np.zeros(N_KEPT, np.int64))
    return None if size == TAKES_A_PARSER else unwritable(out[:size])
