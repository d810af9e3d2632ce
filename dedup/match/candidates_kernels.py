"""Pairs within buckets. Cost: 16 bytes written a pair."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel

FULL = 64
FIRST = 16
NEXT = 4

Keys = npt.NDArray[np.int64]


@kernel
def count_pairs(begins: Keys) -> int:
    """Count the pairs of all buckets; begins: int64[buckets + 1]."""
    total = 0
    for bucket in range(len(begins) - 1):
        n = begins[bucket + 1] - begins[bucket]
        if n <= FULL:
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
def list_pairs(begins: Keys, keys: Keys, pairs: Keys) -> None:
    """Write the pairs of all buckets to pairs: int64[count_pairs(begins), 2], lower key first."""
    at = 0
    for bucket in range(len(begins) - 1):
        begin = begins[bucket]
        n = begins[bucket + 1] - begin
        for i in range(n):
            direct = 0 if n <= FULL else first_skipped(i)
            for j in range(0 if n <= FULL else min(i, FIRST)):
                at = write_pair(pairs, at, keys[begin + i], keys[begin + j])
            for j in range(direct, i):
                at = write_pair(pairs, at, keys[begin + i], keys[begin + j])


@kernel
def write_pair(pairs: Keys, at: int, one: int, other: int) -> int:
    """Write one pair in order."""
    pairs[at, 0] = min(one, other)
    pairs[at, 1] = max(one, other)
    return at + 1
