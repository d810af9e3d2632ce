"""Leaving out, before a page is parsed, what no block is made of: most of its bytes.

Scripts, styles, comments, frames, most attributes and blanks in a row say nothing that
`html_kernels.scan` would read, and a parser's time goes by bytes. Tags are found as the tokenizer
of the HTML standard finds them (section 13.2.5); where that would take a parser's knowledge of the
tree, the rest of the page is copied as it is. Cost: each byte is looked at once or twice.
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel
from dedup.segment.attributes_kernels import hash_small, next_attribute, pass_value
from dedup.segment.bytes_kernels import (
    EQUALS,
    GREATER,
    LESS,
    copy,
    find,
    is_gap,
    is_letter,
    put_all,
    starts_in_any_case,
)
from dedup.segment.drawings_kernels import drawing_end
from dedup.segment.ends_kernels import (
    JSON_LD,
    LISTING,
    MATH,
    NOSCRIPT,
    OPEN,
    PLAINTEXT,
    PRE,
    SCRIPT,
    SVG,
    comment_end,
    end_of_raw,
    is_comment,
    raw_element,
    script_end,
)
from dedup.segment.tags import hashes
from dedup.segment.vector_kernels import WIDTH, copy_text

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

CLASS, HREF, ID, STYLED, TYPE, ROLE = hashes("class href id style type role")
ARIA_HIDDEN, CONTENT, PROPERTY, ITEMPROP, HIDDEN = hashes(
    "aria-hidden content property itemprop hidden"
)


@kernel
def lighten(
    html: Bytes,
    out: Bytes,
    ends: Ints,
    inside: npt.NDArray[np.uint64],
    names: npt.NDArray[np.uint64],
    meanings: Ints,
) -> int:
    """Copy a page without what the scan does not read.

    What stays: all text (but of blanks before a tag one, up to the first `pre`) and all tags,
    attributes that `read_attributes` looks at (the first of each name, `href` without its value),
    JSON-LD, and what the title is found by. What a drawing holds goes. In `noscript` a raw element
    ends with it at the latest, as it does in a browser that runs scripts: there a frame that nobody
    closed would take in the rest of the page.

    Parameters
    ----------
    html: uint8[n]. out: uint8[2 * n + 64], written.
    ends: int64[N_RAW], inside: uint64[MOST_DEEP], overwritten.
    names, meanings: tags.tag_table().

    Returns
    -------
    The bytes written.
    """
    n = len(html)
    ends[:] = OPEN
    at = np.int64(0)
    to = np.int64(0)
    in_noscript = False
    keeps_blanks = False
    in_svg = in_math = 0
    while at < n:
        begin_out = to
        at, to = copy_to_tag(html, at, out, to)
        if not keeps_blanks:
            to = join_blanks(out, begin_out, to)
        if at + 2 >= n:
            break
        following = html[at + 1]
        is_end = following == 47
        if following == 33:
            if in_svg + in_math and not is_comment(html, at):
                # there it may be data
                break
            at, to = pass_declaration(html, at, out, to)
            continue
        if following == 63 or (is_end and not is_letter(html[at + 2])):
            at, to = min(find(html, at + 2, GREATER) + 1, n), set_off(out, to)
            continue
        if not is_end and not is_letter(following):
            out[to] = 60
            at, to = at + 1, to + 1
            continue
        begin, begin_out = at, to
        name, at, to, closes = copy_tag(html, at, out, to)
        if at > n:
            # the page ends within a tag
            at, to = begin, begin_out
            break
        if name == NOSCRIPT:
            in_noscript = not is_end
        elif name == PRE or name == LISTING:
            keeps_blanks = True
        elif name == SVG and not closes:
            end = np.int64(OPEN)
            if not is_end and in_svg + in_math == 0:
                end = drawing_end(html, at, inside, names, meanings)
            if end != OPEN:
                at = end
                continue
            in_svg = max(0, in_svg + (-1 if is_end else 1))
        elif name == MATH and not closes:
            in_math = max(0, in_math + (-1 if is_end else 1))
        if is_end:
            continue
        which, is_text = raw_element(name)
        if in_noscript and which > 0 and not is_text:
            end = end_of_raw(html, at, 0, ends)
            if end < end_of_raw(html, at, which, ends):
                at, to = end, set_off(out, begin_out)
                continue
        after, to = pass_raw(html, at, name, in_svg + in_math, out, to, ends)
        if after == OPEN:
            break
        at = after
    return copy(html, at, n, out, to)


@kernel
def pass_declaration(html: Bytes, at: int, out: Bytes, to: int) -> tuple[int, int]:
    """Leave out a comment; copy a doctype, and what looks like one."""
    if is_comment(html, at):
        return comment_end(html, at), set_off(out, to)
    end = min(find(html, at, GREATER) + 1, len(html))
    return end, copy(html, at, end, out, to)


@kernel
def pass_raw(
    html: Bytes, at: int, name: int, in_drawing: int, out: Bytes, to: int, ends: Ints
) -> tuple[int, int]:
    """Copy the content of a raw element if it is text, or JSON-LD; OPEN if its end is not sure.

    Of other elements there is nothing to pass over. In a drawing a raw element holds markup, and
    may be closed by itself: its end is sure if nothing in it looks like a tag.
    """
    which, is_text = raw_element(name)
    if name == SCRIPT or name == JSON_LD:
        end = script_end(html, at)
    elif name == PLAINTEXT:
        return OPEN, to
    elif which > 0:
        end = end_of_raw(html, at, which, ends)
    else:
        return at, to
    if end == OPEN or end == len(html):
        return OPEN, to
    if in_drawing and (html[at - 2] == 47 or find(html, at, LESS) < end):
        return OPEN, to
    return end, copy(html, at, end, out, to) if is_text or name == JSON_LD else to


@kernel
def copy_to_tag(html: Bytes, at: int, out: Bytes, to: int) -> tuple[int, int]:
    """Copy up to the next "<", or to the end."""
    n = len(html)
    while at + WIDTH <= n:
        step = copy_text(html, at, out, to)
        at += step
        to += step
        if step < WIDTH:
            return at, to
    while at < n and html[at] != 60:
        out[to] = html[at]
        at += 1
        to += 1
    return at, to


@kernel
def join_blanks(out: Bytes, begin: int, to: int) -> int:
    """Leave one blank of those in a row that out[begin:to] ends with; gives the new end."""
    while to - 2 >= begin and is_gap(out[to - 1]) and is_gap(out[to - 2]):
        to -= 1
    return to


@kernel
def set_off(out: Bytes, to: int) -> int:
    """Write an empty comment after text, or "<" and "b" beside a gap would be read as a tag."""
    if to == 0 or out[to - 1] == 62 or is_gap(out[to - 1]):
        return to
    return put_all(b"<!---->", out, to)


@kernel
def copy_tag(html: Bytes, at: int, out: Bytes, to: int) -> tuple[int, int, int, bool]:
    """Copy a tag with the attributes that count: its name's hash, where it ends, "/>" or not.

    The name of a script of JSON-LD is JSON_LD. A tag ends beyond `html` if the page ends in it.
    """
    n = len(html)
    is_end = html[at + 1] == 47
    out[to] = 60
    at, to = at + 1, to + 1
    if is_end:
        out[to] = 47
        at, to = at + 1, to + 1
    begin = at
    name, at = hash_small(html, at, GREATER)
    to = copy(html, begin, at, out, to)
    seen = np.int64(0)
    while True:
        at, closes = next_attribute(html, at)
        if at >= n or html[at] == 62:
            break
        begin = at
        attribute, at = hash_small(html, at, EQUALS)
        name_end = at
        at, value, value_end = pass_value(html, at)
        bit = kept_attribute(attribute)
        if is_end or bit == 0 or seen & bit:
            continue
        seen |= bit
        out[to] = 32
        to = copy(html, begin, name_end if attribute == HREF else min(at, n), out, to + 1)
        if name == SCRIPT and attribute == TYPE and is_json_ld(html, value, value_end):
            name = JSON_LD
    if closes:
        # a drawing's element that is closed by itself; apart from a value without quotes
        out[to], out[to + 1] = 32, 47
        to += 2
    if at < n:
        out[to] = 62
        to += 1
    return name, at + 1, to, closes


@kernel
def kept_attribute(name: int) -> int:
    """Give the bit of an attribute that is kept, 0 for others."""
    if name == CLASS:
        return 1
    if name == HREF:
        return 2
    if name == ID:
        return 4
    if name == STYLED:
        return 8
    if name == TYPE:
        return 16
    if name == ROLE:
        return 32
    if name == ARIA_HIDDEN:
        return 64
    if name == CONTENT:
        return 128
    if name == PROPERTY:
        return 256
    if name == ITEMPROP:
        return 512
    if name == HIDDEN:
        return 1024
    return 0


@kernel
def is_json_ld(html: Bytes, begin: int, end: int) -> bool:
    """Tell whether a script's type says that it is JSON-LD."""
    return end - begin >= 19 and starts_in_any_case(html, begin + 12, b"ld+json")
