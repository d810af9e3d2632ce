"""Character references of HTML: what they stand for, written as a parser writes it out.

As the tokenizer of the HTML standard reads them (sections 13.2.5.72 to 13.2.5.80).
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import inlined, kernel
from dedup.segment.attributes_kernels import look_up
from dedup.segment.bytes_kernels import is_letter, put_all
from dedup.segment.tags import BASIS, PRIME
from dedup.segment.tree.references import (
    BARE,
    LONGEST,
    LONGEST_BARE,
    SECOND,
    WINDOWS,
    reference_table,
)

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

NAMES, CHARACTERS = reference_table()

NOBODY = np.int64(0xFFFD)
"""Stands for what is no character."""


@kernel
def is_name(c: int) -> bool:
    """Tell whether a byte may be one of a reference's name."""
    return is_letter(c) or 48 <= c <= 57


@kernel
def put_character(c: int, out: Bytes, to: int) -> int:
    """Write a character as UTF-8, escaped where a parser escapes it; gives where it ends."""
    if c == 38:
        return put_all(b"&amp;", out, to)
    if c == 60:
        return put_all(b"&lt;", out, to)
    if c == 62:
        return put_all(b"&gt;", out, to)
    if c == 0xA0:
        return put_all(b"&nbsp;", out, to)
    if c < 0x80:
        out[to] = c
        return to + 1
    if c < 0x800:
        out[to] = 0xC0 | (c >> 6)
        out[to + 1] = 0x80 | (c & 63)
        return to + 2
    if c < 0x10000:
        out[to] = 0xE0 | (c >> 12)
        out[to + 1] = 0x80 | ((c >> 6) & 63)
        out[to + 2] = 0x80 | (c & 63)
        return to + 3
    out[to] = 0xF0 | (c >> 18)
    out[to + 1] = 0x80 | ((c >> 12) & 63)
    out[to + 2] = 0x80 | ((c >> 6) & 63)
    out[to + 3] = 0x80 | (c & 63)
    return to + 4


@inlined
def put_reference(
    html: Bytes, at: int, end: int, quote: int, out: Bytes, to: int
) -> tuple[int, int]:
    """Write what the reference at html[at] stands for, or "&"; gives where both end.

    In an attribute's value quotes are escaped by the caller, but for those made here.
    """
    if at + 2 < end and html[at + 1] == 35:
        c, after = number(html, at + 2, end)
    else:
        c, after = named(html, at + 1, end, quote)
    if after == 0:
        return at + 1, put_character(np.int64(38), out, to)
    first = c & ((1 << SECOND) - 1)
    to = put_all(b"&quot;", out, to) if first == quote else put_character(first, out, to)
    if c >> SECOND:
        to = put_character(c >> SECOND, out, to)
    return after, to


@inlined
def number(html: Bytes, at: int, end: int) -> tuple[int, int]:
    """Read a number: its character, and where it ends; 0 if there is none."""
    base = np.int64(10)
    if html[at] == 120 or html[at] == 88:
        base = np.int64(16)
        at += 1
    begin = at
    c = np.int64(0)
    while at < end:
        digit = np.int64(html[at])
        if 48 <= digit <= 57:
            digit -= 48
        elif base == 16 and 97 <= (digit | 32) <= 102:
            digit = (digit | 32) - 87
        else:
            break
        c = min(c * base + digit, 0x110000)
        at += 1
    if at == begin:
        return np.int64(0), np.int64(0)
    if at < end and html[at] == 59:
        at += 1
    if c == 0 or c > 0x10FFFF or 0xD800 <= c <= 0xDFFF:
        c = NOBODY
    elif 128 <= c < 160:
        c = WINDOWS[c - 128]
    return c, at


@inlined
def named(html: Bytes, at: int, end: int, quote: int) -> tuple[int, int]:
    """Read a name: its characters, and where it ends; 0 if it is none.

    The longest name counts, and in an attribute's value only what nothing follows.
    """
    h = BASIS
    size = 0
    found = np.int64(0)
    after = np.int64(0)
    while size <= LONGEST and at + size < end and is_name(html[at + size]):
        h = (h ^ np.uint64(html[at + size])) * PRIME
        size += 1
        if 2 <= size <= LONGEST_BARE:
            c = look_up(h, NAMES, CHARACTERS)
            if c & BARE:
                found, after = c, at + size
    if size <= LONGEST and at + size < end and html[at + size] == 59:
        c = look_up(h, NAMES, CHARACTERS)
        if c:
            return c & (BARE - 1), at + size + 1
    if after and quote and after < end and (html[after] == 61 or is_name(html[after])):
        return np.int64(0), np.int64(0)
    return found & (BARE - 1), after
