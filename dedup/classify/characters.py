"""What kind of character each code point is, as the feature kernels ask for it."""

import unicodedata

import numpy as np
import numpy.typing as npt

OTHER, SPACE, LETTER, UPPER, DIGIT, STOP, COMMA, PUNCTUATION = range(8)
SYMBOL, SEPARATOR, UNSPACED, CURRENCY, BREAK, COPYRIGHT, MARK, QUOTE = range(8, 16)

STOPS = ".!?…。！？｡؟۔।॥።՞։¿¡"
COMMAS = ",，、､،՝፣;；؛"
SEPARATORS = "|¦›»‹«→←•·●▸▶►/\\>‧・*★☆"
UNSPACED_RANGES = (
    (0x0E01, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Kana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),
)
KINDS = {
    "Lu": UPPER, "Lt": UPPER, "Ll": LETTER, "Lo": LETTER, "Lm": LETTER, "Nd": DIGIT,
    "Nl": DIGIT, "No": DIGIT, "Mn": MARK, "Mc": MARK, "Me": MARK, "Zs": SPACE, "Zl": BREAK,
    "Zp": BREAK, "Sc": CURRENCY, "Sm": SYMBOL, "So": SYMBOL, "Sk": SYMBOL, "Pi": QUOTE,
    "Pf": QUOTE,
}  # fmt: skip


def character_tables() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint16]]:
    """Make the tables of the basic plane; they travel in the model file.

    Two Python versions may know different Unicode; a model always reads a text in the
    same way.

    Returns
    -------
    kinds: uint8[65536], one of this module's constants; lower: uint16[65536], the code
    point in lower case where that is one code point.
    """
    kinds = np.zeros(65536, np.uint8)
    lower = np.arange(65536, dtype=np.uint16)
    for code in range(65536):
        if 0xD800 <= code < 0xE000:
            continue
        character = chr(code)
        category = unicodedata.category(character)
        kinds[code] = KINDS.get(category, PUNCTUATION if category[0] == "P" else OTHER)
        small = character.lower()
        if len(small) == 1:
            lower[code] = ord(small)
    for first, last in UNSPACED_RANGES:
        span = kinds[first : last + 1]
        span[(span == LETTER) | (span == MARK)] = UNSPACED
    for kind, characters in ((STOP, STOPS), (COMMA, COMMAS), (SEPARATOR, SEPARATORS)):
        kinds[[ord(c) for c in characters]] = kind
    kinds[[ord(c) for c in "\"“”„'’‘"]] = QUOTE
    kinds[[ord(c) for c in "\t\r\v\f"]] = SPACE
    kinds[[ord("\n")]] = BREAK
    kinds[[ord("©"), ord("®"), ord("™")]] = COPYRIGHT
    return kinds, lower
