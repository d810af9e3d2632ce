"""What a page has before its body: html and head, which it need not name.

Rules of the HTML standard (sections 13.2.6.4.2 to 13.2.6.4.6).
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import inlined, kernel
from dedup.segment.bytes_kernels import put_all
from dedup.segment.ends_kernels import SCRIPT
from dedup.segment.tags import hashes
from dedup.segment.tree import body_kernels as body
from dedup.segment.tree import elements_kernels as elements
from dedup.segment.tree import stack_kernels as opened
from dedup.segment.tree import tags
from dedup.segment.tree.stack_kernels import NOT_YET
from dedup.segment.tree.tokens_kernels import BLANKS, MAX_BLANKS, SEEN

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

(BASE,) = hashes("base")


@kernel
def pass_doctype(state: Ints) -> None:
    """Note that a page without a doctype is of the old kind."""
    if state[opened.MODE] == opened.INITIAL:
        state[opened.QUIRKS] = 1
        state[opened.MODE] = opened.BEFORE_HTML


@kernel
def begin_html(out: Bytes, rows: Ints, state: Ints) -> None:
    """Open html, where it is not open yet."""
    pass_doctype(state)
    if state[opened.MODE] == opened.BEFORE_HTML:
        opened.open_named(out, rows, state, b"html")
        state[opened.MODE] = opened.BEFORE_HEAD


@kernel
def begin_head(out: Bytes, rows: Ints, state: Ints) -> None:
    """Open html and head, where they are not open yet."""
    begin_html(out, rows, state)
    if state[opened.MODE] == opened.BEFORE_HEAD:
        opened.open_named(out, rows, state, b"head")
        state[opened.MODE] = opened.IN_HEAD


@kernel
def begin_body(out: Bytes, rows: Ints, state: Ints) -> None:
    """Open all that a page has around its text."""
    begin_head(out, rows, state)
    if state[opened.MODE] == opened.IN_HEAD_NOSCRIPT:
        opened.pop(out, rows, state)
        state[opened.MODE] = opened.IN_HEAD
    leave_head(state)
    close_head(out, state)
    opened.open_named(out, rows, state, b"body")
    state[opened.MODE], state[opened.BODY_END] = opened.IN_BODY, state[opened.TO] - 1


@kernel
def leave_head(state: Ints) -> None:
    """Take the head off the stack: its end tag is written when the body begins."""
    if state[opened.MODE] == opened.IN_HEAD:
        state[opened.DEPTH] -= 1
        state[opened.MODE] = opened.AFTER_HEAD


@kernel
def close_head(out: Bytes, state: Ints) -> None:
    """Write the head's end tag, and the blanks after it."""
    if opened.is_full(state, MAX_BLANKS + 7):
        return
    to = put_all(b"</head>", out, state[opened.TO])
    for i in range(state[opened.N_BLANKS]):
        out[to + i] = state[SEEN + BLANKS + i]
    state[opened.TO] = to + state[opened.N_BLANKS]


@inlined
def keep_blanks(html: Bytes, at: int, end: int, state: Ints) -> None:
    """Keep the blanks between head and body, for which the head must be complete."""
    for i in range(at, end):
        c = html[i]
        if c == 13 and i + 1 < end and html[i + 1] == 10:
            continue
        if state[opened.N_BLANKS] == MAX_BLANKS:
            opened.fail(state)
            return
        state[SEEN + BLANKS + state[opened.N_BLANKS]] = 10 if c == 13 else c
        state[opened.N_BLANKS] += 1


@kernel
def start_before_body(
    html: Bytes, at: int, h: int, kind: int, out: Bytes, rows: Ints, state: Ints
) -> int:
    """Take a start tag in where no body is open; where it ends, or NOT_YET."""
    group = kind & tags.GROUP
    pass_doctype(state)
    if state[opened.MODE] == opened.BEFORE_HTML and group == tags.HTML:
        state[opened.MODE] = opened.BEFORE_HEAD
        return elements.insert(html, at, out, rows, state, h, kind)
    begin_html(out, rows, state)
    if group == tags.HTML:
        return elements.ignore_bare(html, at, out, state)
    if group == tags.HEAD:
        if state[opened.MODE] > opened.BEFORE_HEAD:
            return elements.ignore(html, at, out, state)
        state[opened.MODE] = opened.IN_HEAD
        return elements.insert(html, at, out, rows, state, h, kind)
    begin_head(out, rows, state)
    if state[opened.MODE] == opened.IN_HEAD_NOSCRIPT:
        if group == tags.METADATA and np.uint64(h) != BASE:
            return elements.insert_void(html, at, out, state)
        if group == tags.RAW_METADATA and np.uint64(h) != SCRIPT:
            return elements.insert_raw(html, at, out, state, h)
        if group == tags.NOSCRIPT:
            return elements.ignore(html, at, out, state)
        opened.pop(out, rows, state)
        state[opened.MODE] = opened.IN_HEAD
        return NOT_YET
    if group == tags.NOSCRIPT and state[opened.MODE] == opened.IN_HEAD:
        state[opened.MODE] = opened.IN_HEAD_NOSCRIPT
        return elements.insert(html, at, out, rows, state, h, kind)
    if tags.METADATA <= group <= tags.TEMPLATE and group != tags.NOSCRIPT:
        return body.start_metadata(html, at, h, kind, out, rows, state)
    leave_head(state)
    if group == tags.BODY:
        close_head(out, state)
        state[opened.MODE] = opened.IN_BODY
        begin = state[opened.TO]
        at = elements.insert(html, at, out, rows, state, h, kind)
        if state[opened.TO] == begin + len(b"<body>"):
            state[opened.BODY_END] = state[opened.TO] - 1
        return at
    if group == tags.UNSURE:
        opened.fail(state)
    begin_body(out, rows, state)
    return NOT_YET


@kernel
def end_before_body(group: int, out: Bytes, rows: Ints, state: Ints) -> bool:
    """Take an end tag in where no body is open; False if it is to be looked at again."""
    mode = state[opened.MODE]
    if mode == opened.IN_HEAD_NOSCRIPT:
        if group == tags.NOSCRIPT or group == tags.BR:
            opened.pop(out, rows, state)
            state[opened.MODE] = opened.IN_HEAD
        return group != tags.BR
    pass_doctype(state)
    if group == tags.TEMPLATE:
        body.end_template(out, rows, state)
        return True
    if group == tags.HEAD and mode <= opened.IN_HEAD:
        begin_head(out, rows, state)
        leave_head(state)
        return True
    if group == tags.BODY or group == tags.HTML or group == tags.BR:
        begin_body(out, rows, state)
        return False
    return True
