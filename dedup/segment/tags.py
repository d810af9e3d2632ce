"""What each HTML element means for the flow of text, as a table that a kernel can look up."""

from collections.abc import Mapping
from functools import cache

import numpy as np
import numpy.typing as npt

BLOCK = 1
"""Text before, in and after it are blocks of their own."""
SKIP = 2
"""What it holds is no text of the page."""
RAW = 4
"""What it holds is written without escapes: markup in it is none."""
VOID = 8
"""It has no end tag."""
PRE = 16
"""Its line breaks are kept."""
LINK = 32
CELL = 64
BREAK = 128
LINE = 256
"""A block of its kind follows another one on the next line, without an empty one between."""
TITLE = 512
TEMPLATE = 1024
IMPLIED = 2048
"""The next one of its kind closes it, or, after a p, the next block."""
DRAWN = 4096
"""It may stand in a drawing that is left out."""

_MEANINGS = {
    BLOCK: "address article aside blockquote body button caption center dd details dialog dir div "
    "dl dt fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html "
    "legend li main menu nav noscript ol optgroup p pre search section summary table tbody "
    "template textarea tfoot thead tr ul",
    SKIP: "script style svg iframe object select datalist head noembed noframes audio video canvas "
    "map applet template",
    RAW: "script style iframe noembed noframes xmp plaintext",
    VOID: "area base basefont bgsound br col embed frame hr img input keygen link meta param "
    "source track wbr",
    PRE: "pre textarea xmp plaintext listing",
    LINK: "a",
    CELL: "td th",
    BREAK: "br",
    LINE: "li tr dt dd",
    TITLE: "title",
    TEMPLATE: "template",
    IMPLIED: "p li dt dd tr td th",
    DRAWN: "svg g path use symbol defs circle rect line polygon polyline ellipse text tspan "
    "textpath title desc style image stop lineargradient radialgradient clippath mask pattern "
    "marker switch view set animate animatetransform animatemotion filter feblend fecolormatrix "
    "fecomponenttransfer fecomposite feflood fefunca fefuncb fefuncg fefuncr fegaussianblur "
    "femerge femergenode femorphology feoffset",
}

SIZE = 512
"""Slots of the table; a power of two, three times as many as there are names."""


BASIS, PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
"""Of the hash of a name."""


def hash_name(name: bytes) -> int:
    """Hash an element's name (FNV-1a, 64 bits)."""
    h = int(BASIS)
    for byte in name:
        h = (h ^ byte) * int(PRIME) & 0xFFFFFFFFFFFFFFFF
    return h


def hashes(names: str) -> tuple[np.uint64, ...]:
    """Hash names, set off by blanks."""
    return tuple(np.uint64(hash_name(name.encode())) for name in names.split())


@cache
def tag_table() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Make the table, once a process.

    Returns
    -------
    names: uint64[SIZE], 0 where a slot is free; meanings: int64[SIZE].
    """
    meanings: dict[str, int] = {}
    for flag, names in _MEANINGS.items():
        for name in names.split():
            meanings[name] = meanings.get(name, 0) | flag
    return fill_table(meanings, SIZE)


def fill_table(
    values: Mapping[str, int], size: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Put values where attributes_kernels.look_up finds them by the hashes of their names.

    Parameters
    ----------
    size: a power of two, larger than the number of names.

    Returns
    -------
    names: uint64[size], hashes, each at the first free slot from its own on, 0 where one is free;
    values: int64[size].
    """
    hashes = np.zeros(size, np.uint64)
    found = np.zeros(size, np.int64)
    for name in sorted(values):
        h = hash_name(name.encode())
        slot = h % size
        while hashes[slot]:
            slot = (slot + 1) % size
        hashes[slot], found[slot] = h, values[name]
    return hashes, found
