"""Where what is no markup ends: comments, raw elements and scripts.

As the tokenizer of the HTML standard finds it (section 13.2.5), without the tree that a parser
makes. Cost: each byte is looked at once, 32 at a time.
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import inlined, kernel
from dedup.segment.attributes_kernels import hash_small
from dedup.segment.bytes_kernels import GREATER, LESS, find, starts_in_any_case
from dedup.segment.tags import hashes

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

SCRIPT, JSON_LD, NOSCRIPT, PLAINTEXT = hashes("script application/ld+json noscript plaintext")
STYLE, IFRAME, TITLE, TEXTAREA = hashes("style iframe title textarea")
NOEMBED, NOFRAMES, XMP, PRE, LISTING = hashes("noembed noframes xmp pre listing")
SVG, MATH = hashes("svg math")

N_RAW = 8
"""Elements whose content is no markup, and `noscript`: their end tags are looked for once."""

OPEN = -1
"""In the place of an end that is not sure, or that the page does not have."""


@inlined
def is_comment(html: Bytes, at: int) -> bool:
    """Tell whether a comment begins at `at`, where "<!" stands."""
    return at + 3 < len(html) and html[at + 2] == 45 and html[at + 3] == 45


@kernel
def comment_end(html: Bytes, at: int) -> int:
    """Find where a comment ends that begins at `at`."""
    n = len(html)
    begin = at + 4
    if begin < n and html[begin] == 62:
        return begin + 1
    if begin + 1 < n and html[begin] == 45 and html[begin + 1] == 62:
        return begin + 2
    at = find(html, begin, GREATER)
    while at < n:
        last = at - 2 if html[at - 1] == 33 else at - 1
        if last > begin and html[last] == 45 and html[last - 1] == 45:
            return at + 1
        at = find(html, at + 1, GREATER)
    return n


@inlined
def raw_element(name: int) -> tuple[int, bool]:
    """Give the number of an element whose content is no markup, from 1; and whether it is text."""
    if name == STYLE:
        return 1, False
    if name == IFRAME:
        return 2, False
    if name == TITLE:
        return 3, True
    if name == TEXTAREA:
        return 4, True
    if name == NOEMBED:
        return 5, False
    if name == NOFRAMES:
        return 6, False
    if name == XMP:
        return 7, True
    return 0, False


@inlined
def end_of_raw(html: Bytes, at: int, which: int, ends: Ints) -> int:
    """Find the end tag of `noscript` (0) or of a raw element; where one was found is kept."""
    if ends[which] < at:
        ends[which] = find_end_of(html, at, which)
    return ends[which]


@kernel
def find_end_of(html: Bytes, at: int, which: int) -> int:
    """Find the next end tag of `noscript` (0) or of a raw element, or the end."""
    n = len(html)
    at = find(html, at, LESS)
    while at + 2 < n:
        if html[at + 1] == 47:
            h, _ = hash_small(html, at + 2, GREATER)
            if (h == NOSCRIPT) if which == 0 else (raw_element(h)[0] == which):
                return at
        at = find(html, at + 1, LESS)
    return n


@kernel
def script_end(html: Bytes, at: int) -> int:
    """Find the end tag of a script; OPEN if it may be a part of the script.

    It may be, after "<!--" and another "<script" (HTML standard, "script data double escaped").
    """
    n = len(html)
    escaped = False
    at = find(html, at, LESS)
    while at + 2 < n:
        if html[at + 1] == 33:
            escaped = escaped or starts_in_any_case(html, at + 2, b"--")
        elif html[at + 1] == 47:
            if starts_in_any_case(html, at + 2, b"script"):
                h, _ = hash_small(html, at + 2, GREATER)
                if h == SCRIPT:
                    return at
        elif escaped and starts_in_any_case(html, at + 1, b"script"):
            return OPEN
        at = find(html, at + 1, LESS)
    return OPEN
