"""MinHash signatures in the scheme of datasketch 2 ("affine32").

Cost: one 32-bit multiplication, addition and minimum for each shingle and permutation, in
vector registers; four shingles share each load and store of the signature.
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import inlined, kernel

Hashes = npt.NDArray[np.uint64]
Values = npt.NDArray[np.uint32]


@inlined
def premix(h: int) -> int:
    """Spread a 32-bit hash before the permutations (the finalizer of MurmurHash3, Appleby)."""
    h ^= h >> np.uint32(16)
    h = np.uint32(h * np.uint32(0x85EBCA6B))
    h ^= h >> np.uint32(13)
    h = np.uint32(h * np.uint32(0xC2B2AE35))
    return np.uint32(h ^ (h >> np.uint32(16)))


@kernel
def sign_runs(
    shingles: Hashes,
    ends: npt.NDArray[np.int64],
    a: Values,
    b: Values,
    mixed: Values,
    signatures: Values,
) -> None:
    """Sign each run shingles[ends[i]:ends[i + 1]] that is not empty.

    A signature is the lowest value of each permutation a * h + b (mod 2^32) over all shingles.

    Parameters
    ----------
    shingles: uint64; the upper half of each is the 32-bit hash that is permuted.
    a, b: uint32[num_perm].
    mixed: uint32[at least 3 more than the longest run], scratch.
    signatures: uint32[len(ends) - 1, num_perm], written.
    """
    for run in range(len(ends) - 1):
        begin, n = ends[run], ends[run + 1] - ends[run]
        if n == 0:
            continue
        for i in range(n):
            # an unsigned index, which cannot count from the end: so these become vectors
            mixed[i] = premix(np.uint32(shingles[np.uint64(begin + i)] >> np.uint64(32)))
        # the last one up to four times: what is lowest stays so
        for i in range(n, n + 3):
            mixed[i] = mixed[n - 1]
        signature = signatures[run]
        for k in range(len(signature)):
            signature[k] = np.uint32(0xFFFFFFFF)
        for i in range(0, n, 4):
            h0, h1, h2, h3 = mixed[i], mixed[i + 1], mixed[i + 2], mixed[i + 3]
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
