"""Plain text into blocks: by lines, or by paragraphs where lines are wrapped."""

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.buffers import text_buffers
from dedup.segment.page import Page, plain_page
from dedup.segment.text_kernels import split_lines
from dedup.settings import SegmentSettings

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MAX_WIDTH = 120
"""Text is wrapped at 60 to 100 characters; longer lines are paragraphs themselves."""

MIN_BREAKS, WRAPPED = 3, 0.8
"""So many line breaks within paragraphs, and this share of them where the next word would not
have fit, make a text wrapped."""

LONG = 1_000
"""A line of more bytes that holds half of the page or more is split by sentences."""

MAX_BLOCK = 8_000
"""No block of a longer line has more bytes than this."""

SENTENCE_END = re.compile(
    rb"(?:[.!?]|\xe2\x80\xa6)[\"')\]]?(?:\xe2\x80\x9d|\xc2\xbb)?(?=\s)|"
    rb"(?:\xe3\x80\x82|\xef\xbc\x81|\xef\xbc\x9f|\xe0\xa5\xa4|\xd8\x9f|\xdb\x94)"
)
"""A stop before a blank; the stops of Chinese, Japanese, Hindi, Arabic and Urdu anywhere."""

NO_END = re.compile(rb"(?:^|[\s(])(?:\w{1,2}|\d+|[A-Z][a-z]{1,2}|\w+\.\w+)\.$")
"""A number, an initial, "Mr.", "e.g.": the stop after them ends no sentence."""


def segment_text(content: bytes, settings: SegmentSettings) -> Page:
    """Split a plain text, in UTF-8, into blocks; the text stays as it is, but for NULs.

    Each line is a block. Where lines are wrapped (the first word of nearly every next line
    would not have fit on the one before it), a paragraph is one. A line that is most of the
    page is split by sentences.
    """
    raw = content.replace(b"\0", b"")
    text = np.frombuffer(raw, np.uint8)
    lines = np.empty((raw.count(b"\n") + 1, 4), np.int64)
    lines = lines[: split_lines(text, lines)]
    start, end = lines[:, 0], lines[:, 1]
    joined = wrapped_lines(lines)
    if joined.any():
        first = ~joined
        last = np.append(first[1:], True)
        start, end = start[first], end[last]
    start, end = split_long(raw, start, end)
    n = settings.max_blocks
    if len(start) > n:
        start, end = start[:n], np.append(end[: n - 1], end[-1])
    return plain_page(raw, start, end)


def without_nul(texts: pa.Array) -> pa.Array:
    """Take NULs out of texts, as segment_text does."""
    data, offsets = text_buffers(texts)
    held = data[offsets[0] : offsets[-1]]
    # the smallest byte is found ten times as fast as a substring
    return pc.replace_substring(texts, "\0", "") if len(held) and not held.min() else texts


def wrapped_lines(lines: Ints) -> Flags:
    """Mark the lines that go on the sentence of the line before them.

    Parameters
    ----------
    lines: int64[n, 4] as split_lines writes them.
    """
    joined = np.zeros(len(lines), bool)
    inner = np.flatnonzero(lines[:, 3] == 0)
    if len(inner) < MIN_BREAKS:
        return joined
    length = lines[:, 1] - lines[:, 0]
    width = max(length[inner].max(), length[inner - 1].max())
    if width > MAX_WIDTH * 2:
        return joined
    # the width is that of nearly all lines: one that sticks out is a long word or an address
    width = np.quantile(length[inner - 1], 0.9)
    would_not_fit = length[inner - 1] + 1 + lines[inner, 2] > width * 0.95
    if width <= MAX_WIDTH and would_not_fit.mean() >= WRAPPED and width >= 40:
        joined[inner[would_not_fit]] = True
    return joined


def split_long(raw: bytes, start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Split a line that is most of the page, and lines beyond all measure, by sentences."""
    length = end - start
    limit = np.where(2 * length >= length.sum(), LONG, MAX_BLOCK)
    if not (length > limit).any():
        return start, end
    starts, ends = [], []
    for begin, stop, most in zip(start.tolist(), end.tolist(), limit.tolist(), strict=True):
        pieces = [(begin, stop)] if stop - begin <= most else split_sentences(raw, begin, stop)
        starts += [piece[0] for piece in pieces]
        ends += [piece[1] for piece in pieces]
    return np.array(starts, np.int64), np.array(ends, np.int64)


def split_sentences(raw: bytes, begin: int, end: int) -> list[tuple[int, int]]:
    """Split raw[begin:end] after the ends of sentences, and where there are none after MAX_BLOCK.

    Examples
    --------
    >>> text = "It froze, Mr. Hall said. At 3.5 degrees! 港が凍った。船は止まった。".encode()
    >>> [text[a:b].decode() for a, b in split_sentences(text, 0, len(text))]
    ['It froze, Mr. Hall said.', 'At 3.5 degrees!', '港が凍った。', '船は止まった。']
    """
    pieces = []
    at = begin
    for match in SENTENCE_END.finditer(raw, begin, end):
        if match.end() <= at or NO_END.search(raw, max(at, match.end() - 24), match.end()):
            continue
        pieces += cut(raw, at, match.end())
        at = match.end()
    return pieces + cut(raw, at, end)


def cut(raw: bytes, begin: int, end: int) -> list[tuple[int, int]]:
    """Cut raw[begin:end] to pieces of at most MAX_BLOCK bytes, at blanks if there are any."""
    pieces = []
    while begin < end:
        while begin < end and raw[begin] <= 32:
            begin += 1
        stop = min(end, begin + MAX_BLOCK)
        if stop < end:
            blank = raw.rfind(b" ", begin, stop)
            stop = blank if blank > begin else stop
            while raw[stop] & 0xC0 == 0x80:
                stop -= 1
        tail = stop
        while tail > begin and raw[tail - 1] <= 32:
            tail -= 1
        if tail > begin:
            pieces.append((begin, tail))
        begin = stop
    return pieces
