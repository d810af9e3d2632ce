"""Bounds on what a parser is given: how deep tags lie, how many attributes a tag has.

lexbor takes time by the square of either. Cost: each byte is looked at once; an end tag
looks at REACH open tags at most.
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import inlined, kernel
from dedup.segment.attributes_kernels import hash_small, look_up
from dedup.segment.bytes_kernels import GREATER, LESS, find, is_letter
from dedup.segment.tags import BLOCK, CELL, IMPLIED, LINE, VOID
from dedup.segment.vector_kernels import WIDTH, first_tag_end

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

REACH = 64
"""An end tag closes the nearest open tag of its name among so many; else it closes none."""


@kernel
def bound(
    html: Bytes,
    out: Bytes,
    names: Hashes,
    meanings: Ints,
    limits: Ints,
    open_names: Hashes,
    open_meanings: Ints,
) -> bool:
    """Blank out tags that may lie deeper than `max_depth`, and attributes beyond the bound.

    The text of such elements stays. Depth is overestimated where tags are left open, except
    for those that the next of their kind closes (p, li, dt, dd, tr, td, th).

    Parameters
    ----------
    html: uint8[n]; out: the same memory, overwritten. names, meanings: tags.tag_table().
    limits: int64[2]: max_depth, greatest number of attributes.
    open_names: uint64[count of "<" + 1], open_meanings: int64[count of "<" + 1], overwritten.

    Returns
    -------
    Whether anything was blanked out.
    """
    n = len(html)
    max_depth, max_attributes = limits[0], limits[1]
    depth = 0
    changed = False
    at = find(html, np.int64(0), LESS)
    while at < n - 1:
        following = html[at + 1]
        if following == 47 and at + 2 < n and is_letter(html[at + 2]):
            h, _ = hash_small(html, at + 2, GREATER)
            end = min(find(html, at, GREATER) + 1, n)
            for i in range(depth - 1, max(depth - REACH, 0) - 1, -1):
                if open_names[i] == h:
                    if depth > max_depth:
                        blank_out(out, at, end)
                        changed = True
                    depth = i
                    break
            at = end
        elif is_letter(following):
            h, name_end = hash_small(html, at + 1, GREATER)
            end = find_tag_end(html, name_end)
            # an attribute takes two bytes at least, with what sets it off
            if end - name_end > 2 * max_attributes:
                end, too_many = end_of_tag(html, out, name_end, max_attributes)
                changed = changed or too_many
            meaning = look_up(h, names, meanings)
            if not meaning & VOID:
                depth = close_implied(h, meaning, open_names, open_meanings, depth)
                open_names[depth], open_meanings[depth] = h, meaning
                depth += 1
                if depth > max_depth:
                    blank_out(out, at, end)
                    changed = True
            at = end
        else:
            at += 1
        at = find(html, at, LESS)
    return changed


@inlined
def close_implied(h: int, meaning: int, open_names: Hashes, open_meanings: Ints, depth: int) -> int:
    """Close what a start tag closes by itself: a p, and the one before it of its kind."""
    if not meaning & (BLOCK | CELL):
        return depth
    while depth > 0 and open_meanings[depth - 1] & IMPLIED:
        above = open_meanings[depth - 1]
        is_p = not above & (LINE | CELL)
        if is_p or (meaning & IMPLIED and (open_names[depth - 1] == h or above & CELL)):
            depth -= 1
        elif meaning & LINE and above & LINE:
            return depth - 1
        else:
            break
    return depth


@inlined
def find_tag_end(html: Bytes, at: int) -> int:
    """Find the end of a start tag: after the first ">" that stands in no quotes."""
    n = len(html)
    while at < n:
        if at + WIDTH <= n:
            step = first_tag_end(html, at)
            at += step
            if step == WIDTH:
                continue
        c = html[at]
        if c == 62:
            break
        if (c == 34 or c == 39) and html[at - 1] == 61:
            at = find(html, at + 1, c)
        at += 1
    return min(at + 1, n)


@inlined
def end_of_tag(html: Bytes, out: Bytes, at: int, max_attributes: int) -> tuple[int, bool]:
    """Find the end of a start tag, blanking out its attributes beyond so many."""
    n = len(html)
    count = 0
    quote = 0
    blank = False
    cut = n
    while at < n:
        c = html[at]
        if quote:
            if c == quote:
                quote = 0
        elif c == 62:
            break
        elif (c == 34 or c == 39) and html[at - 1] == 61:
            quote = c
        # one attribute ends where a blank, a slash or a closing quote stands
        is_gap = not quote and (c <= 32 or c == 47 or c == 34 or c == 39)
        if is_gap and not blank:
            count += 1
            if count > max_attributes and cut == n:
                cut = at
        blank = is_gap
        at += 1
    if cut < at:
        blank_out(out, cut, at)
        return min(at + 1, n), True
    return min(at + 1, n), False


@kernel
def blank_out(out: Bytes, begin: int, end: int) -> None:
    """Write blanks over out[begin:end]."""
    for i in range(begin, end):
        out[i] = 32
