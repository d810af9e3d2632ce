"""Tags in a page's body, as the HTML standard has them change the tree (section 13.2.6.4.7)."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel
from dedup.segment.bytes_kernels import put_all, starts_in_any_case
from dedup.segment.ends_kernels import SVG
from dedup.segment.tree import elements_kernels as elements
from dedup.segment.tree import formatting_kernels as formatting
from dedup.segment.tree import stack_kernels as opened
from dedup.segment.tree import tags

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]


@kernel
def start_in_body(
    html: Bytes, at: int, h: int, kind: int, out: Bytes, rows: Ints, state: Ints
) -> int:
    """Take the start tag at html[at] in; gives where it ends."""
    group = kind & tags.GROUP
    if group == tags.OTHER or group == tags.NOSCRIPT or group == tags.VOID:
        formatting.reconstruct(out, rows, state)
        if group == tags.VOID:
            return elements.insert_void(html, at, out, state)
        return elements.insert(html, at, out, rows, state, h, kind)
    if group == tags.FORMATTING or group == tags.A or group == tags.NOBR:
        return start_formatting(html, at, h, kind, out, rows, state)
    if tags.BLOCK <= group <= tags.DD:
        return start_block(html, at, h, kind, out, rows, state)
    if tags.METADATA <= group <= tags.TEMPLATE:
        return start_metadata(html, at, h, kind, out, rows, state)
    if tags.SELECT <= group <= tags.OPTION or group == tags.INPUT or group == tags.HR:
        return start_choice(html, at, h, kind, out, rows, state)
    if group == tags.BUTTON:
        opened.close(out, rows, state, h, tags.SCOPE)
    elif group == tags.TABLE:
        return start_table(html, at, h, kind, out, rows, state)
    elif group == tags.XMP:
        opened.close_p(out, rows, state)
    elif tags.RB <= group <= tags.RUBY_TEXT:
        return start_ruby(html, at, h, kind, out, rows, state)
    elif group == tags.FOREIGN:
        return start_foreign(html, at, h, out, rows, state)
    elif group == tags.PARAM:
        return elements.insert_void(html, at, out, state)
    elif group == tags.TEXTAREA or group == tags.RAW:
        if group == tags.TEXTAREA and formatting.is_waiting(rows, state):
            # lexbor opens it again inside
            opened.fail(state)
        return elements.insert_raw(html, at, out, state, h)
    elif group == tags.BODY:
        return elements.merge_body(html, at, out, rows, state)
    elif group == tags.HTML:
        return elements.ignore_bare(html, at, out, state)
    elif group == tags.HEAD or tags.CAPTION <= group <= tags.CELL:
        return elements.ignore(html, at, out, state)
    elif group == tags.UNSURE:
        opened.fail(state)
        return len(html)
    formatting.reconstruct(out, rows, state)
    if group == tags.XMP:
        return elements.insert_raw(html, at, out, state, h)
    if group == tags.BR:
        return elements.insert_void(html, at, out, state)
    at = elements.insert(html, at, out, rows, state, h, kind)
    if group == tags.MARKED:
        formatting.add_marker(rows, state)
    return at


@kernel
def start_formatting(
    html: Bytes, at: int, h: int, kind: int, out: Bytes, rows: Ints, state: Ints
) -> int:
    """Take in a, nobr, or another element that goes on in what follows."""
    group = kind & tags.GROUP
    if group == tags.A:
        entry = formatting.last_of(rows, state, h)
        if entry >= 0:
            was_open = formatting.is_open(rows, state, entry)
            formatting.adopt(out, rows, state, h)
            if was_open and formatting.last_of(rows, state, h) == entry:
                # out of scope, so that it stays: it would have to be taken off the stack
                opened.fail(state)
    formatting.reconstruct(out, rows, state)
    if group == tags.NOBR and opened.place_of(rows, state, h, tags.SCOPE) >= 0:
        formatting.adopt(out, rows, state, h)
        formatting.reconstruct(out, rows, state)
    begin = state[opened.TO]
    at = elements.insert(html, at, out, rows, state, h, kind)
    formatting.add(out, rows, state, begin)
    return at


@kernel
def start_block(
    html: Bytes, at: int, h: int, kind: int, out: Bytes, rows: Ints, state: Ints
) -> int:
    """Take in an element that closes a p."""
    group = kind & tags.GROUP
    if group == tags.FORM and state[opened.FORM] and state[opened.N_TEMPLATES] == 0:
        return elements.ignore(html, at, out, state)
    if group == tags.LI or group == tags.DD:
        close_item(out, rows, state, group)
    opened.close_p(out, rows, state)
    if group == tags.HEADING and opened.top_group(rows, state) == tags.HEADING:
        opened.pop(out, rows, state)
    at = elements.insert(html, at, out, rows, state, h, kind)
    if group == tags.PRE:
        return elements.after_first_break(html, at, len(html), state)
    if group == tags.FORM and state[opened.N_TEMPLATES] == 0:
        begin_form(rows, state)
    return at


@kernel
def begin_form(rows: Ints, state: Ints) -> None:
    """Note that the innermost element is the form."""
    top = state[opened.DEPTH] - 1
    state[opened.FORM], state[opened.FORM_DEPTH] = rows[top, opened.ID], top


@kernel
def close_item(out: Bytes, rows: Ints, state: Ints, group: int) -> None:
    """Close the li, or the dd or dt, that a new one follows."""
    for i in range(state[opened.DEPTH] - 1, -1, -1):
        if rows[i, opened.GONE]:
            continue
        kind = rows[i, opened.KIND]
        if (kind & tags.GROUP) == group:
            opened.pop_to(out, rows, state, i)
            return
        if kind & tags.SPECIAL and not kind & tags.PASSED:
            return
        opened.spend(state)


@kernel
def start_metadata(
    html: Bytes, at: int, h: int, kind: int, out: Bytes, rows: Ints, state: Ints
) -> int:
    """Take in what belongs into the head, wherever it stands."""
    group = kind & tags.GROUP
    if group == tags.METADATA:
        return elements.insert_void(html, at, out, state)
    if group != tags.TEMPLATE:
        return elements.insert_raw(html, at, out, state, h)
    at = elements.insert(html, at, out, rows, state, h, kind)
    formatting.add_marker(rows, state)
    state[opened.MODE] = opened.IN_TEMPLATE
    state[opened.N_TEMPLATES] += 1
    rows[state[opened.DEPTH] - 1, opened.HELD] = opened.IN_TEMPLATE
    return at


@kernel
def end_template(out: Bytes, rows: Ints, state: Ints) -> None:
    """Close the innermost template, if there is one."""
    if state[opened.N_TEMPLATES] == 0:
        return
    opened.close_group(out, rows, state, tags.TEMPLATE, opened.NONE)
    formatting.clear_to_marker(rows, state)
    state[opened.N_TEMPLATES] -= 1
    opened.reset_mode(rows, state)


@kernel
def start_choice(
    html: Bytes, at: int, h: int, kind: int, out: Bytes, rows: Ints, state: Ints
) -> int:
    """Take in a select, what it holds, or what may close it."""
    group = kind & tags.GROUP
    if group == tags.HR:
        opened.close_p(out, rows, state)
    select = opened.place_of_group(rows, state, tags.SELECT, tags.SCOPE)
    if select >= 0:
        if group == tags.SELECT or group == tags.INPUT:
            opened.pop_to(out, rows, state, select)
            if group == tags.SELECT:
                return elements.ignore(html, at, out, state)
        else:
            but = tags.OPTGROUP if group == tags.OPTION else tags.OTHER
            opened.pop_implied(out, rows, state, but)
    elif group == tags.OPTION or group == tags.OPTGROUP:
        if opened.top_group(rows, state) == tags.OPTION:
            opened.pop(out, rows, state)
    if group == tags.HR:
        return elements.insert_void(html, at, out, state)
    formatting.reconstruct(out, rows, state)
    if group == tags.INPUT:
        return elements.insert_void(html, at, out, state)
    return elements.insert(html, at, out, rows, state, h, kind)


@kernel
def start_table(
    html: Bytes, at: int, h: int, kind: int, out: Bytes, rows: Ints, state: Ints
) -> int:
    """Take in a table, which closes a p but in pages of the old kind."""
    if state[opened.N_PARAGRAPHS] and state[opened.QUIRKS] == opened.MAYBE:
        opened.fail(state)
    elif state[opened.QUIRKS] == 0:
        opened.close_p(out, rows, state)
    at = elements.insert(html, at, out, rows, state, h, kind)
    state[opened.MODE] = opened.IN_TABLE
    return at


@kernel
def start_ruby(html: Bytes, at: int, h: int, kind: int, out: Bytes, rows: Ints, state: Ints) -> int:
    """Take in rb, rp, rt or rtc."""
    if opened.place_of(rows, state, tags.RUBY, tags.SCOPE) >= 0:
        is_text = (kind & tags.GROUP) == tags.RUBY_TEXT
        opened.pop_implied(out, rows, state, tags.RTC if is_text else tags.OTHER)
    return elements.insert(html, at, out, rows, state, h, kind)


@kernel
def start_foreign(html: Bytes, at: int, h: int, out: Bytes, rows: Ints, state: Ints) -> int:
    """Take in a drawing that holds nothing; another one, or a formula, takes a parser."""
    formatting.reconstruct(out, rows, state)
    name = state[opened.TO] + 1
    at, size, closes = elements.write_tag(html, at, out, state)
    if not closes:
        if np.uint64(h) != SVG or not starts_in_any_case(html, at, b"</svg>"):
            opened.fail(state)
            return len(html)
        at += 6
    if not opened.is_full(state, size):
        opened.write_end(out, state, name, size)
    return at


@kernel
def end_in_body(h: int, kind: int, out: Bytes, rows: Ints, state: Ints) -> None:
    """Take the end tag at html[at] in."""
    group = kind & tags.GROUP
    if group == tags.FORMATTING or group == tags.A or group == tags.NOBR:
        if not formatting.adopt(out, rows, state, h):
            end_other(out, rows, state, h)
    elif group == tags.P:
        if not opened.close_group(out, rows, state, tags.P, tags.BUTTON_SCOPE):
            opened.open_named(out, rows, state, b"p")
            opened.pop(out, rows, state)
    elif group == tags.FORM and state[opened.N_TEMPLATES] == 0:
        end_form(out, rows, state)
    elif group == tags.HEADING:
        opened.close_group(out, rows, state, tags.HEADING, tags.SCOPE)
    elif group == tags.LI:
        opened.close(out, rows, state, h, tags.SCOPE | tags.LIST)
    elif tags.BLOCK <= group <= tags.BUTTON or group == tags.SELECT:
        opened.close(out, rows, state, h, tags.SCOPE)
    elif group == tags.MARKED:
        if opened.close(out, rows, state, h, tags.SCOPE):
            formatting.clear_to_marker(rows, state)
    elif group == tags.BR:
        formatting.reconstruct(out, rows, state)
        if not opened.is_full(state, opened.SHORT):
            state[opened.TO] = put_all(b"<br>", out, state[opened.TO])
    elif group == tags.TEMPLATE:
        end_template(out, rows, state)
    elif group == tags.BODY or group == tags.HTML:
        if opened.place_of_group(rows, state, tags.BODY, tags.SCOPE) >= 0:
            is_body = group == tags.BODY
            state[opened.MODE] = opened.AFTER_BODY if is_body else opened.AFTER_AFTER_BODY
    else:
        end_other(out, rows, state, h)


@kernel
def end_form(out: Bytes, rows: Ints, state: Ints) -> None:
    """Close the form; what is open in it goes on in what holds the form."""
    form, place = state[opened.FORM], state[opened.FORM_DEPTH]
    state[opened.FORM] = 0
    if form == 0 or place >= state[opened.DEPTH] or rows[place, opened.ID] != form:
        return
    for i in range(state[opened.DEPTH] - 1, place, -1):
        if rows[i, opened.KIND] & tags.SCOPE and not rows[i, opened.GONE]:
            return
    opened.pop_implied(out, rows, state, tags.OTHER)
    if place == state[opened.DEPTH] - 1:
        opened.pop(out, rows, state)
    elif place < state[opened.DEPTH]:
        rows[place, opened.GONE] = 1


@kernel
def end_other(out: Bytes, rows: Ints, state: Ints, h: int) -> None:
    """Close the innermost element of a name, unless a special one stands before it."""
    for i in range(state[opened.DEPTH] - 1, -1, -1):
        if rows[i, opened.GONE]:
            continue
        if rows[i, opened.HASH] == h:
            opened.pop_to(out, rows, state, i)
            return
        if rows[i, opened.KIND] & tags.SPECIAL:
            return
        opened.spend(state)
