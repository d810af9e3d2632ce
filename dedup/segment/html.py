"""HTML into blocks: a kernel leaves bytes out, lexbor parses, a kernel scans what it writes."""

import html as entities
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from selectolax.lexbor import LexborHTMLParser

from dedup.segment import (
    depth_kernels,
    elements_kernels,
    ends_kernels,
    flow_kernels,
    html_kernels,
    lighten_kernels,
)
from dedup.segment.embedded import embedded_texts, script_templates
from dedup.segment.page import Page, no_page
from dedup.segment.tags import tag_table
from dedup.settings import SegmentSettings

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

MAX_NAMES = 24
MAX_HINT_BYTES = 400
"""How much of a block's path and hints is kept, from its own element outwards."""

MAX_OPEN = 4_000
MAX_ATTRIBUTES = 1_000
"""lexbor takes time by the square of a page's depth and of a tag's attributes: tags that may lie
deeper than MAX_OPEN and attributes beyond MAX_ATTRIBUTES are left out before it sees them."""

NEARLY_EMPTY = 200
"""A page with less text than so many bytes may keep its text in templates."""

MUCH_MORE = 4
"""What templates hold is taken for the page's text if it is so many times as long."""

OG_TITLE = re.compile(
    r"<meta[^>]{0,200}?property=\"og:title\"[^>]{0,200}?content=\"([^\"]{1,1000})\"", re.IGNORECASE
)


@dataclass(frozen=True)
class Scanned:
    """What one scan found: the text, the blocks' rows, and the elements that they name."""

    source: Bytes
    text: Bytes
    blocks: Ints
    elements: Ints
    hints: Bytes
    title: str | None


def segment_html(content: bytes, settings: SegmentSettings) -> Page:
    """Split a page, in UTF-8, into the texts of its block-level elements.

    A block is the text of one block-level element, or a run of text between such elements
    inside another one. Rows of tables are blocks, their cells set off by " | "; a cell of more
    than 160 bytes is a block of its own. Line breaks stay in `pre`; `br` is a line break, two
    in a row begin a new block. Scripts, styles, drawings, frames and lists of options are no
    text; what stands in `noscript` is. A page that is empty but for templates (`template`, or a
    script of a template type) is made of these. Text that stands only in the page's JSON-LD is
    added at its end.
    """
    if not content:
        return no_page()
    parsed = parse(content)
    scanned = scan(parsed, settings, templates=False)
    if len(scanned.text) < NEARLY_EMPTY:
        scanned = _from_templates(content, scanned, settings)
    page = describe(scanned)
    return page.with_added(embedded_texts(parsed, page.text), max_blocks=settings.max_blocks)


def parse(content: bytes) -> Bytes:
    """Parse a page, in UTF-8, and write its tree out again.

    Returns
    -------
    uint8[n], UTF-8.
    """
    light = lightened(content)
    bound(light)
    written = LexborHTMLParser(light.tobytes()).html or ""
    # writable as in `lightened`, so that what both call is compiled for one kind of array
    return np.frombuffer(bytearray(written.encode("utf-8", "replace")), np.uint8)


def lightened(content: bytes) -> Bytes:
    """Leave out what no block is made of, and no title."""
    data = np.frombuffer(bytearray(content), np.uint8)
    out = np.empty(2 * len(data) + 64, np.uint8)
    ends = np.empty(ends_kernels.N_RAW, np.int64)
    return out[: lighten_kernels.lighten(data, out, ends)]


def bound(data: Bytes) -> None:
    """Blank out the tags and attributes that would take a parser too long."""
    n_tags = int(np.count_nonzero(data == ord("<")))
    depth_kernels.bound(
        data,
        *tag_table(),
        MAX_OPEN,
        MAX_ATTRIBUTES,
        np.empty(n_tags + 1, np.uint64),
        np.empty(n_tags + 1, np.int64),
    )


def scan(source: Bytes, settings: SegmentSettings, *, templates: bool) -> Scanned:
    """Scan a page that was written out by `parse`."""
    n = len(source)
    n_tags = int(np.count_nonzero(source == ord("<")))
    names, meanings = tag_table()
    text = np.empty(2 * n + 64, np.uint8)
    blocks = np.empty((min(n_tags + 1, settings.max_blocks), flow_kernels.COLUMNS), np.int64)
    elements = np.zeros((n_tags + 2, 5), np.int64)
    hints = np.empty(n + 64, np.uint8)
    state = np.zeros(flow_kernels.N_STATE, np.int64)
    limits = np.array([settings.max_depth, len(blocks), templates], np.int64)
    html_kernels.scan(source, names, meanings, limits, text, blocks, elements, hints, state)
    begin, end = state[flow_kernels.TITLE_BEGIN], state[flow_kernels.TITLE_END]
    title = _one_line(source[begin:end].tobytes().decode("utf-8", "replace"))
    if not title and (
        found := OG_TITLE.search(source[:100_000].tobytes().decode("utf-8", "replace"))
    ):
        title = _one_line(found[1])
    return Scanned(
        source,
        text[: state[flow_kernels.TEXT_END]],
        blocks[: state[flow_kernels.N_BLOCKS]],
        elements,
        hints,
        title or None,
    )


def describe(scanned: Scanned) -> Page:
    """Make the page of a scan, with the path and the hints of each block."""
    n = len(scanned.blocks)
    path_ends, word_ends = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    paths, words = elements_kernels.describe(
        scanned.source,
        scanned.elements,
        scanned.hints,
        np.ascontiguousarray(scanned.blocks[:, 2]),
        MAX_NAMES,
        MAX_HINT_BYTES,
        np.empty(64 * n + 64, np.uint8),
        path_ends,
        np.empty(128 * n + 64, np.uint8),
        word_ends,
    )
    page = Page(
        text=scanned.text.tobytes(),
        start=scanned.blocks[:, 0],
        end=scanned.blocks[:, 1],
        paths=(paths[: path_ends[-1]].tobytes(), path_ends),
        hints=(words[: word_ends[-1]].tobytes(), word_ends),
        counts=scanned.blocks[:, 3:7],
        title=scanned.title,
    )
    return page if page.title else page.titled_by_heading()


def _from_templates(content: bytes, scanned: Scanned, settings: SegmentSettings) -> Scanned:
    """Look for the text of a page that has none in its templates."""
    tried = scan(scanned.source, settings, templates=True)
    inner = script_templates(content)
    if inner:
        other = scan(parse(inner), settings, templates=True)
        tried = other if len(other.text) > len(tried.text) else tried
    if len(tried.text) <= MUCH_MORE * len(scanned.text):
        return scanned
    return Scanned(
        tried.source,
        tried.text,
        tried.blocks,
        tried.elements,
        tried.hints,
        scanned.title or tried.title,
    )


def _one_line(escaped: str) -> str:
    return " ".join(entities.unescape(escaped).replace("\0", "").split())[:1000]
