"""The stack of open elements, and the page that is written while it changes.

Start tags are written when an element is opened, end tags when it is taken off: nothing that has
been written is changed again, but that a body gets the attributes of a second one.
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel
from dedup.segment.attributes_kernels import look_up
from dedup.segment.bytes_kernels import copy
from dedup.segment.tags import BASIS, PRIME
from dedup.segment.tree.tags import (
    BODY,
    BUTTON_SCOPE,
    CAPTION,
    CELL,
    COLGROUP,
    GROUP,
    HEAD,
    HTML,
    IMPLIED,
    ROW,
    ROWS,
    TABLE,
    TABLE_SCOPE,
    TEMPLATE,
    P,
    tree_table,
)
from dedup.segment.tree.tokens_kernels import N_SEEN, SEEN

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

(
    TO,
    DEPTH,
    MODE,
    FAILED,
    SERIAL,
    N_ACTIVE,
    N_PARAGRAPHS,
    FORM,
    FORM_DEPTH,
    QUIRKS,
    N_TEMPLATES,
    N_BLANKS,
    BODY_END,
    BUDGET,
    ROOM,
    N_STATE,
) = range(16)
"""Places of the state. BODY_END: where a body's start tag ends that has no attributes, else 0."""

(
    INITIAL,
    BEFORE_HTML,
    BEFORE_HEAD,
    IN_HEAD,
    IN_HEAD_NOSCRIPT,
    AFTER_HEAD,
    IN_BODY,
    IN_TABLE,
    IN_CAPTION,
    IN_COLUMN_GROUP,
    IN_TABLE_BODY,
    IN_ROW,
    IN_CELL,
    IN_TEMPLATE,
    AFTER_BODY,
    AFTER_AFTER_BODY,
) = range(16)
"""Modes of insertion."""

NAME, SIZE, KIND, ID, GONE, HASH, HELD = range(7)
"""Columns of open elements: where the name is written, its size, its kind, a number of its own,
whether it is off the stack but for what it holds, its name's hash, and a template's mode."""

NONE, SHORT = 0, 4
"""No place, bounds or mode; the size of a short tag. For a number that stands where a kernel is
called numba would compile that again."""

NOT_YET = -1
"""The tag has only closed something: it is to be looked at again in the new mode."""

MAYBE = 2
"""In the place of QUIRKS: the doctype is one of many."""

MOST_OPEN, MOST_ACTIVE = 8192, 256
ACTIVE, N_ROWS = MOST_OPEN, MOST_OPEN + MOST_ACTIVE
N_COLUMNS = 8
"""One to spare: a row lies in one line of the processor's cache."""

N_KEPT = SEEN + N_SEEN
"""Of the state, with what is kept from SEEN on."""

assert N_STATE <= SEEN

NAMES, KINDS = tree_table()

MODES_INSIDE = np.zeros(GROUP + 1, np.int64)
"""The mode inside an element of a group; NONE where that does not tell it."""
MODES_INSIDE[[HTML, HEAD, BODY, TABLE, CAPTION, COLGROUP, ROWS, ROW, CELL]] = (
    *(AFTER_HEAD, IN_HEAD, IN_BODY, IN_TABLE, IN_CAPTION),
    *(IN_COLUMN_GROUP, IN_TABLE_BODY, IN_ROW, IN_CELL),
)


@kernel
def kind_of(h: int) -> int:
    """Look the kind of an element up by its name's hash."""
    return look_up(h, NAMES, KINDS)


@kernel
def fail(state: Ints) -> None:
    """Note that the page takes a parser."""
    state[FAILED] = 1


@kernel
def is_full(state: Ints, more: int) -> bool:
    """Take room for bytes that do not stand in the page; tell whether there is none."""
    state[ROOM] -= more + 3
    if state[ROOM] < 0:
        state[FAILED] = 1
        return True
    return False


@kernel
def push(rows: Ints, state: Ints, h: int, kind: int, name: int, size: int) -> None:
    """Put the element whose start tag has been written last on the stack."""
    depth = state[DEPTH]
    if depth == MOST_OPEN:
        fail(state)
        return
    state[SERIAL] += 1
    rows[depth, NAME], rows[depth, SIZE] = name, size
    rows[depth, KIND], rows[depth, ID] = kind, state[SERIAL]
    rows[depth, GONE], rows[depth, HASH] = 0, h
    state[DEPTH] = depth + 1
    state[N_PARAGRAPHS] += (kind & GROUP) == P


@kernel
def pop(out: Bytes, rows: Ints, state: Ints) -> None:
    """Take the innermost element off, with what was gone already, and write end tags."""
    drop_top(out, rows, state)
    while state[DEPTH] > 0 and rows[state[DEPTH] - 1, GONE] and not state[FAILED]:
        drop_top(out, rows, state)


