"""Looking at bytes of HTML."""

import numpy as np
import numpy.typing as npt

from dedup.jit import inlined, kernel
from dedup.segment.vector_kernels import WIDTH, first_of

Bytes = npt.NDArray[np.uint8]

# of one type, or numba would compile what takes them for each number
QUOTE, LESS, GREATER = np.uint8(ord('"')), np.uint8(ord("<")), np.uint8(ord(">"))
PLUS, EQUALS, APOSTROPHE = np.uint8(ord("+")), np.uint8(ord("=")), np.uint8(ord("'"))


@inlined
def is_letter(c: int) -> bool:
    """Tell whether a byte is an ASCII letter."""
    return 97 <= (c | 32) <= 122


@inlined
def is_gap(c: int) -> bool:
    """Tell whether a byte is a blank in HTML: one that sets words or attributes off."""
    return c == 32 or c == 10 or c == 9 or c == 13 or c == 12


@kernel
def find(html: Bytes, at: int, c: int) -> int:
    """Find the next byte c from `at` on, or the end."""
    while at + WIDTH <= len(html):
        step = first_of(html, at, c)
        at += step
        if step < WIDTH:
            return at
    while at < len(html) and html[at] != c:
        at += 1
    return at


@kernel
def find_json_ld(html: Bytes, at: int) -> int:
    """Find the next "ld+json" from `at` on, or the end; its plus is what is rare."""
    n = len(html)
    plus = find(html, at + 2, PLUS)
    while plus + 5 <= n:
        if starts_with(html, plus - 2, b"ld+json"):
            return plus - 2
        plus = find(html, plus + 1, PLUS)
    return n


@kernel
def is_word(html: Bytes, at: int, size: int, word: bytes) -> bool:
    """Tell whether html[at : at + size] is `word`."""
    return size == len(word) and starts_with(html, at, word)


@kernel
def starts_with(html: Bytes, at: int, word: bytes) -> bool:
    """Tell whether `word` stands at `at`; all its bytes must be within `html`."""
    for i in range(len(word)):
        if html[at + i] != word[i]:
            return False
    return True


@kernel
def starts_in_any_case(html: Bytes, at: int, word: bytes) -> bool:
    """Tell whether `word`, of small letters and signs, stands at `at`, be it in capitals."""
    if at + len(word) > len(html):
        return False
    for i in range(len(word)):
        c = html[at + i]
        if 65 <= c <= 90:
            c |= np.uint8(32)
        if c != word[i]:
            return False
    return True


@kernel
def put_all(word: bytes, out: Bytes, to: int) -> int:
    """Write bytes; gives where they end."""
    for i in range(len(word)):
        out[to + i] = word[i]
    return to + len(word)


@kernel
def copy(source: Bytes, begin: int, end: int, out: Bytes, to: int) -> int:
    """Copy source[begin:end], byte by byte; gives where it ends in `out`."""
    for i in range(end - begin):
        out[to + i] = source[begin + i]
    return to + end - begin


@kernel
def after_gaps(html: Bytes, at: int, end: int) -> int:
    """Pass over blanks; gives where what follows begins, `end` at most."""
    while at < end and is_gap(html[at]):
        at += 1
    return at
