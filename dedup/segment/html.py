"""HTML into blocks: bytes are left out, the tree is written out, a kernel scans what is written."""

import html as entities
import re
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from selectolax.lexbor import LexborHTMLParser

from dedup.jit import is_noted
from dedup.segment import (
    depth_kernels,
    drawings_kernels,
    elements_kernels,
    ends_kernels,
    flow_kernels,
    html_kernels,
    lighten_kernels,
)
from dedup.segment.embedded import embedded_texts, script_templates
from dedup.segment.page import Page, no_page
from dedup.segment.scratch import Scratch, unwritable
from dedup.segment.tags import tag_table
from dedup.segment.vector_kernels import WIDTH
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

TREE = "tree"
"""The part of the kernels that writes trees, as it is noted once it has been compiled."""

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


def segment_html(content: Bytes, settings: SegmentSettings, scratch: Scratch) -> Page:
    """Split a page, in UTF-8, into the texts of its block-level elements.

    A block is the text of one block-level element, or a run of text between such elements
    inside another one. Rows of tables are blocks, their cells set off by " | "; a cell of more
    than 160 bytes is a block of its own. Line breaks stay in `pre`; `br` is a line break, two
    in a row begin a new block. Scripts, styles, drawings, frames and lists of options are no
    text; what stands in `noscript` is. A page that is empty but for templates (`template`, or a
    script of a template type) is made of these. Text that stands only in the page's JSON-LD is
    added at its end.
    """
    if not len(content):
        return no_page()
    parsed = parse(content, scratch)
    scanned = scan(parsed, settings, scratch, templates=False)
    if len(scanned.text) < NEARLY_EMPTY:
        scanned = _from_templates(content, scanned, settings)
    page = describe(scanned, scratch)
    return page.with_added(embedded_texts(parsed, page.text), max_blocks=settings.max_blocks)


def parse(content: Bytes, scratch: Scratch) -> Bytes:
    """Parse a page, in UTF-8, and write its tree out again.

    Returns
    -------
    uint8[n], UTF-8, not writable; it lies in `scratch` or not.
    """
    light = lightened(content, scratch)
    crowded = np.count_nonzero(light == ord("<")) > MAX_OPEN
    if crowded:
        # for both, so that what is written does not tell which of them has written it
        bound(light, scratch)
    written = _tree(light, scratch) if is_noted(TREE) else None
    if written is None:
        if not crowded:
            bound(light, scratch)
        html = LexborHTMLParser(light.tobytes()).html or ""
        written = np.frombuffer(html.encode("utf-8", "replace"), np.uint8)
    return written


def _tree(light: Bytes, scratch: Scratch) -> Bytes | None:
    """Write a page's tree without a parser, if that can be.

    The kernels that do it take long to compile: only where they have been is it of use.
    """
    from dedup.segment.tree import written_tree  # noqa: PLC0415 - see above

    return written_tree(unwritable(light), scratch)


def lightened(content: Bytes, scratch: Scratch) -> Bytes:
    """Leave out what no block is made of, and no title."""
    out = scratch.take("light", 2 * len(content) + 64, np.uint8)
    ends = np.empty(ends_kernels.N_RAW, np.int64)
    inside = np.empty(drawings_kernels.MOST_DEEP, np.uint64)
    return out[: lighten_kernels.lighten(content, out, ends, inside, *tag_table())]


def bound(light: Bytes, scratch: Scratch) -> None:
    """Blank out the tags and attributes that would take a parser too long."""
    n_tags = int(np.count_nonzero(light == ord("<")))
    depth_kernels.bound(
        unwritable(light),
        light,
        *tag_table(),
        np.array([MAX_OPEN, MAX_ATTRIBUTES], np.int64),
        scratch.take("open names", n_tags + 1, np.uint64),
        scratch.take("open meanings", n_tags + 1, np.int64),
    )


def scan(source: Bytes, settings: SegmentSettings, scratch: Scratch, *, templates: bool) -> Scanned:
    """Scan a page that was written out by `parse`; texts and elements lie in `scratch`."""
    n = len(source)
    n_tags = int(np.count_nonzero(source == ord("<")))
    names, meanings = tag_table()
    text = scratch.take("text", 2 * n + 64, np.uint8)
    n_blocks = min(n_tags + 1, settings.max_blocks)
    blocks = scratch.take("blocks", n_blocks * flow_kernels.COLUMNS, np.int64)
    blocks = blocks.reshape(n_blocks, flow_kernels.COLUMNS)
    elements = scratch.take("elements", 5 * (n_tags + 2), np.int64).reshape(-1, 5)
    elements[0] = 0
    # a blank may go before each letter of a class: "aBcD"
    hints = scratch.take("hints", 2 * n + 64, np.uint8)
    state = np.zeros(flow_kernels.N_STATE, np.int64)
    limits = np.array([settings.max_depth, len(blocks), templates], np.int64)
    nesting = scratch.take("nesting", 3 * (settings.max_depth + 1), np.int64)
    html_kernels.scan(
        source, names, meanings, limits, text, blocks, elements, hints, state, nesting
    )
    begin, end = state[flow_kernels.TITLE_BEGIN], state[flow_kernels.TITLE_END]
    title = _one_line(source[begin:end].tobytes().decode("utf-8", "replace"))
    if not title and (
        found := OG_TITLE.search(source[:100_000].tobytes().decode("utf-8", "replace"))
    ):
        title = _one_line(found[1])
    return Scanned(
        source,
        text[: state[flow_kernels.TEXT_END]],
        blocks[: state[flow_kernels.N_BLOCKS]].copy(),
        elements,
        hints,
        title or None,
    )


def describe(scanned: Scanned, scratch: Scratch) -> Page:
    """Make the page of a scan, with the path and the hints of each block."""
    n = len(scanned.blocks)
    path_ends, word_ends = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    path_bytes = MAX_NAMES * (elements_kernels.NAME_BYTES + 1)
    paths = scratch.take("paths", n * path_bytes + WIDTH, np.uint8)
    words = scratch.take("words", n * (MAX_HINT_BYTES + 1) + WIDTH, np.uint8)
    elements_kernels.describe(
        scanned.source,
        scanned.elements,
        scanned.hints,
        np.ascontiguousarray(scanned.blocks[:, 2]),
        np.array([MAX_NAMES, MAX_HINT_BYTES], np.int64),
        np.empty(elements_kernels.MOST_ABOVE, np.int64),
        paths,
        path_ends,
        words,
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


def _from_templates(content: Bytes, scanned: Scanned, settings: SegmentSettings) -> Scanned:
    """Look for the text of a page that has none in its templates."""
    # what was scanned lies in the scratch of the page
    tried = scan(scanned.source, settings, Scratch(), templates=True)
    inner = script_templates(content.tobytes())
    if inner:
        own = Scratch()
        parsed = parse(np.frombuffer(inner, np.uint8), own)
        other = scan(parsed, settings, own, templates=True)
        tried = other if len(other.text) > len(tried.text) else tried
    if len(tried.text) <= MUCH_MORE * len(scanned.text):
        return scanned
    return replace(tried, title=scanned.title or tried.title)


def _one_line(escaped: str) -> str:
    return " ".join(entities.unescape(escaped).replace("\0", "").split())[:1000]
