"""A bit of each value of a signature: enough to see that most candidates are no duplicates.

Two texts of similarity s have the same bit with probability (1 + s) / 2 (Li and König 2010,
"b-bit minwise hashing"). Unrelated texts that share a band by chance differ in so many bits
that their shingles need not be looked at.

The bit is one of the mixed value: the lowest bit of a permutation a * h + b with odd a is that
of h and b alone, so that all permutations would see the same bit of a shingle.
"""

from math import comb

import numpy as np
import numpy.typing as npt

from dedup.settings import MatchSettings

N_BITS = 128
"""Two numbers of 64 bits; of a signature with fewer values, the others are 0."""

SPREAD = np.uint32(0x9E3779B1)
"""Its product with a value has a highest bit that depends on all bits of the value."""

MISSED = 1e-6
"""Chance, at most, that a pair whose similarity is just the threshold is taken for none."""

Numbers = npt.NDArray[np.int64]


def signature_bits(signatures: npt.NDArray[np.uint32]) -> Numbers:
    """Take the highest bit of each of the first N_BITS values, mixed.

    Parameters
    ----------
    signatures: uint32[n, p].

    Returns
    -------
    int64[n, 2].
    """
    packed = np.zeros((len(signatures), N_BITS // 8), np.uint8)
    mixed = (signatures[:, :N_BITS] * SPREAD) >> np.uint32(31)
    bits = np.packbits(mixed.astype(np.uint8), axis=1)
    packed[:, : bits.shape[1]] = bits
    return packed.view(np.int64)


def fewest_equal(settings: MatchSettings) -> int:
    """Tell how many of N_BITS bits two texts have in common that reach the threshold, at least.

    0 where a pair may be wanted for its containment: a passage and the text that holds it
    need not be similar.

    Examples
    --------
    >>> fewest_equal(MatchSettings(threshold=0.8)), fewest_equal(MatchSettings(containment=0.9))
    (97, 0)
    """
    if settings.containment is not None:
        return 0
    n = min(settings.num_perm, N_BITS)
    same = (1 + settings.threshold) / 2
    equal, below = 0, 0.0
    while equal < n:
        below += comb(n, equal) * same**equal * (1 - same) ** (n - equal)
        if below > MISSED:
            break
        equal += 1
    return equal + N_BITS - n


def alike(bits: Numbers, a: Numbers, b: Numbers, fewest: int) -> npt.NDArray[np.bool_]:
    """Tell which pairs have at least `fewest` equal bits.

    Parameters
    ----------
    bits: int64[n, 2]; a, b: int64[pairs], rows of it.
    """
    equal: npt.NDArray[np.bool_] = N_BITS - count_different(bits[a], bits[b]) >= fewest
    return equal


def count_different(one: Numbers, other: Numbers) -> npt.NDArray[np.uint16]:
    """Count the bits in which rows differ.

    Parameters
    ----------
    one, other: int64[n, 2].

    Examples
    --------
    >>> count_different(np.array([[7, -1]]), np.array([[0, -1]])).tolist()
    [3]
    """
    # of a negative number numpy counts the bits of its absolute value
    counts = np.bitwise_count((one ^ other).view(np.uint64))
    return counts[:, 0].astype(np.uint16) + counts[:, 1]
