"""The list of active formatting elements: b, a, font and the like, that go on in what follows.

Rules of the HTML standard (section 13.2.4.3), but where the adoption agency would move what has
been written: that takes a parser.
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import inlined, kernel
from dedup.segment.bytes_kernels import copy
from dedup.segment.tree.stack_kernels import (
    ACTIVE,
    DEPTH,
    FAILED,
    GONE,
    HASH,
    ID,
    KIND,
    MOST_ACTIVE,
    N_ACTIVE,
    TO,
    fail,
    is_full,
    pop,
    pop_to,
    push,
    spend,
)
from dedup.segment.tree.tags import SCOPE, SPECIAL
from dedup.segment.tree.tokens_kernels import same

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

OF, PLACE, BEGIN, END, NAMED, SORT = range(6)
"""Columns of the list: the element's number (0 for a marker) and its place on the stack, its start
tag as it has been written, its name's hash and its kind."""


@kernel
def is_open(rows: Ints, state: Ints, entry: int) -> bool:
    """Tell whether an element of the list is on the stack."""
    place = rows[ACTIVE + entry, PLACE]
    return (
        place < state[DEPTH]
        and rows[place, ID] == rows[ACTIVE + entry, OF]
        and not rows[place, GONE]
    )


@kernel
def add(out: Bytes, rows: Ints, state: Ints, begin: int) -> None:
    """Add the innermost element; a fourth one of its like takes the place of the first.

    Parameters
    ----------
    begin: where its start tag has been written.
    """
    n = state[N_ACTIVE]
    top = state[DEPTH] - 1
    size = state[TO] - begin
    alike, first = 0, np.int64(0)
    for i in range(n - 1, -1, -1):
        if rows[ACTIVE + i, OF] == 0:
            break
        if rows[ACTIVE + i, END] - rows[ACTIVE + i, BEGIN] == size and same(
            out, rows[ACTIVE + i, BEGIN], begin, size
        ):
            alike, first = alike + 1, i
    if alike >= 3:
        remove(rows, state, first)
        n -= 1
    if n == MOST_ACTIVE:
        fail(state)
        return
    rows[ACTIVE + n, OF], rows[ACTIVE + n, PLACE] = rows[top, ID], top
    rows[ACTIVE + n, BEGIN], rows[ACTIVE + n, END] = begin, state[TO]
    rows[ACTIVE + n, NAMED], rows[ACTIVE + n, SORT] = rows[top, HASH], rows[top, KIND]
    state[N_ACTIVE] = n + 1


@kernel
def add_marker(rows: Ints, state: Ints) -> None:
    """Let what is active end here, until the list is cleared."""
    if state[N_ACTIVE] == MOST_ACTIVE:
        fail(state)
        return
    rows[ACTIVE + state[N_ACTIVE], OF] = 0
    state[N_ACTIVE] += 1


@kernel
def clear_to_marker(rows: Ints, state: Ints) -> None:
    """Take off all that came after the last marker, and the marker."""
    while state[N_ACTIVE] > 0:
        state[N_ACTIVE] -= 1
        if rows[ACTIVE + state[N_ACTIVE], OF] == 0:
            break


@kernel
def remove(rows: Ints, state: Ints, entry: int) -> None:
    """Take one element off the list."""
    state[N_ACTIVE] -= 1
    for i in range(entry, state[N_ACTIVE]):
        for column in range(rows.shape[1]):
            rows[ACTIVE + i, column] = rows[ACTIVE + i + 1, column]


@kernel
def reconstruct(out: Bytes, rows: Ints, state: Ints) -> None:
    """Open again what is active and has been closed."""
    entry = state[N_ACTIVE]
    while entry > 0 and rows[ACTIVE + entry - 1, OF] and not is_open(rows, state, entry - 1):
        entry -= 1
    while entry < state[N_ACTIVE] and not state[FAILED]:
        begin, end = rows[ACTIVE + entry, BEGIN], rows[ACTIVE + entry, END]
        if is_full(state, end - begin):
            return
        to = state[TO]
        state[TO] = copy(out, begin, end, out, to)
        name_size = 0
        while out[to + 1 + name_size] != 32 and out[to + 1 + name_size] != 62:
            name_size += 1
        h, kind = rows[ACTIVE + entry, NAMED], rows[ACTIVE + entry, SORT]
        push(rows, state, h, kind, to + 1, name_size)
        top = state[DEPTH] - 1
        rows[ACTIVE + entry, OF], rows[ACTIVE + entry, PLACE] = rows[top, ID], top
        entry += 1


@inlined
def is_waiting(rows: Ints, state: Ints) -> bool:
    """Tell whether something is active that has been closed."""
    last = state[N_ACTIVE] - 1
    return last >= 0 and rows[ACTIVE + last, OF] != 0 and not is_open(rows, state, last)


@kernel
def last_of(rows: Ints, state: Ints, h: int) -> int:
    """Find the last element of a name on the list, after the last marker; -1 if there is none."""
    for i in range(state[N_ACTIVE] - 1, -1, -1):
        if rows[ACTIVE + i, OF] == 0:
            break
        if rows[ACTIVE + i, NAMED] == h:
            return i
    return -1


@kernel
def adopt(out: Bytes, rows: Ints, state: Ints, h: int) -> bool:
    """Close the formatting element of a name; False if an end tag is as that of any other element.

    Fails where an element stands in it that would have to be split.
    """
    top = state[DEPTH] - 1
    entry = last_of(rows, state, h)
    if rows[top, HASH] == h and not is_listed(rows, state, top):
        pop(out, rows, state)
        return True
    if entry < 0:
        return False
    if not is_open(rows, state, entry):
        remove(rows, state, entry)
        return True
    place = rows[ACTIVE + entry, PLACE]
    splits = False
    for i in range(top, place, -1):
        if rows[i, GONE]:
            continue
        if rows[i, KIND] & SCOPE:
            return True
        splits = splits or (rows[i, KIND] & SPECIAL) != 0
        spend(state)
    if splits:
        fail(state)
        return True
    pop_to(out, rows, state, place)
    remove(rows, state, entry)
    return True


@inlined
def is_listed(rows: Ints, state: Ints, place: int) -> bool:
    """Tell whether an open element is on the list."""
    for i in range(state[N_ACTIVE] - 1, -1, -1):
        if rows[ACTIVE + i, OF] == rows[place, ID]:
            return True
    return False
