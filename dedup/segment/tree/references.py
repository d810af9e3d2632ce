"""The character references of HTML by name, as a table that a kernel can look up."""

from html.entities import html5

import numpy as np
import numpy.typing as npt

from dedup.segment.tags import fill_table

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

SIZE = 8192
"""Slots of the table; a power of two, four times as many as there are names."""

SECOND = 24
"""A second character stands from this bit on."""

BARE = 1 << 48
"""The name counts without a semicolon, too."""

LONGEST, LONGEST_BARE = 31, 6
"""Letters of a name without its semicolon, and of one that needs none."""

WINDOWS = np.array([
    0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039,
    0x152, 0x8D, 0x17D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC,
    0x2122, 0x161, 0x203A, 0x153, 0x9D, 0x17E, 0x178,
], np.int64)  # fmt: skip
"""What numbers from 128 to 159 stand for (HTML standard, section 13.2.5.80)."""


def reference_table() -> tuple[Hashes, Ints]:
    """Make the table.

    Returns
    -------
    names: uint64[SIZE], hashes of names without a semicolon, 0 where a slot is free;
    characters: int64[SIZE], one, or two from bits 0 and SECOND on, and BARE.
    """
    characters: dict[str, int] = {}
    for name in (name for name in html5 if name.endswith(";")):
        stands_for = sum(ord(c) << SECOND * i for i, c in enumerate(html5[name]))
        characters[name[:-1]] = stands_for | (BARE if name[:-1] in html5 else 0)
    return fill_table(characters, SIZE)
