"""Start tags of a page, written as elements: open ones, empty ones, and those without markup."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel
from dedup.segment.bytes_kernels import GREATER, copy, find
from dedup.segment.ends_kernels import TEXTAREA, find_end_of, raw_element, script_end
from dedup.segment.ends_kernels import TITLE as TITLE_NAME
from dedup.segment.tree.formatting_kernels import BEGIN, END
from dedup.segment.tree.stack_kernels import (
    ACTIVE,
    BODY_END,
    DEPTH,
    FAILED,
    N_ACTIVE,
    N_TEMPLATES,
    NAME,
    TO,
    fail,
    is_full,
    push,
    write_end,
)
from dedup.segment.tree.tokens_kernels import (
    BARE,
    TOO_MANY,
    put_attributes,
    put_name,
    put_raw,
    put_text,
)

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]


@kernel
def write_tag(html: Bytes, at: int, out: Bytes, state: Ints) -> tuple[int, int, bool]:
    """Write the start tag at html[at]: where it ends, the size of its name, whether it is "/>"."""
    to = state[TO]
    out[to] = 60
    _, size = put_name(html, at + 1, GREATER, out, to + 1)
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
    """Pass over a second html, which may have no attributes that the first would get."""
    begin = state[TO]
    after, size, _ = write_tag(html, at, out, state)
    if state[TO] != begin + size + 2:
        fail(state)
    state[TO] = begin
    return after


@kernel
def merge_body(html: Bytes, at: int, out: Bytes, rows: Ints, state: Ints) -> int:
    """Give the body that is open the attributes of a second one; where its start tag ends.

    Fails if the first one has some: then only those that it lacks would count.
    """
    begin, place = state[TO], state[BODY_END]
    after, name_size, _ = write_tag(html, at, out, state)
    attributes = begin + 1 + name_size
    size = state[TO] - 1 - attributes
    state[TO] = begin
    if size <= 0 or state[N_TEMPLATES] or state[FAILED]:
        return after
    # set aside beyond what is moved
    aside = attributes + size
    if place == 0 or aside + size > len(out) or is_full(state, size):
        fail(state)
        return after
    copy(out, attributes, aside, out, aside)
    for i in range(begin - 1, place - 1, -1):
        out[i + size] = out[i]
    copy(out, aside, aside + size, out, place)
    state[TO], state[BODY_END] = begin + size, 0
    move_places(rows, state, place, size)
    return after


@kernel
def move_places(rows: Ints, state: Ints, place: int, size: int) -> None:
    """Note that all that was written from `place` on now stands so much further on."""
    for i in range(state[DEPTH]):
        if rows[i, NAME] >= place:
            rows[i, NAME] += size
    for i in range(ACTIVE, ACTIVE + state[N_ACTIVE]):
        if rows[i, BEGIN] >= place:
            rows[i, BEGIN] += size
            rows[i, END] += size


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
        begin = after_first_break(html, after, end, state) if np.uint64(h) == TEXTAREA else after
        state[TO] = put_text(html, begin, end, BARE, out, state[TO])
    else:
        state[TO] = put_raw(html, after, end, out, state[TO])
    write_end(out, state, name, size)
    return pass_end_tag(html, end, state)


@kernel
def after_first_break(html: Bytes, at: int, end: int, state: Ints) -> int:
    """Pass over the line break that may stand after a start tag of pre or textarea.

    Fails where a reference stands there that may be one: a number, or "NewLine".
    """
    if at + 1 < end and html[at] == 38 and (html[at + 1] == 35 or html[at + 1] == 78):
        fail(state)
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