@kernel
def drop_top(out: Bytes, rows: Ints, state: Ints) -> None:
    """Take the innermost element off, and write its end tag."""
    depth = state[DEPTH] - 1
    name, size = rows[depth, NAME], rows[depth, SIZE]
    if is_full(state, size):
        return
    write_end(out, state, name, size)
    state[N_PARAGRAPHS] -= (rows[depth, KIND] & GROUP) == P
    state[DEPTH] = depth


@kernel
def write_end(out: Bytes, state: Ints, name: int, size: int) -> None:
    """Write the end tag of an element whose name has been written."""
    to = state[TO]
    out[to], out[to + 1] = 60, 47
    to = copy(out, name, name + size, out, to + 2)
    out[to] = 62
    state[TO] = to + 1


@kernel
def open_named(out: Bytes, rows: Ints, state: Ints, name: bytes) -> None:
    """Open an element that the page has not named."""
    if is_full(state, len(name)):
        return
    to = state[TO]
    out[to] = 60
    h = BASIS
    for i in range(len(name)):
        out[to + 1 + i] = name[i]
        h = (h ^ np.uint64(name[i])) * PRIME
    out[to + 1 + len(name)] = 62
    state[TO] = to + len(name) + 2
    push(rows, state, np.int64(h), kind_of(h), to + 1, len(name))


@kernel
def top_kind(rows: Ints, state: Ints) -> int:
    """Give the kind of the innermost element."""
    return rows[state[DEPTH] - 1, KIND]


@kernel
def top_group(rows: Ints, state: Ints) -> int:
    """Give the group of the innermost element."""
    return top_kind(rows, state) & GROUP


@kernel
def place_of(rows: Ints, state: Ints, h: int, bounds: int) -> int:
    """Find the innermost element of a name that is in scope; -1 if none is.

    Parameters
    ----------
    bounds: flags of the kinds beyond which nothing is seen.
    """
    for i in range(state[DEPTH] - 1, -1, -1):
        if rows[i, HASH] == h and not rows[i, GONE]:
            return i
        if rows[i, KIND] & bounds:
            break
        spend(state)
    return -1


@kernel
def place_of_group(rows: Ints, state: Ints, group: int, bounds: int) -> int:
    """Find the innermost element of a group that is in scope; -1 if none is."""
    for i in range(state[DEPTH] - 1, -1, -1):
        if (rows[i, KIND] & GROUP) == group and not rows[i, GONE]:
            return i
        if rows[i, KIND] & bounds:
            break
        spend(state)
    return -1


@kernel
def spend(state: Ints) -> None:
    """Bound what a page may cost whose tags are never closed."""
    state[BUDGET] -= 1
    if state[BUDGET] < 0:
        state[FAILED] = 1


@kernel
def pop_to(out: Bytes, rows: Ints, state: Ints, depth: int) -> None:
    """Take elements off until so many are left."""
    while state[DEPTH] > depth and not state[FAILED]:
        pop(out, rows, state)


@kernel
def pop_implied(out: Bytes, rows: Ints, state: Ints, group: int) -> None:
    """Take off the innermost elements whose end tags may be left out, but for those of a group."""
    while not state[FAILED]:
        kind = rows[state[DEPTH] - 1, KIND]
        if not kind & IMPLIED or (kind & GROUP) == group:
            break
        pop(out, rows, state)


@kernel
def close(out: Bytes, rows: Ints, state: Ints, h: int, bounds: int) -> bool:
    """Close the innermost element of a name if it is in scope; tells whether it is."""
    place = place_of(rows, state, h, bounds)
    if place >= 0:
        # what may be left out inside it ends with it
        pop_to(out, rows, state, place)
    return place >= 0


@kernel
def close_group(out: Bytes, rows: Ints, state: Ints, group: int, bounds: int) -> bool:
    """Close the innermost element of a group if it is in scope; tells whether it is."""
    place = place_of_group(rows, state, group, bounds)
    if place >= 0:
        pop_to(out, rows, state, place)
    return place >= 0


@kernel
def close_p(out: Bytes, rows: Ints, state: Ints) -> None:
    """Close the p in button scope, if there is one."""
    if state[N_PARAGRAPHS] == 0:
        return
    close_group(out, rows, state, P, BUTTON_SCOPE)


@kernel
def clear_to_table(out: Bytes, rows: Ints, state: Ints, also: int) -> None:
    """Take elements off until a table, the page, a template, or one of a group is innermost."""
    while not state[FAILED]:
        kind = top_kind(rows, state)
        if (kind & GROUP) == also or kind & TABLE_SCOPE:
            break
        pop(out, rows, state)


@kernel
def reset_mode(rows: Ints, state: Ints) -> None:
    """Choose the mode by what is open."""
    for i in range(state[DEPTH] - 1, -1, -1):
        if rows[i, GONE]:
            continue
        group = rows[i, KIND] & GROUP
        mode = rows[i, HELD] if group == TEMPLATE else MODES_INSIDE[group]
        if mode != NONE:
            state[MODE] = mode
            return
        spend(state)
