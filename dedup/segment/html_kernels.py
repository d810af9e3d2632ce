"""From HTML written out as a tree to text, blocks and elements, in one scan.

The input is well-formed: every element that is not void is closed, attributes stand in
double quotes, and only `&amp; &lt; &gt; &nbsp; &quot;` are escaped. Nothing here recurses,
and what is written is bounded by what is read. Cost: each byte is looked at once or twice.
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import inlined, kernel
from dedup.segment.attributes_kernels import look_up, read_attributes, read_name
from dedup.segment.bytes_kernels import GREATER, LESS, find, is_letter, is_word
from dedup.segment.flow_kernels import (
    BEYOND,
    DEPTH,
    HIDES,
    HINTS_END,
    INSIDE,
    N_ELEMENTS,
    N_LINKS,
    N_TAGS,
    TITLE_BEGIN,
    TITLE_END,
    begin_cell,
    break_line,
    close,
    finish,
    put,
    read_text,
)
from dedup.segment.tags import BLOCK, BREAK, CELL, LINE, LINK, PRE, RAW, SKIP, TEMPLATE, TITLE, VOID

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]


@kernel
def scan(
    html: Bytes,
    names: npt.NDArray[np.uint64],
    meanings: Ints,
    limits: Ints,
    text: Bytes,
    blocks: Ints,
    elements: Ints,
    hints: Bytes,
    state: Ints,
    nesting: Ints,
) -> None:
    """Scan one page.

    Parameters
    ----------
    html: uint8[n]. names, meanings: tags.tag_table().
    limits: int64[3]: greatest depth, most blocks, 1 to read templates.
    text: uint8[2 * n + 64], written: the blocks' texts, joined.
    blocks: int64[most blocks, COLUMNS], written.
    elements: int64[count of "<" + 1, 5], written: parent, name's begin and end in html,
        hints' begin and end. Element 0 is none.
    hints: uint8[2 * n + 64], written.
    state: int64[N_STATE], zeros; its counts are what is returned.
    nesting: int64[3 * (greatest depth + 1)], overwritten.
    """
    n = len(html)
    deep = limits[0] + 1
    flags, held_by, block_of = nesting[:deep], nesting[deep : 2 * deep], nesting[2 * deep :]
    flags[0] = held_by[0] = block_of[0] = 0
    state[N_ELEMENTS] = 1
    at = np.int64(0)
    while at < n:
        if html[at] != 60 or at + 1 >= n:
            at = read_text(html, at, flags[state[DEPTH]], block_of[state[DEPTH]], text, state)
            continue
        following = html[at + 1]
        if following == 33 or following == 63:
            at = skip_comment(html, at)
        elif following == 47:
            at = end_tag(html, at, flags, text, blocks, state, limits)
        elif is_letter(following):
            at = start_tag(
                html, at, names, meanings, limits, flags, held_by, block_of, text, blocks,
                elements, hints, state,
            )  # fmt: skip
        else:
            # a sign that no parser writes unescaped; it is text
            at = read_text(html, at, flags[state[DEPTH]], block_of[state[DEPTH]], text, state)
    finish(text, blocks, state)


@inlined
def skip_comment(html: Bytes, at: int) -> int:
    """Pass over a comment, or a declaration."""
    n = len(html)
    if at + 3 < n and html[at + 2] == 45 and html[at + 3] == 45:
        at += 4
        while at < n:
            at = find(html, at, GREATER)
            if at < n and html[at - 1] == 45 and html[at - 2] == 45:
                return at + 1
            at += 1
        return n
    return min(find(html, at, GREATER) + 1, n)


@inlined
def end_tag(
    html: Bytes,
    at: int,
    flags: Ints,
    text: Bytes,
    blocks: Ints,
    state: Ints,
    limits: Ints,
) -> int:
    """Read an end tag: it closes the innermost element."""
    if state[BEYOND] > 0:
        state[BEYOND] -= 1
    elif state[DEPTH] > 0:
        own = flags[state[DEPTH]]
        if own & BLOCK and not flags[state[DEPTH] - 1] & SKIP:
            close(text, blocks, state, limits)
        if own & TITLE and state[TITLE_BEGIN] > 0 and state[TITLE_END] == 0:
            state[TITLE_END] = at
        state[DEPTH] -= 1
    return min(find(html, at, GREATER) + 1, len(html))


@inlined
def start_tag(
    html: Bytes,
    at: int,
    names: npt.NDArray[np.uint64],
    meanings: Ints,
    limits: Ints,
    flags: Ints,
    held_by: Ints,
    block_of: Ints,
    text: Bytes,
    blocks: Ints,
    elements: Ints,
    hints: Bytes,
    state: Ints,
) -> int:
    """Read a start tag with its attributes, and open its element."""
    name_begin = at + 1
    name_end, h, hyphen = read_name(html, name_begin)
    meaning = look_up(h, names, meanings)
    if hyphen:
        # a component of the page's own: nearly always a part of its layout
        meaning |= BLOCK
    if meaning & TEMPLATE and limits[2]:
        meaning &= ~SKIP
    above = state[DEPTH]
    inherited = flags[above] & INSIDE
    element = state[N_ELEMENTS]
    elements[element, 0] = held_by[above]
    elements[element, 1], elements[element, 2] = name_begin, name_end
    elements[element, 3] = state[HINTS_END]
    at, hides, has_link = read_attributes(html, name_end, hints, state)
    elements[element, 4] = state[HINTS_END]
    state[N_ELEMENTS] += 1
    if hides:
        inherited |= HIDES
    if meaning & LINK and not has_link:
        meaning &= ~LINK
    if not inherited & SKIP:
        if meaning & BLOCK:
            close(text, blocks, state, limits)
        elif meaning & BREAK:
            break_line(text, blocks, state, limits)
        elif meaning & CELL:
            begin_cell(text, blocks, state, limits)
        else:
            state[N_TAGS] += 1
            if meaning & LINK:
                state[N_LINKS] += 1
    if meaning & VOID:
        return at
    if meaning & RAW:
        end = find_end_tag(html, at, name_begin, name_end)
        if not meaning & SKIP and not inherited & SKIP:
            close(text, blocks, state, limits)
            open_flags = inherited | PRE
            for i in range(at, end):
                put(np.int64(html[i]), open_flags, element, text, state)
            close(text, blocks, state, limits)
        return min(find(html, end, GREATER) + 1, len(html))
    if state[DEPTH] >= limits[0]:
        state[BEYOND] += 1
        return at
    state[DEPTH] += 1
    depth = state[DEPTH]
    own = meaning | inherited
    if not meaning & BLOCK:
        own |= flags[above] & LINE
    flags[depth] = own
    held_by[depth] = element
    block_of[depth] = element if meaning & BLOCK else block_of[above]
    holder = held_by[above]
    if meaning & TITLE and state[TITLE_BEGIN] == 0:
        if is_word(html, elements[holder, 1], elements[holder, 2] - elements[holder, 1], b"head"):
            state[TITLE_BEGIN] = at
    return at


@inlined
def find_end_tag(html: Bytes, at: int, name_begin: int, name_end: int) -> int:
    """Find the end tag of a raw element."""
    size = name_end - name_begin
    n = len(html)
    while at < n:
        at = find(html, at, LESS)
        if at + 2 + size < n and html[at + 1] == 47:
            # a longer name is another one
            same = html[at + 2 + size] == 62
            for i in range(size):
                if html[at + 2 + i] != html[name_begin + i]:
                    same = False
                    break
            if same:
                return at
        at += 1
    return n
