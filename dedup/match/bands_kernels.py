"""Hashes of bands. Cost: four bytes read and two operations a value."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel


@kernel
def hash_bands(
    signatures: npt.NDArray[np.uint32],
    scopes: npt.NDArray[np.uint64],
    rows: int,
    buckets: npt.NDArray[np.uint64],
) -> None:
    """Hash each band of each signature together with its number and scope.

    Parameters
    ----------
    signatures: uint32[n, p]; scopes: uint64[n].
    buckets: uint64[n * b], written: the b bands of the first signature, then the next one's.
    """
    n = len(signatures)
    n_bands = len(buckets) // n if n else 0
    for i in range(n):
        for band in range(n_bands):
            h = scopes[i] ^ (np.uint64(band + 1) * np.uint64(0x9E3779B97F4A7C15))
            for j in range(band * rows, (band + 1) * rows):
                h = (h ^ np.uint64(signatures[i, j])) * np.uint64(0xC2B2AE3D27D4EB4F)
                h ^= h >> np.uint64(29)
            buckets[i * n_bands + band] = h
