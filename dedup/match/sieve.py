"""A sieve for values that occur once: most buckets hold one text, and need no sorting.

Counters of two bits, chosen by a hash (a counting Bloom filter with one hash function; Fan,
Cao, Almeida and Broder 2000): what occurs twice is always kept, and with eight counters a
value one in nine of those that occur once is kept as well.
"""

import numpy as np
import numpy.typing as npt

from dedup.match.sieve_kernels import mark_values, test_values

Keys = npt.NDArray[np.int64]
Counters = npt.NDArray[np.uint8]


def new_counters(n_values: int, max_bytes: int) -> Counters:
    """Make eight counters a value, as far as memory allows: uint8[power of two]."""
    size = 64
    while size < 2 * n_values and 2 * size <= max_bytes:
        size *= 2
    return np.zeros(size, np.uint8)


def mark(values: Keys, counters: Counters) -> None:
    """Count values; int64[n]."""
    mark_values(values.view(np.uint64), counters)


def may_repeat(values: Keys, counters: Counters) -> npt.NDArray[np.bool_]:
    """Tell which values may have been marked twice; of those that were, none is left out."""
    repeated = np.empty(len(values), np.bool_)
    test_values(values.view(np.uint64), counters, repeated)
    return repeated
