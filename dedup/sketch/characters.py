"""What a character is to a word: nothing, a part of it, or a word of its own.

The table is a file of this package, so that a text has the same words on every version
of Python. `python -m dedup.sketch.characters` writes it anew from this Python's Unicode.
"""

import sys
import unicodedata
from pathlib import Path

import numpy as np
import numpy.typing as npt

SEPARATOR, PART, ALONE, IGNORED = range(4)
"""The lowest two bits of an entry."""

PAGE = 256
N_PAGES = 0x110000 // PAGE

SPACELESS = (
    # Thai, Lao
    (0x0E00, 0x0EFF),
    # Myanmar, and its extensions
    (0x1000, 0x109F),
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
    # Khmer, and its symbols
    (0x1780, 0x17FF),
    (0x19E0, 0x19FF),
    # Han: radicals, iteration marks and numerals, ideographs
    (0x2E80, 0x2FDF),
    (0x3005, 0x3007),
    (0x3021, 0x303B),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
    # Kana, with small, half-width and historic forms
    (0x3041, 0x30FF),
    (0x31F0, 0x31FF),
    (0xFF66, 0xFF9F),
    (0x1AFF0, 0x1B16F),
)
"""Ranges of scripts that are written without spaces between words (Unicode 16 blocks)."""

Table = npt.NDArray[np.int32]


def table_path() -> Path:
    """Name the table's file."""
    return Path(__file__).with_name("characters.npy")


def load_table() -> Table:
    """Load the table.

    Returns
    -------
    int32[m]: `table[table[c >> 8] + (c & 255)]` is the entry of the code point c. Its lowest
    two bits tell what c is to a word; the others, shifted down and added to c, make the
    small letter that stands for it. (Differences, since most pages then are the same.)
    """
    table: Table = np.load(table_path(), allow_pickle=False)
    return table


def entry(character: str) -> int:
    """Tell what a character is to a word.

    Letters, marks and numbers make words; format characters (a soft hyphen, a joiner) are
    passed over; all else separates. Small letters stand for capital ones; where Unicode
    lower-cases to several characters, the first one stands.

    Examples
    --------
    >>> entry("-") == SEPARATOR, entry(chr(0xAD)) == IGNORED, entry("語") == ALONE
    (True, True, True)
    >>> chr(ord("Ä") + (entry("Ä") >> 2))
    'ä'
    """
    category = unicodedata.category(character)
    if category == "Cf":
        return IGNORED
    if category[0] not in "LMN":
        return SEPARATOR
    code = ord(character)
    alone = any(low <= code <= high for low, high in SPACELESS)
    difference = ord(character.lower()[0]) - code
    return (difference << 2) | (ALONE if alone else PART)


def build_table() -> Table:
    """Make the table from this Python's Unicode data; equal pages are stored once."""
    first = np.zeros(N_PAGES, np.int32)
    places: dict[bytes, int] = {}
    pages: list[Table] = []
    for number in range(N_PAGES):
        codes = range(number * PAGE, (number + 1) * PAGE)
        page = np.array([entry(chr(code)) for code in codes], np.int32)
        raw = page.tobytes()
        if raw not in places:
            places[raw] = N_PAGES + len(pages) * PAGE
            pages.append(page)
        first[number] = places[raw]
    return np.concatenate([first, *pages])


if __name__ == "__main__":
    np.save(table_path(), build_table())
    sys.stdout.write(f"{table_path().name}: Unicode {unicodedata.unidata_version}\n")
