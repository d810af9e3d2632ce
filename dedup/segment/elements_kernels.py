"""Paths and hints of blocks, from the elements that a scan has noted down."""

import numpy as np
import numpy.typing as npt

from dedup.jit import inlined, kernel
from dedup.segment.bytes_kernels import starts_with
from dedup.segment.vector_kernels import WIDTH, copy_text

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

NAME_BYTES = 24
"""Longer names of elements are cut."""

MOST_ABOVE = 1024
"""Elements that hold a block and are looked at, from the innermost on."""


@kernel
def describe(
    html: Bytes,
    elements: Ints,
    hints: Bytes,
    of: Ints,
    limits: Ints,
    chain: Ints,
    paths: Bytes,
    path_ends: Ints,
    words: Bytes,
    word_ends: Ints,
) -> None:
    """Write the path and the hints of each block's element.

    Parameters
    ----------
    of: int64[n], the blocks' elements.
    limits: int64[2]: most names of a path, and most bytes of the hints, both the innermost; an
        element's words are never cut in two.
    chain: int64[MOST_ABOVE], overwritten.
    paths: uint8[n * names * (NAME_BYTES + 1) + WIDTH], words: uint8[n * (bytes + 1) + WIDTH],
        written from path_ends[0] and word_ends[0] on.
    path_ends, word_ends: int64[n + 1], written but for their first.
    """
    max_names, max_bytes = limits[0], limits[1]
    for i in range(len(of)):
        n = climb(elements, of[i], chain)
        to = path_ends[i]
        for j in range(min(n, max_names) - 1, -1, -1):
            begin, end = elements[chain[j], 1], elements[chain[j], 2]
            if end - begin == 4 and starts_with(html, begin, b"html"):
                continue
            if to > path_ends[i]:
                paths[to] = 47
                to += 1
            to = copy_span(html, begin, min(end, begin + NAME_BYTES), paths, to)
        path_ends[i + 1] = to
        word_ends[i + 1] = write_words(elements, hints, chain, n, max_bytes, words, word_ends[i])


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
    elements: Ints, hints: Bytes, chain: Ints, n_above: int, max_bytes: int, words: Bytes, to: int
) -> int:
    """Write the words of a chain of elements: each outer one's with a slash after them."""
    total = 0
    n = 0
    for j in range(n_above):
        size = elements[chain[j], 4] - elements[chain[j], 3]
        if total + size + 1 > max_bytes:
            break
        total += size + 1
        n = j + 1
    for j in range(n - 1, -1, -1):
        begin, end = elements[chain[j], 3], elements[chain[j], 4]
        if end == begin:
            continue
        to = copy_span(hints, begin, end, words, to)
        if j > 0:
            words[to] = 47
            to += 1
    return to


@kernel
def copy_span(source: Bytes, at: int, end: int, out: Bytes, to: int) -> int:
    """Copy source[at:end], and write over up to WIDTH bytes after it; gives where it ends."""
    after = to + end - at
    while at < end and at + WIDTH <= len(source):
        copy_text(source, at, out, to)
        at += WIDTH
        to += WIDTH
    while at < end:
        out[to] = source[at]
        at += 1
        to += 1
    return after
