"""Lines of plain text. Cost: each byte is looked at once."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]


@kernel
def split_lines(text: Bytes, lines: Ints) -> int:
    """Find the lines that hold more than blanks.

    Parameters
    ----------
    text: uint8[n]. lines: int64[line breaks + 1, 4], written: begin and end without outer
        blanks, bytes of the first word, 1 if an empty line (or nothing) comes before.

    Returns
    -------
    How many there are.
    """
    n = len(text)
    count = 0
    alone = 1
    at = 0
    while at <= n:
        end = at
        while end < n and text[end] != 10:
            end += 1
        begin, stop = at, end
        while begin < stop and text[begin] <= 32:
            begin += 1
        while stop > begin and text[stop - 1] <= 32:
            stop -= 1
        if stop > begin:
            word = begin
            while word < stop and text[word] > 32:
                word += 1
            lines[count, 0] = begin
            lines[count, 1] = stop
            lines[count, 2] = word - begin
            lines[count, 3] = alone
            count += 1
            alone = 0
        else:
            alone = 1
        at = end + 1
    return count
