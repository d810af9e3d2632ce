"""Which buckets are shared, nearly: counters of two bits. Cost: one random access a bucket."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel


@kernel
def mark_values(values: npt.NDArray[np.uint64], counters: npt.NDArray[np.uint8]) -> None:
    """Count each value, up to two, in the two bits that its leading bits choose.

    Parameters
    ----------
    values: uint64[n], evenly spread. counters: uint8[m], m a power of two; changed.
    """
    bits = 2
    while (np.int64(1) << (bits - 2)) < len(counters):
        bits += 1
    shift = np.uint64(64 - bits)
    for i in range(len(values)):
        slot = (values[i] * np.uint64(0x9E3779B97F4A7C15)) >> shift
        byte, place = slot >> np.uint64(2), np.uint8(2) * np.uint8(slot & np.uint64(3))
        seen = (counters[byte] >> place) & np.uint8(3)
        counters[byte] |= np.uint8(np.uint8(seen + 1) << place) if seen < 2 else np.uint8(0)


@kernel
def test_values(
    values: npt.NDArray[np.uint64],
    counters: npt.NDArray[np.uint8],
    repeated: npt.NDArray[np.bool_],
) -> None:
    """Write for each value whether its counter has been marked twice."""
    bits = 2
    while (np.int64(1) << (bits - 2)) < len(counters):
        bits += 1
    shift = np.uint64(64 - bits)
    for i in range(len(values)):
        slot = (values[i] * np.uint64(0x9E3779B97F4A7C15)) >> shift
        place = np.uint8(2) * np.uint8(slot & np.uint64(3))
        repeated[i] = (counters[slot >> np.uint64(2)] >> place) & np.uint8(2) != 0
