"""Rows of variable width from a mapped file. Cost: each byte is copied once."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]


@kernel
def copy_spans(source: Bytes, begins: Numbers, sizes: Numbers, out: Bytes, places: Numbers) -> None:
    """Copy each source[begins[i] : begins[i] + sizes[i]] to out[places[i] :]."""
    for i in range(len(begins)):
        begin, place = np.uint64(begins[i]), np.uint64(places[i])
        for k in range(np.uint64(sizes[i])):
            out[place + k] = source[begin + k]
