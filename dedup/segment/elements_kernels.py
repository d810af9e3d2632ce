"""Paths and hints of blocks, from the elements that a scan has noted down."""

import numpy as np
import numpy.typing as npt

from dedup.jit import inlined, kernel
from dedup.segment.bytes_kernels import starts_with

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

NAME_BYTES = 24
"""Longer names of elements are cut."""


@kernel
def describe(
    html: Bytes,
    elements: Ints,
    hints: Bytes,
    of: Ints,
    max_names: int,
    max_bytes: int,
    paths: Bytes,
    path_ends: Ints,
    words: Bytes,
    word_ends: Ints,
) -> tuple[Bytes, Bytes]:
    """Write the path and the hints of each block's element.

    Parameters
    ----------
    of: int64[n], the blocks' elements. max_names: of a path, the innermost.
    max_bytes: of the hints, the innermost; an element's words are never cut in two.
    paths, words: uint8, written from path_ends[0] and word_ends[0] on, and made larger if need
        be: what is returned.
    path_ends, word_ends: int64[n + 1], written but for their first.
    """
    chain = np.empty(1024, np.int64)
    for i in range(len(of)):
        paths = room(paths, path_ends[i] + max_names * (NAME_BYTES + 1))
        words = room(words, word_ends[i] + max_bytes + 1)
        n = climb(elements, of[i], chain)
        to = path_ends[i]
        for j in range(min(n, max_names) - 1, -1, -1):
            begin, end = elements[chain[j], 1], elements[chain[j], 2]
            if end - begin == 4 and starts_with(html, begin, b"html"):
                continue
            if to > path_ends[i]:
                paths[to] = 47
                to += 1
            size = min(end - begin, NAME_BYTES)
            # one by one: numba's copy of slices takes two seconds more to compile
            for k in range(size):
                paths[to + k] = html[begin + k]
            to += size
        path_ends[i + 1] = to
        word_ends[i + 1] = write_words(elements, hints, chain[:n], max_bytes, words, word_ends[i])
    return paths, words


@inlined
def climb(elements: Ints, element: int, chain: Ints) -> int:
    """Write an element and what holds it to `chain`, innermost first; how many they are."""
    n = 0
    while element > 0 and n < len(chain):
        chain[n] = element
        element = elements[element, 0]
        n += 1
    return n


@inlined
def write_words(
    elements: Ints, hints: Bytes, chain: Ints, max_bytes: int, words: Bytes, to: int
) -> int:
    """Write the words of a chain of elements: each outer one's with a slash after them."""
    total = 0
    n = 0
    for j in range(len(chain)):
        size = elements[chain[j], 4] - elements[chain[j], 3]
        if total + size + 1 > max_bytes:
            break
        total += size + 1
        n = j + 1
    for j in range(n - 1, -1, -1):
        begin, end = elements[chain[j], 3], elements[chain[j], 4]
        if end == begin:
            continue
        for k in range(begin, end):
            words[to + k - begin] = hints[k]
        to += end - begin
        if j > 0:
            words[to] = 47
            to += 1
    return to


@kernel
def room(data: Bytes, n: int) -> Bytes:
    """Make room for n bytes."""
    if n <= len(data):
        return data
    larger = np.empty(max(n, 2 * len(data)), np.uint8)
    for i in range(len(data)):
        larger[i] = data[i]
    return larger
