"""How deep tags lie, before a parser sees them. Cost: each byte is looked at once."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel
from dedup.segment.bytes_kernels import find, is_letter

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]


@kernel
def measure_depth(html: Bytes) -> int:
    """Count how deep start tags without end tags can lead, roughly: never less than they do."""
    depth = 0
    deepest = 0
    for at in range(len(html) - 1):
        if html[at] == 60:
            if html[at + 1] == 47:
                depth = max(depth - 1, 0)
            elif is_letter(html[at + 1]):
                depth += 1
                deepest = max(deepest, depth)
    return deepest


@kernel
def flatten(html: Bytes, max_depth: int) -> None:
    """Blank out the tags that lie deeper than `max_depth`; their text stays."""
    depth = 0
    n = len(html)
    at = 0
    while at < n - 1:
        if html[at] != 60 or not (html[at + 1] == 47 or is_letter(html[at + 1])):
            at += 1
            continue
        end = min(find(html, at, 62) + 1, n)
        if html[at + 1] == 47:
            deep = depth > max_depth
            depth = max(depth - 1, 0)
        else:
            depth += 1
            deep = depth > max_depth
        if deep:
            html[at:end] = 32
        at = end
