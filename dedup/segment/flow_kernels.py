"""The flow of text: characters into blocks, with blanks collapsed and breaks kept apart."""

import numpy as np
import numpy.typing as npt

from dedup.jit import inlined, kernel
from dedup.segment.bytes_kernels import LESS, find, is_gap, starts_with
from dedup.segment.tags import LINE, LINK, PRE, SKIP
from dedup.segment.vector_kernels import WIDTH, copy_plain

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

(
    TEXT_END,
    BEGIN,
    IS_OPEN,
    PENDING,
    BREAKS,
    N_BLOCKS,
    LINK_BYTES,
    N_LINKS,
    N_TAGS,
    HIDDEN,
    ELEMENT,
    N_ELEMENTS,
    HINTS_END,
    DEPTH,
    BEYOND,
    LAST_LINE,
    TITLE_BEGIN,
    TITLE_END,
    N_STATE,
) = range(19)
"""Places of the scan's state."""

NOTHING, SPACE, NEWLINE, BAR = range(4)
"""What is to be written before the next character of a block."""

COLUMNS = 7
"""Of a row of blocks: begin, end, element, link bytes, links, tags, hidden."""

CELL_BYTES = 160
"""A table cell longer than this is a block of its own: tables were used for layout."""

HIDES = 1 << 20
"""Set in an element's flags where it, or what holds it, is hidden."""

INSIDE = SKIP | PRE | LINK | HIDES
"""What an element hands down to those inside it."""


@kernel
def read_text(html: Bytes, at: int, own: int, element: int, text: Bytes, state: Ints) -> int:
    """Read text up to the next tag."""
    n = len(html)
    if own & SKIP:
        return find(html, at + 1, LESS)
    first = True
    while at < n and (first or html[at] != 60):
        first = False
        # int64 as what `unescape` gives: each type of argument is compiled apart
        c = np.int64(html[at])
        if c == 38:
            c, at = unescape(html, at)
            put(c, own, element, text, state)
            continue
        if c >= 0xC2:
            size = odd_space(html, at)
            if size > 0:
                put(np.int64(32), own, element, text, state)
                at += size
                continue
            if size < 0:
                at -= size
                continue
        put(c, own, element, text, state)
        at += 1
        if c > 32:
            at = read_word(html, at, own, text, state)
    return at


@inlined
def read_word(html: Bytes, at: int, own: int, text: Bytes, state: Ints) -> int:
    """Copy the rest of a word whose first byte has been put: nothing but the text changes."""
    begin = at
    to = state[TEXT_END]
    while at + WIDTH <= len(html):
        size = copy_plain(html, at, text, to)
        at += size
        to += size
        if size < WIDTH:
            break
    state[TEXT_END] = to
    if own & LINK:
        state[LINK_BYTES] += at - begin
    return at


@inlined
def unescape(html: Bytes, at: int) -> tuple[int, int]:
    """Undo one escape: the character, and where it ends."""
    left = len(html) - at
    if left >= 4 and starts_with(html, at, b"&lt;"):
        return 60, at + 4
    if left >= 4 and starts_with(html, at, b"&gt;"):
        return 62, at + 4
    if left >= 5 and starts_with(html, at, b"&amp;"):
        return 38, at + 5
    if left >= 6 and starts_with(html, at, b"&nbsp;"):
        return 32, at + 6
    if left >= 6 and starts_with(html, at, b"&quot;"):
        return 34, at + 6
    return 38, at + 1


@inlined
def odd_space(html: Bytes, at: int) -> int:
    """Give the length of a blank beyond ASCII, negative for a sign that is not seen; else 0.

    Blanks: U+00A0, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000. Unseen: U+00AD,
    U+200B, U+2060, U+FEFF.
    """
    n = len(html)
    c = html[at]
    if c == 0xC2 and at + 1 < n:
        if html[at + 1] == 0xA0:
            return 2
        return -2 if html[at + 1] == 0xAD else 0
    if at + 2 >= n:
        return 0
    d, e = html[at + 1], html[at + 2]
    if c == 0xE2 and d == 0x80:
        if 0x80 <= e <= 0x8A or e == 0xA8 or e == 0xA9 or e == 0xAF:
            return 3
        return -3 if e == 0x8B else 0
    if c == 0xE2 and d == 0x81:
        if e == 0x9F:
            return 3
        return -3 if e == 0xA0 else 0
    if c == 0xE3 and d == 0x80 and e == 0x80:
        return 3
    return -3 if c == 0xEF and d == 0xBB and e == 0xBF else 0


