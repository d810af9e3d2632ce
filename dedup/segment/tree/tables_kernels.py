"""Tags in a table, as the HTML standard has them change the tree (sections 13.2.6.4.9 to 15).

What would be moved out of the table, because it stands between its cells, takes a parser.
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import inlined, kernel
from dedup.segment.bytes_kernels import starts_in_any_case
from dedup.segment.ends_kernels import NOFRAMES
from dedup.segment.tree import body_kernels as body
from dedup.segment.tree import elements_kernels as elements
from dedup.segment.tree import formatting_kernels as formatting
from dedup.segment.tree import stack_kernels as opened
from dedup.segment.tree import tags
from dedup.segment.tree.stack_kernels import NOT_YET

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]


@kernel
def start_in_table(
    html: Bytes, at: int, h: int, kind: int, out: Bytes, rows: Ints, state: Ints
) -> int:
    """Take a start tag in, in one of the modes of tables; where it ends, or NOT_YET."""
    group = kind & tags.GROUP
    mode = state[opened.MODE]
    is_part = tags.CAPTION <= group <= tags.CELL
    if mode == opened.IN_CELL or mode == opened.IN_CAPTION:
        if not is_part:
            return body.start_in_body(html, at, h, kind, out, rows, state)
        if mode == opened.IN_CELL:
            close_cell(out, rows, state)
        elif not close_part(out, rows, state, tags.CAPTION):
            return elements.ignore(html, at, out, state)
        return NOT_YET
    if mode == opened.IN_COLUMN_GROUP:
        if group == tags.HTML:
            return elements.ignore_bare(html, at, out, state)
        if group == tags.COL:
            return elements.insert_void(html, at, out, state)
        if group == tags.TEMPLATE:
            return body.start_metadata(html, at, h, kind, out, rows, state)
        if opened.top_group(rows, state) != tags.COLGROUP:
            return elements.ignore(html, at, out, state)
        opened.pop(out, rows, state)
        state[opened.MODE] = opened.IN_TABLE
        return NOT_YET
    if is_part and mode == opened.IN_ROW:
        return start_in_row(html, at, h, kind, out, rows, state)
    if is_part and mode == opened.IN_TABLE_BODY:
        return start_in_rows(html, at, h, kind, out, rows, state)
    if is_part:
        return start_part(html, at, h, kind, out, rows, state)
    if group == tags.TABLE:
        if not opened.close(out, rows, state, h, tags.TABLE_SCOPE):
            return elements.ignore(html, at, out, state)
        opened.reset_mode(rows, state)
        return NOT_YET
    return start_between(html, at, h, kind, out, rows, state)


@inlined
def start_part(html: Bytes, at: int, h: int, kind: int, out: Bytes, rows: Ints, state: Ints) -> int:
    """Take in a part of a table, directly in it."""
    group = kind & tags.GROUP
    opened.clear_to_table(out, rows, state, tags.TABLE)
    if group == tags.COL:
        opened.open_named(out, rows, state, b"colgroup")
        state[opened.MODE] = opened.IN_COLUMN_GROUP
        return NOT_YET
    if group == tags.ROW or group == tags.CELL:
        opened.open_named(out, rows, state, b"tbody")
        state[opened.MODE] = opened.IN_TABLE_BODY
        return NOT_YET
    if group == tags.CAPTION:
        formatting.add_marker(rows, state)
        state[opened.MODE] = opened.IN_CAPTION
    elif group == tags.COLGROUP:
        state[opened.MODE] = opened.IN_COLUMN_GROUP
    else:
        state[opened.MODE] = opened.IN_TABLE_BODY
    return elements.insert(html, at, out, rows, state, h, kind)


@inlined
def start_in_rows(
    html: Bytes, at: int, h: int, kind: int, out: Bytes, rows: Ints, state: Ints
) -> int:
    """Take in a part of a table, in a tbody, tfoot or thead."""
    group = kind & tags.GROUP
    if group == tags.ROW or group == tags.CELL:
        opened.clear_to_table(out, rows, state, tags.ROWS)
        state[opened.MODE] = opened.IN_ROW
        if group == tags.CELL:
            opened.open_named(out, rows, state, b"tr")
            return NOT_YET
        return elements.insert(html, at, out, rows, state, h, kind)
    if opened.place_of_group(rows, state, tags.ROWS, tags.TABLE_SCOPE) < 0:
        return elements.ignore(html, at, out, state)
    close_rows(out, rows, state)
    return NOT_YET


@inlined
def start_in_row(
    html: Bytes, at: int, h: int, kind: int, out: Bytes, rows: Ints, state: Ints
) -> int:
    """Take in a part of a table, in a tr."""
    if (kind & tags.GROUP) == tags.CELL:
        opened.clear_to_table(out, rows, state, tags.ROW)
        state[opened.MODE] = opened.IN_CELL
        at = elements.insert(html, at, out, rows, state, h, kind)
        formatting.add_marker(rows, state)
        return at
    if not close_row(out, rows, state):
        return elements.ignore(html, at, out, state)
    return NOT_YET


@inlined
def start_between(
    html: Bytes, at: int, h: int, kind: int, out: Bytes, rows: Ints, state: Ints
) -> int:
    """Take in what is no part of a table, between its parts."""
    group = kind & tags.GROUP
    if group == tags.TEMPLATE or (group == tags.RAW_METADATA and np.uint64(h) != NOFRAMES):
        return body.start_metadata(html, at, h, kind, out, rows, state)
    if group == tags.FORM:
        if state[opened.FORM] or state[opened.N_TEMPLATES]:
            return elements.ignore(html, at, out, state)
        at = elements.insert(html, at, out, rows, state, h, kind)
        body.begin_form(rows, state)
        opened.pop(out, rows, state)
        return at
    if group == tags.INPUT:
        begin = state[opened.TO]
        after = elements.insert_void(html, at, out, state)
        if is_hidden(out, begin, state[opened.TO]):
            return after
    opened.fail(state)
    return len(html)


@inlined
def is_hidden(out: Bytes, begin: int, end: int) -> bool:
    """Tell whether a written tag has the type "hidden"."""
    for at in range(begin, end - 14):
        if out[at] == 32 and starts_in_any_case(out, at, b' type="hidden"'):
            return True
    return False


@kernel
def close_part(out: Bytes, rows: Ints, state: Ints, group: int) -> bool:
    """Close a caption or a cell; False if none is in scope."""
    if not opened.close_group(out, rows, state, group, tags.TABLE_SCOPE):
        return False
    formatting.clear_to_marker(rows, state)
    in_caption = group == tags.CAPTION
    state[opened.MODE] = opened.IN_TABLE if in_caption else opened.IN_ROW
    return True


@kernel
def close_cell(out: Bytes, rows: Ints, state: Ints) -> None:
    """Close the cell that is open."""
    if not close_part(out, rows, state, tags.CELL):
        opened.fail(state)


@kernel
def close_row(out: Bytes, rows: Ints, state: Ints) -> bool:
    """Close the row that is open; False if there is none in scope."""
    if opened.place_of_group(rows, state, tags.ROW, tags.TABLE_SCOPE) < 0:
        return False
    opened.clear_to_table(out, rows, state, tags.ROW)
    opened.pop(out, rows, state)
    state[opened.MODE] = opened.IN_TABLE_BODY
    return True


@kernel
def close_rows(out: Bytes, rows: Ints, state: Ints) -> None:
    """Close the tbody, tfoot or thead that is open."""
    opened.clear_to_table(out, rows, state, tags.ROWS)
    opened.pop(out, rows, state)
    state[opened.MODE] = opened.IN_TABLE


@kernel
def end_in_table(h: int, kind: int, out: Bytes, rows: Ints, state: Ints) -> bool:
    """Take an end tag in, in one of the modes of tables; False if it is to be looked at again."""
    group = kind & tags.GROUP
    mode = state[opened.MODE]
    is_part = tags.CAPTION <= group <= tags.CELL
    if mode == opened.IN_CELL:
        return end_in_cell(h, kind, out, rows, state)
    if mode == opened.IN_CAPTION:
        if group == tags.CAPTION:
            close_part(out, rows, state, tags.CAPTION)
        elif group == tags.TABLE:
            return not close_part(out, rows, state, tags.CAPTION)
        elif not (is_part or group == tags.BODY or group == tags.HTML):
            body.end_in_body(h, kind, out, rows, state)
        return True
    if mode == opened.IN_COLUMN_GROUP and group != tags.TEMPLATE:
        if group == tags.COL or opened.top_group(rows, state) != tags.COLGROUP:
            return True
        opened.pop(out, rows, state)
        state[opened.MODE] = opened.IN_TABLE
        return group == tags.COLGROUP
    if mode == opened.IN_ROW and (group == tags.ROW or group == tags.ROWS or group == tags.TABLE):
        if group == tags.ROWS and opened.place_of(rows, state, h, tags.TABLE_SCOPE) < 0:
            return True
        return not close_row(out, rows, state) or group == tags.ROW
    if mode == opened.IN_TABLE_BODY and (group == tags.ROWS or group == tags.TABLE):
        in_scope = opened.place_of_group(rows, state, tags.ROWS, tags.TABLE_SCOPE) >= 0
        if group == tags.ROWS:
            in_scope = opened.place_of(rows, state, h, tags.TABLE_SCOPE) >= 0
        if in_scope:
            close_rows(out, rows, state)
        return group == tags.ROWS or not in_scope
    if group == tags.TABLE:
        if opened.close(out, rows, state, h, tags.TABLE_SCOPE):
            opened.reset_mode(rows, state)
    elif group == tags.TEMPLATE:
        body.end_template(out, rows, state)
    elif not (is_part or group == tags.BODY or group == tags.HTML):
        end_between(out, rows, state, h, group)
    return True


@kernel
def end_in_cell(h: int, kind: int, out: Bytes, rows: Ints, state: Ints) -> bool:
    """Take an end tag in, in a cell; False if it is to be looked at again."""
    group = kind & tags.GROUP
    if group == tags.CELL:
        if opened.close(out, rows, state, h, tags.TABLE_SCOPE):
            formatting.clear_to_marker(rows, state)
            state[opened.MODE] = opened.IN_ROW
    elif group == tags.TABLE or group == tags.ROWS or group == tags.ROW:
        if opened.place_of(rows, state, h, tags.TABLE_SCOPE) >= 0:
            close_cell(out, rows, state)
            return False
    elif not (tags.CAPTION <= group <= tags.CELL or group == tags.BODY or group == tags.HTML):
        body.end_in_body(h, kind, out, rows, state)
    return True


@inlined
def end_between(out: Bytes, rows: Ints, state: Ints, h: int, group: int) -> None:
    """Take in an end tag between the parts of a table: what it names is not in scope there."""
    if group == tags.FORM and state[opened.N_TEMPLATES] == 0:
        body.end_form(out, rows, state)
    elif group == tags.P or group == tags.BR or formatting.last_of(rows, state, h) >= 0:
        opened.fail(state)
