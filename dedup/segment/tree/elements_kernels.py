"""Start tags of a page, written as elements: open ones, empty ones, and those without markup."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel
from dedup.segment.bytes_kernels import GREATER, find
from dedup.segment.ends_kernels import TEXTAREA, find_end_of, raw_element, script_end
from dedup.segment.ends_kernels import TITLE as TITLE_NAME
from dedup.segment.tree.stack_kernels import FAILED, TO, fail, is_full, push, write_end
from dedup.segment.tree.tokens_kernels import (
    BARE,
    TOO_MANY,
    put_attributes,
    put_raw,
    put_tag_name,
    put_text,
)

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]


@kernel
def write_tag(html: Bytes, at: int, out: Bytes, state: Ints) -> tuple[int, int, bool]:
    """Write the start tag at html[at]: where it ends, the size of its name, whether it is "/>"."""
    to = state[TO]
    out[to] = 60
    size = put_tag_name(html, at + 1, out, to + 1)
    after, to, closes = put_attributes(html, at + 1 + size, out, to + 1 + size, state)
    if after == TOO_MANY:
        fail(state)
        return len(html), size, False
    state[TO] = to
    return after, size, closes


@kernel
def insert(html: Bytes, at: int, out: Bytes, rows: Ints, state: Ints, h: int, kind: int) -> int:
    """Open the element whose start tag is at html[at]; gives where that ends."""
    begin = state[TO]
    after, size, _ = write_tag(html, at, out, state)
    push(rows, state, h, kind, begin + 1, size)
    return after


@kernel
def insert_void(html: Bytes, at: int, out: Bytes, state: Ints) -> int:
    """Write an element that holds nothing; gives where its tag ends."""
    return write_tag(html, at, out, state)[0]


@kernel
def ignore(html: Bytes, at: int, out: Bytes, state: Ints) -> int:
    """Pass over a start tag; gives where it ends."""
    begin = state[TO]
    after = write_tag(html, at, out, state)[0]
    state[TO] = begin
    return after


@kernel
def ignore_bare(html: Bytes, at: int, out: Bytes, state: Ints) -> int:
    """Pass over a second html or body, which may have no attributes that the first would get."""
    begin = state[TO]
    after, size, _ = write_tag(html, at, out, state)
    if state[TO] != begin + size + 2:
        fail(state)
    state[TO] = begin
    return after


@kernel
def insert_raw(html: Bytes, at: int, out: Bytes, state: Ints, h: int) -> int:
    """Write an element that holds no markup, with all that it holds; gives where it ends."""
    name = state[TO] + 1
    after, size, _ = write_tag(html, at, out, state)
    if state[FAILED]:
        return len(html)
    which = raw_element(np.uint64(h))[0]
    # a script that has a comment in it may go on after its end tag
    end = script_end(html, after) if which == 0 else find_end_of(html, after, which)
    if end < 0 or end >= len(html) or is_full(state, size):
        fail(state)
        return len(html)
    if np.uint64(h) == TITLE_NAME or np.uint64(h) == TEXTAREA:
        begin = after_first_break(html, after, end) if np.uint64(h) == TEXTAREA else after
        state[TO] = put_text(html, begin, end, BARE, out, state[TO])
    else:
        state[TO] = put_raw(html, after, end, out, state[TO])
    write_end(out, state, name, size)
    return pass_end_tag(html, end, state)


@kernel
def after_first_break(html: Bytes, at: int, end: int) -> int:
    """Pass over the line break that may stand after a start tag of pre or textarea."""
    if at < end and html[at] == 13:
        at += 1
        return at + 1 if at < end and html[at] == 10 else at
    return at + 1 if at < end and html[at] == 10 else at


@kernel
def pass_end_tag(html: Bytes, at: int, state: Ints) -> int:
    """Pass over an end tag; fails where it has attributes, which may have a ">" in them."""
    end = find(html, at, GREATER)
    if end == len(html):
        fail(state)
        return end
    for i in range(at, end):
        if html[i] == 61:
            fail(state)
    return end + 1
