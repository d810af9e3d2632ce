"""The tree of a page of HTML, written out while it is built.

The rules are those of the HTML standard (section 13.2.6). Nearly all pages can be written from
their beginning to their end as their tags come: what a parser would write after it has built the
tree. Where something would be moved that has been written already, it is left to a parser. Cost:
each byte is looked at once, text 32 at a time; a tag looks at open elements, at most 64 a byte of
the page.
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import inlined, kernel
from dedup.segment.attributes_kernels import hash_small
from dedup.segment.bytes_kernels import (
    GREATER,
    LESS,
    QUOTE,
    after_gaps,
    find,
    is_gap,
    is_letter,
    put_all,
    starts_in_any_case,
)
from dedup.segment.tree import before_body_kernels as before_body
from dedup.segment.tree import body_kernels as body
from dedup.segment.tree import elements_kernels as elements
from dedup.segment.tree import formatting_kernels as formatting
from dedup.segment.tree import stack_kernels as opened
from dedup.segment.tree import tables_kernels as tables
from dedup.segment.tree import tags
from dedup.segment.tree.stack_kernels import NOT_YET
from dedup.segment.tree.tokens_kernels import BARE, put_raw, put_text

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

TAKES_A_PARSER = -1


@kernel
def write_tree(html: Bytes, out: Bytes, rows: Ints, state: Ints) -> int:
    """Write the tree of one page.

    Parameters
    ----------
    html: uint8[n], without NUL. out: uint8[10 * n + 8192], rows: int64[N_ROWS, N_COLUMNS],
        overwritten. state: int64[N_KEPT], zeros.

    Returns
    -------
    The bytes written; TAKES_A_PARSER for a page that this does not do.
    """
    n = len(html)
    state[opened.ROOM] = len(out) - 6 * n - 4096
    state[opened.BUDGET] = 64 * n + 100_000
    at = np.int64(0)
    while at < n and not state[opened.FAILED]:
        following = html[at + 1] if at + 1 < n else np.uint8(0)
        if html[at] != 60 or not begins_markup(following):
            end = text_end(html, at)
            read_text(html, at, end, out, rows, state)
            at = end
        elif is_letter(following):
            at = start_tag(html, at, out, rows, state)
        elif following == 47 and at + 2 < n and is_letter(html[at + 2]):
            at = end_tag(html, at, out, rows, state)
        elif following == 33:
            at = declaration(html, at, out, state)
        else:
            opened.fail(state)
    if not state[opened.FAILED]:
        end_page(out, rows, state)
    return TAKES_A_PARSER if state[opened.FAILED] else state[opened.TO]


@kernel
def begins_markup(c: int) -> bool:
    """Tell whether a "<" before this byte is no text."""
    return is_letter(c) or c == 47 or c == 33 or c == 63


@inlined
def text_end(html: Bytes, at: int) -> int:
    """Find where the text that begins at `at` ends."""
    n = len(html)
    at = find(html, at, LESS) if html[at] != 60 else at
    while at + 1 < n and not begins_markup(html[at + 1]):
        at = find(html, at + 1, LESS)
    return at if at + 1 < n else n


@kernel
def read_text(html: Bytes, at: int, end: int, out: Bytes, rows: Ints, state: Ints) -> None:
    """Take text in."""
    begin = at
    at = after_gaps(html, at, end)
    mode = state[opened.MODE]
    if mode <= opened.AFTER_HEAD:
        if mode == opened.AFTER_HEAD:
            before_body.keep_blanks(html, begin, at, state)
        elif mode == opened.IN_HEAD or mode == opened.IN_HEAD_NOSCRIPT:
            state[opened.TO] = put_raw(html, begin, at, out, state[opened.TO])
        if at == end:
            return
        if html[at] == 38:
            # it may stand for a blank
            opened.fail(state)
            return
        before_body.begin_body(out, rows, state)
        begin = at
    elif opened.IN_TABLE <= mode <= opened.IN_ROW and mode != opened.IN_CAPTION:
        if at < end:
            opened.fail(state)
        else:
            state[opened.TO] = put_raw(html, begin, at, out, state[opened.TO])
        return
    elif mode >= opened.AFTER_BODY and at < end:
        if html[at] == 38:
            # as above
            opened.fail(state)
        state[opened.MODE] = opened.IN_BODY
    formatting.reconstruct(out, rows, state)
    state[opened.TO] = put_text(html, begin, end, BARE, out, state[opened.TO])


@kernel
def end_page(out: Bytes, rows: Ints, state: Ints) -> None:
    """Close all that is open."""
    if state[opened.N_TEMPLATES]:
        opened.fail(state)
        return
    if state[opened.MODE] <= opened.AFTER_HEAD:
        before_body.begin_body(out, rows, state)
    opened.pop_to(out, rows, state, opened.NONE)


@kernel
def declaration(html: Bytes, at: int, out: Bytes, state: Ints) -> int:
    """Take in a doctype, or the empty comment that sets text off; fails for others."""
    n = len(html)
    mode = state[opened.MODE]
    if starts_in_any_case(html, at, b"<!---->"):
        if mode == opened.AFTER_HEAD or mode >= opened.AFTER_BODY:
            opened.fail(state)
        state[opened.TO] = put_all(b"<!---->", out, state[opened.TO])
        return at + 7
    end = find(html, at, GREATER)
    if end == n or not starts_in_any_case(html, at, b"<!doctype"):
        opened.fail(state)
        return n
    if mode != opened.INITIAL:
        return end + 1
    at = after_gaps(html, at + 9, end)
    if not starts_in_any_case(html, at, b"html") or not (is_gap(html[at + 4]) or at + 4 == end):
        opened.fail(state)
        return n
    if after_gaps(html, at + 4, end) < end and not is_xhtml(html, at + 4, end):
        state[opened.QUIRKS] = opened.MAYBE
    state[opened.TO] = put_all(b"<!DOCTYPE html>", out, state[opened.TO])
    state[opened.MODE] = opened.BEFORE_HTML
    return end + 1


@inlined
def is_xhtml(html: Bytes, at: int, end: int) -> bool:
    """Tell whether a doctype goes on as those of XHTML 1 do, which are not of the old kind."""
    word = b' public "-//w3c//dtd xhtml 1.'
    if not starts_in_any_case(html, at, word):
        return False
    at = after_gaps(html, find(html, at + len(word), QUOTE) + 1, end)
    return at == end or (at < end and starts_in_any_case(html, at, b'"http://www.w3.org/'))


@kernel
def start_tag(html: Bytes, at: int, out: Bytes, rows: Ints, state: Ints) -> int:
    """Take a start tag in; gives where it ends."""
    hashed, _ = hash_small(html, at + 1, GREATER)
    kind = opened.kind_of(hashed)
    h = np.int64(hashed)
    while not state[opened.FAILED]:
        mode = state[opened.MODE]
        if mode == opened.IN_BODY:
            return body.start_in_body(html, at, h, kind, out, rows, state)
        if mode <= opened.AFTER_HEAD:
            after = before_body.start_before_body(html, at, h, kind, out, rows, state)
        elif opened.IN_TABLE <= mode <= opened.IN_CELL:
            after = tables.start_in_table(html, at, h, kind, out, rows, state)
        elif mode == opened.IN_TEMPLATE:
            after = start_in_template(html, at, h, kind, out, rows, state)
        elif (kind & tags.GROUP) == tags.HTML:
            after = elements.ignore_bare(html, at, out, state)
        else:
            state[opened.MODE] = opened.IN_BODY
            after = NOT_YET
        if after != NOT_YET:
            return after
    return len(html)


@kernel
def start_in_template(
    html: Bytes, at: int, h: int, kind: int, out: Bytes, rows: Ints, state: Ints
) -> int:
    """Take the first start tag of a template in; where it ends, or NOT_YET."""
    group = kind & tags.GROUP
    if tags.METADATA <= group <= tags.TEMPLATE and group != tags.NOSCRIPT:
        return body.start_metadata(html, at, h, kind, out, rows, state)
    if tags.CAPTION <= group <= tags.CELL:
        opened.fail(state)
    place = opened.place_of_group(rows, state, tags.TEMPLATE, opened.NONE)
    state[opened.MODE] = opened.IN_BODY
    rows[place, opened.HELD] = opened.IN_BODY
    return NOT_YET


@kernel
def end_tag(html: Bytes, at: int, out: Bytes, rows: Ints, state: Ints) -> int:
    """Take an end tag in; gives where it ends."""
    hashed, _ = hash_small(html, at + 2, GREATER)
    kind = opened.kind_of(hashed)
    h = np.int64(hashed)
    group = kind & tags.GROUP
    while not state[opened.FAILED]:
        mode = state[opened.MODE]
        if mode == opened.IN_BODY:
            body.end_in_body(h, kind, out, rows, state)
            break
        if mode <= opened.AFTER_HEAD:
            if before_body.end_before_body(group, out, rows, state):
                break
        elif opened.IN_TABLE <= mode <= opened.IN_CELL:
            if tables.end_in_table(h, kind, out, rows, state):
                break
        elif mode == opened.IN_TEMPLATE:
            if group == tags.TEMPLATE:
                body.end_template(out, rows, state)
            break
        elif mode == opened.AFTER_BODY and group == tags.HTML:
            state[opened.MODE] = opened.AFTER_AFTER_BODY
            break
        else:
            state[opened.MODE] = opened.IN_BODY
    return elements.pass_end_tag(html, at, state)
