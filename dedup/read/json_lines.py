"""Pieces of a file of JSON lines, and where lines begin and end in them."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BufferedReader

import numpy as np
import numpy.typing as npt

from dedup.read.compression import InputStream

BUFFER = 1 << 16
BLOCK = 1 << 17
"""Bytes that are looked at together: they stay in the processor's cache."""

MAX_OPENED = 256
"""Brackets opened in a line; Python's parser refuses some more than 900 in each other."""

N_DIGITS = 8
"""Samples of a number that is too long for Python: see `_long_numbers`."""


@dataclass(frozen=True)
class Lines:
    r"""Lines of a file.

    Attributes
    ----------
    data: their bytes; a line that is too long is cut off in it.
    begins, ends: int64[n], their bounds in `data`, without "\n" or "\r\n".
    is_plain: bool[n], whether a line can be read together with others: see `plain_lines`.
    offset: where `data` begins in the file.
    is_cut_off: the stream is broken and ends within the last line.
    """

    data: bytes
    begins: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    is_plain: npt.NDArray[np.bool_]
    offset: int
    is_cut_off: bool

    def n_bytes(self, first: int, last: int) -> int:
        """Tell how large lines are, from one to before another."""
        return int(self.ends[last - 1] - self.begins[first]) if last > first else 0

    def singly(self, places: Iterable[int]) -> Iterator[tuple[int, bytes, bool]]:
        """Yield lines with their offsets and ends, and whether they are cut off."""
        n_lines = len(self.begins)
        for place in places:
            is_last = place + 1 == n_lines
            begin = int(self.begins[place])
            end = len(self.data) if is_last else int(self.begins[place + 1])
            yield self.offset + begin, self.data[begin:end], is_last and self.is_cut_off


def cut_lines(stream: InputStream, n_bytes: int, max_bytes: int) -> Iterator[Lines]:
    """Cut a stream into pieces of about `n_bytes`, after the end of a line.

    Of a line of more than `max_bytes` not more than so many and `n_bytes` are held.
    """
    file = BufferedReader(stream, BUFFER)
    offset = 0
    while data := file.read(n_bytes):
        if not data.endswith(b"\n"):
            data += file.readline(max_bytes + 1)
        skipped, end = 0, data
        while not end.endswith(b"\n") and (end := file.readline(n_bytes)):
            skipped += len(end)
        is_cut_off = stream.broken is not None and not end.endswith(b"\n")
        yield _found(data, offset, max_bytes, is_cut_off=is_cut_off)
        offset += len(data) + skipped


def _found(data: bytes, offset: int, max_bytes: int, *, is_cut_off: bool) -> Lines:
    """Find the lines of a piece."""
    held = np.frombuffer(data, np.uint8)
    ends = _places(held, b"\n")
    if not data.endswith(b"\n"):
        ends = np.append(ends, len(data))
    begins = np.concatenate([[0], ends[:-1] + 1])
    is_whole = ends - begins <= max_bytes
    ends = ends - ((ends > begins) & (held[ends - 1] == ord("\r")))
    is_plain = is_whole & plain_lines(data, begins, ends)
    return Lines(data, begins, ends, is_plain, offset, is_cut_off)


def plain_lines(
    data: bytes, begins: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    r"""Tell which lines a stricter or looser parser would read as Python's does, if at all.

    A line begins with "{" and ends with "}": then an object can't go on over a line's end,
    before which there would be a "}" and after it a "{". What Arrow takes and Python refuses is
    left out: brackets hundreds deep, whole numbers of thousands of digits, Inf and -NaN. So
    are NULs, which end a text for Arrow's parser.

    Examples
    --------
    >>> data = b'{"a": 1}\n{"a": Inf}\n[2]'
    >>> plain_lines(data, np.array([0, 9, 20]), np.array([8, 19, 23])).tolist()
    [True, False, False]
    """
    held = np.frombuffer(data, np.uint8)
    last = np.maximum(ends - 1, begins)
    is_filled = (begins < len(held)) & (ends > begins + 1)
    is_plain: npt.NDArray[np.bool_] = is_filled & (held[np.where(is_filled, begins, 0)] == ord("{"))
    is_plain &= held[np.where(is_filled, last, 0)] == ord("}")
    wrong = np.concatenate([_numbers_beyond_json(held), _long_numbers(held), _deep(held, begins)])
    if b"\0" in data:
        wrong = np.concatenate([wrong, _places(held, b"\0")])
    is_plain[np.searchsorted(begins, wrong, "right") - 1] = False
    return is_plain


def _places(held: npt.NDArray[np.uint8], sign: bytes) -> npt.NDArray[np.int64]:
    """Find all places of a byte."""
    wanted = np.uint8(ord(sign))
    return np.concatenate(
        [np.flatnonzero(held[at : at + BLOCK] == wanted) + at for at in range(0, len(held), BLOCK)]
    )


def _numbers_beyond_json(held: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Find "Inf" where a value ends with it, and "-NaN"; in texts too, where they are rare."""
    infinite = _occurrences(held, b"Inf", 0)
    after = held[np.minimum(infinite + 3, len(held) - 1)]
    infinite = infinite[np.isin(after, np.frombuffer(b" \t\r\n,]}", np.uint8))]
    return np.concatenate([infinite, _occurrences(held, b"-NaN", 1)])


def _occurrences(held: npt.NDArray[np.uint8], word: bytes, rare: int) -> npt.NDArray[np.int64]:
    """Find a word by the one of its letters that is rare."""
    found = _places(held, word[rare : rare + 1]) - rare
    found = found[(found >= 0) & (found + len(word) <= len(held))]
    for place, letter in enumerate(word):
        found = found[held[found + place] == letter]
    return found


def _deep(held: npt.NDArray[np.uint8], begins: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Find where lines begin that open many brackets, be it in texts."""
    n_all = sum(
        np.count_nonzero(held[at : at + BLOCK] == np.uint8(ord(sign)))
        for at in range(0, len(held), BLOCK)
        for sign in "[{"
    )
    # most lines open one
    if n_all <= len(begins) + MAX_OPENED:
        return np.zeros(0, np.int64)
    bounds = np.append(begins, len(held))
    n_opened = np.zeros(len(begins), np.int64)
    for sign in (b"[", b"{"):
        n_opened += np.diff(np.searchsorted(_places(held, sign), bounds))
    return begins[n_opened > MAX_OPENED]


def _long_numbers(held: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Find where there may be whole numbers of more digits than Python takes.

    So many digits in a row are met by N_DIGITS samples in a row that are digits.
    """
    limit = sys.get_int_max_str_digits()
    if not limit:
        return np.zeros(0, np.int64)
    step = limit // N_DIGITS
    samples = held[::step]
    is_digit = (samples >= ord("0")) & (samples <= ord("9"))
    if b"\1" * N_DIGITS not in is_digit.tobytes():
        return np.zeros(0, np.int64)
    n_digits = np.cumsum(np.concatenate([[0], is_digit]))
    return np.flatnonzero(n_digits[N_DIGITS:] - n_digits[:-N_DIGITS] == N_DIGITS) * step
