"""MinHash signatures in the scheme of datasketch 2 ("affine32").

Cost: one 32-bit multiplication, addition and minimum for each shingle and permutation, in
vector registers; four shingles share each load and store of the signature.
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel

Hashes = npt.NDArray[np.uint64]
Values = npt.NDArray[np.uint32]


@kernel
def premix(h: int) -> int:
    """Spread a 32-bit hash before the permutations (the finalizer of MurmurHash3, Appleby)."""
    h ^= h >> np.uint32(16)
    h = np.uint32(h * np.uint32(0x85EBCA6B))
    h ^= h >> np.uint32(13)
    h = np.uint32(h * np.uint32(0xC2B2AE35))
    return np.uint32(h ^ (h >> np.uint32(16)))


@kernel
def sign(shingles: Hashes, n: int, a: Values, b: Values, signature: Values) -> None:
    """Write the lowest value of each permutation a * h + b (mod 2^32) over all shingles.

    Parameters
    ----------
    shingles: uint64, n of them; the upper half of each is the 32-bit hash that is permuted.
    a, b, signature: uint32[num_perm].
    """
    signature[:] = np.uint32(0xFFFFFFFF)
    half = np.uint64(32)
    whole = n - n % 4
    for i in range(0, whole, 4):
        h0 = premix(np.uint32(shingles[i] >> half))
        h1 = premix(np.uint32(shingles[i + 1] >> half))
        h2 = premix(np.uint32(shingles[i + 2] >> half))
        h3 = premix(np.uint32(shingles[i + 3] >> half))
        for k in range(len(signature)):
            v0 = np.uint32(a[k] * h0 + b[k])
            v1 = np.uint32(a[k] * h1 + b[k])
            v2 = np.uint32(a[k] * h2 + b[k])
            v3 = np.uint32(a[k] * h3 + b[k])
            v0 = v0 if v0 < v1 else v1
            v2 = v2 if v2 < v3 else v3
            v0 = v0 if v0 < v2 else v2
            lowest = signature[k]
            signature[k] = v0 if v0 < lowest else lowest
    for i in range(whole, n):
        h0 = premix(np.uint32(shingles[i] >> half))
        for k in range(len(signature)):
            v0 = np.uint32(a[k] * h0 + b[k])
            lowest = signature[k]
            signature[k] = v0 if v0 < lowest else lowest


@kernel
def sign_runs(
    shingles: Hashes, ends: npt.NDArray[np.int64], a: Values, b: Values, signatures: Values
) -> None:
    """Sign each run shingles[ends[i]:ends[i + 1]] that is not empty.

    Parameters
    ----------
    signatures: uint32[len(ends) - 1, num_perm], written.
    """
    for i in range(len(ends) - 1):
        if ends[i + 1] > ends[i]:
            sign(shingles[ends[i] :], ends[i + 1] - ends[i], a, b, signatures[i])
