"""Where a drawing ends: an svg element that holds nothing but what drawings are made of.

In it tags are matched as the HTML standard matches them in foreign content (section 13.2.6.5). Any
other element may end the drawing, or be text of the page.
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel
from dedup.segment.attributes_kernels import hash_small, look_up, next_attribute, pass_value
from dedup.segment.bytes_kernels import EQUALS, GREATER, LESS, find, is_letter
from dedup.segment.ends_kernels import OPEN, STYLE, SVG, TITLE, comment_end, is_comment
from dedup.segment.tags import DRAWN, hashes

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

(DESC,) = hashes("desc")

MOST_DEEP = 64


@kernel
def drawing_end(html: Bytes, at: int, inside: Hashes, names: Hashes, meanings: Ints) -> int:
    """Find the end tag of the svg element that has begun before `at`.

    Parameters
    ----------
    html: uint8[n]. inside: uint64[MOST_DEEP], overwritten. names, meanings: tags.tag_table().

    Returns
    -------
    Where the end tag begins; OPEN if there is none, or other elements are in the drawing.
    """
    n = len(html)
    inside[0] = SVG
    depth = 1
    at = find(html, at, LESS)
    while at + 2 < n:
        if html[at + 1] == 33 and is_comment(html, at):
            at = find(html, comment_end(html, at), LESS)
            continue
        is_end = html[at + 1] == 47
        begin = at
        if not is_letter(html[at + is_end + 1]):
            return OPEN
        h, at, closes = pass_tag(html, at + is_end + 1)
        if not look_up(h, names, meanings) & DRAWN or at > n:
            return OPEN
        if is_end:
            while depth > 0 and inside[depth - 1] != h:
                depth -= 1
            if depth == 0:
                return OPEN
            depth -= 1
            if depth == 0:
                return begin
        elif not closes:
            if depth == MOST_DEEP:
                return OPEN
            inside[depth] = h
            depth += 1
        at = find(html, at, LESS)
        if not is_end and not closes and (h == TITLE or h == DESC or h == STYLE):
            # what they hold would be text or markup of the page
            if at + 2 >= n or html[at + 1] != 47 or hash_small(html, at + 2, GREATER)[0] != h:
                return OPEN
    return OPEN


@kernel
def pass_tag(html: Bytes, at: int) -> tuple[int, int, bool]:
    """Pass over a tag whose name is at `at`: the name's hash, where the tag ends, "/>" or not.

    A tag ends beyond `html` if the page ends in it.
    """
    n = len(html)
    name, at = hash_small(html, at, GREATER)
    while True:
        at, closes = next_attribute(html, at)
        if at >= n or html[at] == 62:
            return name, at + 1, closes
        _, at = hash_small(html, at, EQUALS)
        at, _, _ = pass_value(html, at)
