"""Fast similarity sketches (Dahlgaard, Knudsen and Thorup 2017).

In each of ROUNDS rounds every shingle falls into one bin of the signature, chosen by its hash
in that round, until no bin is empty; a bin holds the lowest value of its first round. What is
empty even then is signed by all shingles, as in MinHash. Each value agrees between two texts
with the chance of their Jaccard similarity.

Cost: about n + p ln p steps for n shingles and p values, where MinHash takes n * p; two
multiplications and one unforeseeable load a step.
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel

Hashes = npt.NDArray[np.uint64]
Values = npt.NDArray[np.uint32]

ROUNDS = 32
"""Rounds in which shingles share out the bins: three shingles leave one bin of two empty."""

_EMPTY = np.uint32(0xFFFFFFFF)
_HALF = np.uint64(32)
_VALUE_BITS = np.uint32(26)
_ROUND_BITS = np.uint32(32 - 26)


@kernel
def sign(shingles: Hashes, n: int, factors: Hashes, bins: Values, signature: Values) -> None:
    """Write a signature of the first n shingles, n at least 1.

    A value has its round in the upper 6 bits and a hash below: a later round never wins.

    Parameters
    ----------
    factors: odd uint64[ROUNDS + p]: of each round, then of each value signed by all shingles.
    bins: uint32[2 * p], scratch. signature: uint32[p], written.
    """
    empty = share_first(shingles, n, factors[0], bins, signature)
    turn = 1
    while empty and turn < ROUNDS:
        empty -= share_empty(shingles, n, factors[turn], np.uint32(turn), signature)
        turn += 1
    if empty:
        for k in range(len(signature)):
            if signature[k] == _EMPTY:
                signature[k] = lowest_of_all(shingles, n, factors[ROUNDS + k])


@kernel
def share_first(shingles: Hashes, n: int, factor: int, bins: Values, signature: Values) -> int:
    """Share the shingles out among all bins; give the number of bins that stay empty.

    The upper half of a hash times the number of bins is the bin, and what is left a value.
    """
    p = np.uint64(len(signature))
    for k in range(len(bins)):
        bins[k] = _EMPTY
    # two sets of bins by turns: the processor waits less often for a bin just written to
    for pair in range(n // 2):
        even = ((shingles[2 * pair] * factor) >> _HALF) * p
        odd = ((shingles[2 * pair + 1] * factor) >> _HALF) * p
        i, j = even >> _HALF, p + (odd >> _HALF)
        bins[i] = min(bins[i], np.uint32(even))
        bins[j] = min(bins[j], np.uint32(odd))
    if n % 2:
        even = ((shingles[n - 1] * factor) >> _HALF) * p
        i = even >> _HALF
        bins[i] = min(bins[i], np.uint32(even))
    empty = np.int64(0)
    for k in range(len(signature)):
        lowest = min(bins[k], bins[len(signature) + k])
        empty += np.int64(lowest == _EMPTY)
        signature[k] = lowest if lowest == _EMPTY else lowest >> _ROUND_BITS
    return empty


@kernel
def share_empty(shingles: Hashes, n: int, factor: int, turn: int, signature: Values) -> int:
    """Share the shingles out among bins that are empty before this turn; count those filled."""
    p = np.uint64(len(signature))
    first = turn << _VALUE_BITS
    filled = np.int64(0)
    for i in range(n):
        h = ((shingles[i] * factor) >> _HALF) * p
        k = h >> _HALF
        before = signature[k]
        if before >= first:
            filled += np.int64(before == _EMPTY)
            signature[k] = min(before, first | (np.uint32(h) >> _ROUND_BITS))
    return filled


@kernel
def lowest_of_all(shingles: Hashes, n: int, factor: int) -> int:
    """Give the lowest value of all shingles, as of a round after the last."""
    lowest = np.uint32(0xFFFFFFFF)
    for i in range(n):
        lowest = min(lowest, np.uint32((shingles[i] * factor) >> _HALF))
    return (np.uint32(ROUNDS) << _VALUE_BITS) | (lowest >> _ROUND_BITS)


@kernel
def sign_runs(
    shingles: Hashes,
    ends: npt.NDArray[np.int64],
    factors: Hashes,
    bins: Values,
    signatures: Values,
) -> None:
    """Sign each run shingles[ends[i]:ends[i + 1]] that is not empty.

    Parameters
    ----------
    bins: uint32[2 * p], scratch. signatures: uint32[len(ends) - 1, p], written.
    """
    for i in range(len(ends) - 1):
        if ends[i + 1] > ends[i]:
            sign(shingles[ends[i] :], ends[i + 1] - ends[i], factors, bins, signatures[i])