@kernel
def put(c: int, own: int, element: int, text: Bytes, state: Ints) -> None:
    """Write one byte of text, opening a block if none is open; blanks wait for what follows."""
    to = state[TEXT_END]
    if is_gap(c):
        if state[IS_OPEN] == 0:
            return
        if own & PRE and c != 13:
            if state[PENDING] == NEWLINE:
                text[to] = 10
                to += 1
                state[PENDING] = NOTHING
            text[to] = c
            state[TEXT_END] = to + 1
        elif state[PENDING] == NOTHING:
            state[PENDING] = SPACE
        return
    if state[IS_OPEN] == 0:
        if to > 0:
            text[to] = 10
            to += 1
            if not (state[LAST_LINE] and own & LINE):
                text[to] = 10
                to += 1
        state[LAST_LINE] = own & LINE
        state[BEGIN] = to
        state[IS_OPEN] = 1
        state[ELEMENT] = element
        state[HIDDEN] = 1 if own & HIDES else 0
        state[LINK_BYTES] = 0
        if own & LINK and state[N_LINKS] == 0:
            state[N_LINKS] = 1
    elif state[PENDING] == SPACE:
        text[to] = 32
        to += 1
    elif state[PENDING] == NEWLINE:
        text[to] = 10
        to += 1
    elif state[PENDING] == BAR:
        text[to] = 32
        text[to + 1] = 124
        text[to + 2] = 32
        to += 3
    state[PENDING] = NOTHING
    state[BREAKS] = 0
    text[to] = c
    state[TEXT_END] = to + 1
    if own & LINK:
        state[LINK_BYTES] += 1


@inlined
def break_line(text: Bytes, blocks: Ints, state: Ints, limits: Ints) -> None:
    """Begin a new line, or after an empty one a new block."""
    state[BREAKS] += 1
    if state[BREAKS] >= 2:
        close(text, blocks, state, limits)
    elif state[IS_OPEN]:
        state[PENDING] = NEWLINE


@inlined
def begin_cell(text: Bytes, blocks: Ints, state: Ints, limits: Ints) -> None:
    """Set a cell off from the one before it in its row."""
    if state[IS_OPEN]:
        if state[TEXT_END] - state[BEGIN] > CELL_BYTES:
            close(text, blocks, state, limits)
        else:
            state[PENDING] = BAR


@kernel
def close(text: Bytes, blocks: Ints, state: Ints, limits: Ints) -> None:
    """End the open block; the last one that there may be goes on instead, over line breaks."""
    state[BREAKS] = 0
    if state[IS_OPEN] == 0:
        state[N_TAGS] = 0
        state[N_LINKS] = 0
        return
    if state[N_BLOCKS] == limits[1] - 1:
        state[PENDING] = NEWLINE
    else:
        finish(text, blocks, state)


@kernel
def finish(text: Bytes, blocks: Ints, state: Ints) -> None:
    """Write the open block, if there is one, without the blanks at its end."""
    if state[IS_OPEN]:
        while is_blank(text[state[TEXT_END] - 1]):
            state[TEXT_END] -= 1
        write_block(blocks, state)
    state[IS_OPEN] = 0
    state[PENDING] = NOTHING
    state[N_TAGS] = 0
    state[N_LINKS] = 0


@inlined
def is_blank(c: int) -> bool:
    """Tell whether a byte is a blank or a line break."""
    return c == 32 or c == 10 or c == 9


@inlined
def write_block(blocks: Ints, state: Ints) -> None:
    """Write the open block's row."""
    row = blocks[state[N_BLOCKS]]
    row[0] = state[BEGIN]
    row[1] = state[TEXT_END]
    row[2] = state[ELEMENT]
    row[3] = state[LINK_BYTES]
    row[4] = state[N_LINKS]
    row[5] = state[N_TAGS]
    row[6] = state[HIDDEN]
    state[N_BLOCKS] += 1
