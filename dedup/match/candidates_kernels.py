"""Pairs within buckets. Cost: eight bytes written a pair."""

import numpy as np
import numpy.typing as npt

from dedup.jit import inlined, kernel

FIRST = 16

Keys = npt.NDArray[np.int64]


@kernel
def list_pairs(begins: Keys, texts: Keys, n_texts: int, full: int, pairs: Keys) -> None:
    """Write the pairs of all buckets as single numbers, lower * n_texts + higher.

    Of a bucket of more than `full` texts, only those with one of its FIRST texts.

    Parameters
    ----------
    begins: int64[buckets + 1] into texts: int64[m], numbers below n_texts (under 2**31).
    pairs: int64[candidates.count_pairs(begins, full)], written. One number a pair sorts ten
        times faster than two.
    """
    at = 0
    for bucket in range(len(begins) - 1):
        begin, end = begins[bucket], begins[bucket + 1]
        for i in range(begin, end):
            one = texts[np.uint64(i)]
            last = i
            if end - begin > full and begin + FIRST < i:
                last = begin + FIRST
            for j in range(begin, last):
                pairs[np.uint64(at)] = join_pair(one, texts[np.uint64(j)], n_texts)
                at += 1


@inlined
def join_pair(one: int, other: int, n_texts: int) -> int:
    """Give the number of a pair, the same in either order."""
    return one * n_texts + other if one < other else other * n_texts + one
