"""Start tags: their names, and what their attributes say of text."""

import numpy as np
import numpy.typing as npt

from dedup.jit import inlined, kernel
from dedup.segment.bytes_kernels import (
    APOSTROPHE,
    QUOTE,
    after_gaps,
    find,
    is_gap,
    is_letter,
    is_word,
    starts_with,
)
from dedup.segment.flow_kernels import HINTS_END
from dedup.segment.tags import BASIS, PRIME

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

HINT_BYTES = 120
"""So much of an element's class and id words is kept."""


@kernel
def read_name(html: Bytes, at: int) -> tuple[int, int, bool]:
    """Read an element's name: its end, its hash, and whether there is a hyphen in it."""
    h = BASIS
    hyphen = False
    while at < len(html):
        c = html[at]
        if c == 32 or c == 62 or c == 47 or c == 9 or c == 10:
            break
        hyphen = hyphen or c == 45
        h = (h ^ np.uint64(c)) * PRIME
        at += 1
    return at, h, hyphen


@kernel
def hash_small(html: Bytes, at: int, stop: int) -> tuple[int, int]:
    """Hash a name in small letters, and tell where it ends; its first byte may be `stop`."""
    n = len(html)
    h = BASIS
    begin = at
    while at < n:
        c = html[at]
        if is_gap(c) or c == 62 or c == 47 or (c == stop and at > begin):
            break
        if 65 <= c <= 90:
            c |= np.uint8(32)
        h = (h ^ np.uint64(c)) * PRIME
        at += 1
    return h, at


@inlined
def next_attribute(html: Bytes, at: int) -> tuple[int, bool]:
    """Pass over what sets attributes off: where the next one begins, and whether "/" is before it.

    There the tag may end, or the page.
    """
    slash = False
    while at < len(html) and (is_gap(html[at]) or html[at] == 47):
        slash = html[at] == 47
        at += 1
    return at, slash


@kernel
def pass_value(html: Bytes, at: int) -> tuple[int, int, int]:
    """Pass over an attribute's value, if it has one: where what follows begins, and the value."""
    n = len(html)
    after = after_gaps(html, at, n)
    if after >= n or html[after] != 61:
        return at, at, at
    after = after_gaps(html, after + 1, n)
    if after < n and (html[after] == 34 or html[after] == 39):
        quote = QUOTE if html[after] == 34 else APOSTROPHE
        end = find(html, after + 1, quote)
        return end + 1, after + 1, end
    begin = after
    while after < n and html[after] != 62 and not is_gap(html[after]):
        after += 1
    return after, begin, after


@kernel
def look_up(h: int, names: npt.NDArray[np.uint64], meanings: Ints) -> int:
    """Look the meaning of a name up; 0 for one that has none."""
    # their number is a power of two
    slot = np.int64(h & np.uint64(len(names) - 1))
    while names[slot] != 0:
        if names[slot] == h:
            return meanings[slot]
        slot = (slot + 1) & (len(names) - 1)
    return np.int64(0)


@inlined
def read_attributes(html: Bytes, at: int, hints: Bytes, state: Ints) -> tuple[int, bool, bool]:
    """Read attributes up to the end of the tag: where it is, whether they hide, or link."""
    n = len(html)
    hides = False
    has_link = False
    first = state[HINTS_END]
    while at < n and html[at] != 62:
        if html[at] == 32:
            at += 1
            continue
        # a name has one byte at least, which may be anything
        begin = at
        at += 1
        while at < n and html[at] != 61 and html[at] != 62 and html[at] != 32:
            at += 1
        size = at - begin
        value = value_end = at
        if at < n and html[at] == 61:
            at += 1
            if at < n and html[at] == 34:
                value = at + 1
                value_end = find(html, value, QUOTE)
                at = value_end + 1
        if is_word(html, begin, size, b"class") or is_word(html, begin, size, b"id"):
            add_hints(html, value, value_end, hints, state, first)
        elif is_word(html, begin, size, b"role") or is_word(html, begin, size, b"itemprop"):
            add_hints(html, value, value_end, hints, state, first)
        elif is_word(html, begin, size, b"href"):
            has_link = True
        elif is_word(html, begin, size, b"hidden"):
            hides = True
        elif is_word(html, begin, size, b"aria-hidden"):
            hides = hides or is_word(html, value, value_end - value, b"true")
        elif is_word(html, begin, size, b"style"):
            hides = hides or style_hides(html, value, value_end)
    return min(at + 1, n), hides, has_link


@inlined
def style_hides(html: Bytes, begin: int, end: int) -> bool:
    """Tell whether a style says display:none or visibility:hidden."""
    for at in range(begin, end):
        if html[at] != 58:
            continue
        value = at + 1
        while value < end and html[value] == 32:
            value += 1
        name_end = at
        while name_end > begin and html[name_end - 1] == 32:
            name_end -= 1
        if name_end - 7 >= begin and starts_with(html, name_end - 7, b"display"):
            if value + 4 <= end and starts_with(html, value, b"none"):
                return True
        if name_end - 10 >= begin and starts_with(html, name_end - 10, b"visibility"):
            if value + 6 <= end and starts_with(html, value, b"hidden"):
                return True
    return False


@kernel
def add_hints(html: Bytes, begin: int, end: int, hints: Bytes, state: Ints, first: int) -> None:
    """Add a value's words in small letters, cut at all else, and within "camelCase"."""
    to = state[HINTS_END]
    in_word = False
    before_small = False
    for at in range(begin, end):
        c = html[at]
        if not is_letter(c):
            in_word = False
            before_small = False
            continue
        small = c >= 97
        if (not in_word or (before_small and not small)) and to > first:
            hints[to] = 32
            to += 1
        hints[to] = c | 32
        to += 1
        in_word = True
        before_small = small
        if to - first >= HINT_BYTES:
            break
    state[HINTS_END] = to
