"""Text and tags of HTML, written as a parser writes them out."""

import numpy as np
import numpy.typing as npt

from dedup.jit import inlined, kernel
from dedup.segment.attributes_kernels import next_attribute, pass_value
from dedup.segment.bytes_kernels import EQUALS, is_gap, put_all
from dedup.segment.tree.references_kernels import put_reference
from dedup.segment.vector_kernels import WIDTH, copy_unescaped

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

BARE, QUOTED = np.int64(0), np.int64(34)
"""What is escaped in text, and in a value, besides what always is."""

MAX_ATTRIBUTES = 64
"""Of a tag with more, two may have the same name, and be far apart."""

TOO_MANY = -1

SEEN = 32
BLANKS = 2 * MAX_ATTRIBUTES
MAX_BLANKS = 64
N_SEEN = BLANKS + MAX_BLANKS
"""From SEEN on the places of attributes' names are kept, then the blanks between head and body."""


@kernel
def put_text(html: Bytes, at: int, end: int, quote: int, out: Bytes, to: int) -> int:
    """Write html[at:end], text or a value, its references undone and signs escaped."""
    while at < end:
        while at + WIDTH <= end:
            step = copy_unescaped(html, at, out, to)
            at += step
            to += step
            if step < WIDTH:
                break
        if at >= end:
            break
        c = html[at]
        if c == 38:
            at, to = put_reference(html, at, end, quote, out, to)
            continue
        at += 1
        if c == 60:
            to = put_all(b"&lt;", out, to)
        elif c == 62:
            to = put_all(b"&gt;", out, to)
        elif c == quote:
            to = put_all(b"&quot;", out, to)
        elif c == 0xC2 and at < end and html[at] == 0xA0:
            to = put_all(b"&nbsp;", out, to)
            at += 1
        elif c == 13:
            out[to] = 10
            to += 1
            if at < end and html[at] == 10:
                at += 1
        else:
            out[to] = c
            to += 1
    return to


@kernel
def put_raw(html: Bytes, at: int, end: int, out: Bytes, to: int) -> int:
    """Write html[at:end] as it is, but for the ends of lines."""
    while at < end:
        c = html[at]
        at += 1
        if c == 13:
            c = np.uint8(10)
            if at < end and html[at] == 10:
                at += 1
        out[to] = c
        to += 1
    return to


@inlined
def put_attributes(html: Bytes, at: int, out: Bytes, to: int, state: Ints) -> tuple[int, int, bool]:
    """Write a start tag's attributes, and its end: where both end, and whether it is "/>".

    Parameters
    ----------
    at: after the tag's name. state: int64, of which some from SEEN on are overwritten.

    Returns
    -------
    Both ends; the first is TOO_MANY for a tag of too many attributes, or that has no end.
    """
    n = len(html)
    count = np.int64(0)
    while True:
        at, closes = next_attribute(html, at)
        if at >= n or html[at] == 62:
            break
        begin = to + 1
        at, size = put_name(html, at, EQUALS, out, begin)
        at, value, value_end = pass_value(html, at)
        if count == MAX_ATTRIBUTES:
            return TOO_MANY, to, False
        if is_among(out, begin, size, state, count):
            continue
        state[SEEN + 2 * count], state[SEEN + 2 * count + 1] = begin, size
        count += 1
        out[to] = 32
        to = begin + size
        out[to], out[to + 1] = 61, 34
        to = put_text(html, value, value_end, QUOTED, out, to + 2)
        out[to] = 34
        to += 1
    if at >= n:
        return TOO_MANY, to, False
    out[to] = 62
    return at + 1, to + 1, closes


@kernel
def put_name(html: Bytes, at: int, stop: int, out: Bytes, to: int) -> tuple[int, int]:
    """Write a name in small letters, where `hash_small` hashes it: where it ends, and its size."""
    begin = to
    n = len(html)
    while at < n:
        c = html[at]
        if is_gap(c) or c == 62 or c == 47 or (c == stop and to > begin):
            break
        if 65 <= c <= 90:
            c |= np.uint8(32)
        out[to] = c
        at += 1
        to += 1
    return at, to - begin


@inlined
def is_among(out: Bytes, begin: int, size: int, state: Ints, count: int) -> bool:
    """Tell whether the name out[begin : begin + size] is one of those seen."""
    for i in range(count):
        if state[SEEN + 2 * i + 1] == size and same(out, state[SEEN + 2 * i], begin, size):
            return True
    return False


@kernel
def same(out: Bytes, a: int, b: int, size: int) -> bool:
    """Tell whether out[a : a + size] equals out[b : b + size]."""
    for i in range(size):
        if out[a + i] != out[b + i]:
            return False
    return True
