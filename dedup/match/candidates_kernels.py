"""Pairs within buckets. Cost: eight bytes written a pair."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel

FIRST = 16
NEXT = 4

Keys = npt.NDArray[np.int64]


@kernel
def list_pairs(begins: Keys, texts: Keys, n_texts: int, full: int, pairs: Keys) -> None:
    """Write the pairs of all buckets as single numbers, lower * n_texts + higher.

    Parameters
    ----------
    begins: int64[buckets + 1] into texts: int64[m], numbers below n_texts (under 2**31).
    full: texts of a bucket up to which each is paired with each.
    pairs: int64[candidates.count_pairs(begins, full)], written. One number a pair sorts ten
        times faster than two.
    """
    at = 0
    for bucket in range(len(begins) - 1):
        begin, end = begins[bucket], begins[bucket + 1]
        # of the texts before each one, those from `skip` to NEXT before it are passed over
        skip = begin + FIRST if end - begin > full else end
        for i in range(begin, end):
            one, j = texts[i], begin
            while j < i:
                if j == skip and j < i - NEXT:
                    j = i - NEXT
                other = texts[j]
                pairs[at] = one * n_texts + other if one < other else other * n_texts + one
                at += 1
                j += 1
