"""Pairs within buckets. Cost: eight bytes written a pair."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel

FIRST = 16
NEXT = 4

Keys = npt.NDArray[np.int64]


@kernel
def count_pairs(begins: Keys, full: int) -> int:
    """Count the pairs of all buckets.

    Parameters
    ----------
    begins: int64[buckets + 1]; full: texts of a bucket up to which each is paired with each.
    """
    total = 0
    for bucket in range(len(begins) - 1):
        n = begins[bucket + 1] - begins[bucket]
        if n <= full:
            total += n * (n - 1) // 2
        else:
            for i in range(n):
                total += i - first_skipped(i) + min(i, FIRST)
    return total


@kernel
def first_skipped(i: int) -> int:
    """Give the first of the texts directly before i with which it is paired."""
    return max(min(i, FIRST), i - NEXT)


@kernel
def list_pairs(begins: Keys, texts: Keys, n_texts: int, full: int, pairs: Keys) -> None:
    """Write the pairs of all buckets as single numbers, lower * n_texts + higher.

    Parameters
    ----------
    begins: int64[buckets + 1] into texts: int64[m], numbers below n_texts (under 2**31).
    pairs: int64[count_pairs(begins, full)], written. One number a pair sorts ten times faster
        than two.
    """
    at = 0
    for bucket in range(len(begins) - 1):
        begin = begins[bucket]
        n = begins[bucket + 1] - begin
        for i in range(n):
            direct = 0 if n <= full else first_skipped(i)
            for j in range(0 if n <= full else min(i, FIRST)):
                pairs[at] = join_pair(texts[begin + i], texts[begin + j], n_texts)
                at += 1
            for j in range(direct, i):
                pairs[at] = join_pair(texts[begin + i], texts[begin + j], n_texts)
                at += 1


@kernel
def join_pair(one: int, other: int, n_texts: int) -> int:
    """Give the number of a pair, the same in either order."""
    return min(one, other) * n_texts + max(one, other)
