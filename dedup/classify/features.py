"""What the model is told of each block. FEATURES names every column, in order.

To add one: compute it in the function of its group, add its name there, train again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.buffers import list_parts, text_buffers
from dedup.classify.context import shifted, window
from dedup.classify.features_kernels import (
    FIRST,
    LAST,
    LONGEST,
    N_CAPITALISED,
    N_CHARACTERS,
    N_COUNTS,
    N_LONG,
    N_NUMBERS,
    count_characters,
    lexicon_scores,
    overlap,
    vocabulary_shares,
)
from dedup.classify.features_kernels import N_WORDS as COUNTED_WORDS
from dedup.classify.model import Lexicon
from dedup.classify.structure_kernels import LEVELS, number_groups, read_hints, read_paths

Floats = npt.NDArray[np.float32]
Longs = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint32]
Ints = npt.NDArray[np.int32]
Tables = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint16]]

TAGS = (
    "p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "tr", "th", "div", "section",
    "article", "blockquote", "pre", "dd", "dt", "figcaption", "figure", "main", "nav", "header",
    "footer", "aside", "form", "ul", "ol", "table", "summary", "details", "address", "button",
    "body", "label", "dl", "noscript", "caption", "hgroup", "fieldset", "legend", "json-ld",
    "description", "articlebody", "center",
)  # fmt: skip

WORD_SALT, HINT_SALT = np.uint32(0x5BD1E995), np.uint32(0x1B873593)
RARE = 12
REPRINTS = 10
"""On fewer pages of other sites a block is a reprint's, which says nothing against it."""

RARELY = 0.01
"""What stands on no larger share of the pages counts as if it stood on one."""

LONG = 12
"""Words from which a block counts as long."""

SHIFTS = (-4, -3, -2, -1, 1, 2, 3, 4)
WINDOWS = (3, 8, 20)

_TEXT = [
    "characters", "words", "log characters", "characters a word", "capitalised", "numbers",
    "long words", "longest word", "first kind", "last kind",
    *(f"kind {i}" for i in range(1, 16)),
]  # fmt: skip
_LEXICON = ["mean", "least", "most", "known", "whole", "first"]
_WORDS = [
    *(f"lexicon {n}" for n in _LEXICON), "shared", "commonness", "shared triples", "copies",
    "copies before", "of title", "in title",
]  # fmt: skip
_STRUCTURE = [
    "link share", "links", "inline", "hidden", "depth", "tag", *(f"in {t}" for t in TAGS),
    *(f"own {n}" for n in _LEXICON), *(f"above {n}" for n in _LEXICON),
    *(f"group {d} {n}" for d in range(LEVELS) for n in ("share", "links", "mean", "blocks")),
]  # fmt: skip
_PLACE = [
    "place", "from start", "from end", "text before", "blocks", "page", "from h1",
    "after title",
]  # fmt: skip
_REPETITION = [
    "site seen", "site pages", "site share", "crawl seen", "crawl pages", "elsewhere", "is unique",
]  # fmt: skip
_NEAR = ("characters", "words", "link share", "capitalised", "last kind", "lexicon mean", "tag",
         "own mean", "above mean", "numbers", "site share")  # fmt: skip
_CONTEXT = [f"{name} {shift:+d}" for shift in SHIFTS for name in _NEAR]
_AROUND = [f"{n} within {w}" for w in WINDOWS for n in ("words", "links", "long", "lexicon")]

SITE_SHARE = _REPETITION.index("site share")
"""Column of the repetition: -1 where too few pages were seen."""

NO_REPETITION = (1, -1, -1, 0, -1, -1, -1)
"""The repetition of a page of which nothing else is known."""

N_WORDS = _TEXT.index("words")
"""Column of the number of words."""

FEATURES = tuple(_TEXT + _WORDS + _STRUCTURE + _PLACE + _REPETITION + _CONTEXT + _AROUND)
SURROUNDINGS = (
    "own", *(f"score {k:+d}" for k in (-5, -4, -3, -2, -1, 1, 2, 3, 4, 5)),
    *(f"score within {w}" for w in (2, 5, 12, 40)), "page mean", "page most", "weighted mean",
    "group mean", "wider group mean", "before", "after", "copies mean",
)  # fmt: skip
"""Columns of the second pass: the first one's scores around the block."""


@dataclass(frozen=True)
class Blocks:
    """The blocks of a batch, and all that is read from them but for the lexicons.

    pages: int64[p + 1] into the blocks; page: int64[b]. words, own, above: hashes of words with
    offsets, for the lexicons. groups: int32[LEVELS, b], numbers of the elements that hold the
    block. The rest: float32[b], or float32[columns, b] of features in groups.
    """

    pages: Longs
    page: Longs
    text: Floats
    words: tuple[Hashes, Longs]
    vocabulary: Floats
    structure: Floats
    own: tuple[Hashes, Longs]
    above: tuple[Hashes, Longs]
    groups: Ints
    sizes: Floats
    link_bytes: Floats
    place: Floats
    repetition: Floats


def read_blocks(pages: pa.RecordBatch, repetition: pa.RecordBatch, tables: Tables) -> Blocks:
    """Read all that stands in the blocks of a batch.

    Parameters
    ----------
    pages: schema.PAGES; repetition: schema.REPETITION in the same order.
    tables: characters.character_tables().
    """
    blocks, offsets = list_parts(pages.column("blocks"))
    data, text_offsets = text_buffers(pages.column("text"))
    page = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    start, end, link_bytes, links, tags, hidden = (
        blocks.field(n).to_numpy(zero_copy_only=False)
        for n in ("start", "end", "link_bytes", "n_links", "n_tags", "hidden")
    )
    base = text_offsets[page]
    counts, words, ends = count_characters(data, base + start, base + end, tables)
    sizes = (end - start).astype(np.float32)
    groups = np.zeros((len(page), LEVELS), np.uint64)
    elements, last_tag = _structure(blocks.field("path"), groups)
    own, own_ends, above, above_ends = read_hints(*text_buffers(blocks.field("hints")), groups)
    groups ^= (page.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))[:, None]
    of_links = link_bytes / np.maximum(sizes, 1)
    structure = _columns(
        [of_links, links, tags, hidden, elements[:, -1], last_tag, *elements[:, :-1].T]
    )
    title_words = count_characters(*_spans(pages.column("title")), tables)
    shared = vocabulary_shares(words, ends, offsets, RARE)
    titled = overlap(words, ends, offsets, title_words[1], title_words[2])
    return Blocks(
        offsets,
        page,
        _text(counts),
        (words, ends),
        _columns([*shared.T, *titled.T]),
        structure,
        (own, own_ends),
        (above, above_ends),
        number_groups(groups),
        sizes,
        link_bytes.astype(np.float32),
        _place(page, offsets, sizes, last_tag, titled[:, 0]),
        repetition_columns(page, repetition),
    )


def features(blocks: Blocks, words: Lexicon, hints: Lexicon) -> Floats:
    """Put the columns together.

    Returns
    -------
    float32[len(FEATURES), b], C order: a feature's values lie together.
    """
    lexicon = lexicon_scores(*blocks.words, words.keys, words.weights, WORD_SALT).T
    own = lexicon_scores(*blocks.own, hints.keys, hints.weights, HINT_SALT).T
    above = lexicon_scores(*blocks.above, hints.keys, hints.weights, HINT_SALT).T
    first = [
        *blocks.text, *lexicon, *blocks.vocabulary, *blocks.structure, *own, *above,
        *_group_columns(blocks), *blocks.place, *blocks.repetition,
    ]  # fmt: skip
    near = np.stack([first[FEATURES.index(name)] for name in _NEAR])
    context = shifted(near, blocks.pages, SHIFTS)
    n_words = blocks.text[N_WORDS]
    summed = _columns([n_words, blocks.link_bytes, n_words >= LONG, lexicon[0]])
    around = [row for width in WINDOWS for row in window(summed, blocks.pages, width)]
    return _columns([*first, *context, *around])


def without_repetition(columns: Floats) -> Floats:
    """Give the columns that `features` makes if nothing is known of other pages."""
    columns = columns.copy()
    for name, value in zip(_REPETITION, NO_REPETITION, strict=True):
        columns[FEATURES.index(name)] = value
    for shift in SHIFTS:
        columns[FEATURES.index(f"site share {shift:+d}")] = -1
    return columns


def surroundings(blocks: Blocks, scores: Floats) -> Floats:
    """Tell the second pass what the first one made of the block and those around it.

    Parameters
    ----------
    scores: float32[b], probabilities of the first pass.

    Returns
    -------
    float32[len(SURROUNDINGS), b].
    """
    pages, page = blocks.pages, blocks.page
    near = shifted(scores[None], pages, (-5, -4, -3, -2, -1, 1, 2, 3, 4, 5))
    weight = np.minimum(blocks.text[N_WORDS], 40)
    weighted = np.stack([scores * weight, weight])
    within = [window(weighted, pages, width) for width in (2, 5, 12, 40)]
    columns: list[npt.NDArray[Any]] = [scores, *near]
    columns += [score / np.maximum(words, 1e-6) for score, words in within]
    n_pages = max(len(pages) - 1, 1)
    size = np.maximum(np.bincount(page, minlength=n_pages), 1)
    columns.append((np.bincount(page, scores, n_pages) / size)[page])
    most = np.zeros(n_pages, np.float32)
    np.maximum.at(most, page, scores)
    columns.append(most[page])
    total = np.maximum(np.bincount(page, weight, n_pages), 1)
    columns.append((np.bincount(page, weighted[0], n_pages) / total)[page])
    for group in blocks.groups[[1, 3]]:
        sums = np.bincount(group, weighted[0]) / np.maximum(np.bincount(group, weight), 1e-6)
        columns.append(sums[group])
    body = np.concatenate([[0], np.cumsum((scores >= 0.5) * weight)])
    begin, end = pages[:-1][page], pages[1:][page]
    at = np.arange(len(scores))
    whole = np.maximum(body[end] - body[begin], 1)
    columns += [(body[at] - body[begin]) / whole, (body[end] - body[at + 1]) / whole]
    copy = blocks.groups[0]
    columns.append((np.bincount(copy, scores) / np.maximum(np.bincount(copy), 1))[copy])
    return _columns(columns)


def _columns(columns: Sequence[npt.NDArray[Any]]) -> Floats:
    """Lay columns out one after the other, as float32."""
    out = np.empty((len(columns), len(columns[0])), np.float32)
    for place, column in zip(out, columns, strict=True):
        place[:] = column
    return out


def _text(counts: npt.NDArray[np.int32]) -> Floats:
    """Shape of the text: lengths, and shares of kinds of characters and words."""
    assert counts.shape[1] == N_COUNTS
    n = np.maximum(counts[:, N_CHARACTERS], 1)
    words = np.maximum(counts[:, COUNTED_WORDS], 1)
    columns: list[npt.NDArray[Any]] = [
        n, counts[:, COUNTED_WORDS], np.log1p(n), n / words, counts[:, N_CAPITALISED] / words,
        counts[:, N_NUMBERS] / words, counts[:, N_LONG] / words, counts[:, LONGEST],
        counts[:, FIRST], counts[:, LAST], *(counts[:, 1:16] / n[:, None]).T,
    ]  # fmt: skip
    return _columns(columns)


def _spans(titles: pa.Array) -> tuple[npt.NDArray[np.uint8], Longs, Longs]:
    data, offsets = text_buffers(titles)
    return data, offsets[:-1], offsets[1:]


def hash_tag(name: str) -> int:
    """Hash an element's name as read_paths does."""
    h = 2166136261
    for byte in name.encode():
        h = (h ^ byte) * 16777619 & 0xFFFFFFFF
    return h


def _structure(
    paths: pa.Array, groups: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    tags = np.array([hash_tag(name) for name in TAGS], np.uint32)
    counts = np.zeros((len(paths), len(TAGS) + 1), np.int32)
    last = np.zeros(len(paths), np.int32)
    read_paths(*text_buffers(paths), tags, counts, last, groups)
    return counts, last


def _group_columns(blocks: Blocks) -> Floats:
    """Say how much text the block's surroundings hold, level by level, and how much is links."""
    total = np.maximum(np.bincount(blocks.page, blocks.sizes, len(blocks.pages) - 1), 1)
    total = total[blocks.page]
    columns: list[npt.NDArray[Any]] = []
    for group in blocks.groups:
        size = np.bincount(group, blocks.sizes)
        count = np.bincount(group)
        links = np.bincount(group, blocks.link_bytes)
        columns += [
            size[group] / total, (links / np.maximum(size, 1))[group],
            (size / np.maximum(count, 1))[group], count[group],
        ]  # fmt: skip
    return _columns(columns)


def _place(page: Longs, offsets: Longs, sizes: Floats, last_tag: Ints, in_title: Floats) -> Floats:
    """Where in the page a block stands."""
    begin, end = offsets[:-1][page], offsets[1:][page]
    at = np.arange(len(page))
    before = np.concatenate([[0], np.cumsum(sizes, dtype=np.float64)])
    total = before[end] - before[begin]
    heading = np.full(max(len(offsets) - 1, 1), -1, np.int64)
    is_heading = np.flatnonzero(last_tag == TAGS.index("h1"))[::-1]
    heading[page[is_heading]] = is_heading
    titled = np.full(max(len(offsets) - 1, 1), -1, np.int64)
    is_titled = np.flatnonzero(in_title >= 0.6)[::-1]
    titled[page[is_titled]] = is_titled
    columns = [
        (at - begin) / np.maximum(end - begin, 1), at - begin, end - at,
        (before[at] - before[begin]) / np.maximum(total, 1), end - begin, np.log1p(total),
        np.where(heading[page] >= 0, at - heading[page], -999),
        np.where(titled[page] >= 0, at - titled[page], -999),
    ]  # fmt: skip
    return _columns(columns)


def repetition_columns(page: Longs, repetition: pa.RecordBatch) -> Floats:
    """On how many pages of the site and of the crawl a block stands.

    One page of a site says nothing, and two may be versions of one article.
    """
    site_seen, crawl_seen = (
        repetition.column(n).to_numpy(zero_copy_only=False)[page].astype(np.float32)
        for n in ("site_seen", "crawl_seen")
    )
    site, crawl = (_flat(repetition, n) for n in ("site_pages", "crawl_pages"))
    # few pages of a large site are a quotation or a family of pages, and no template
    site = np.where(site <= RARELY * site_seen, 1, site)
    few = (crawl <= RARELY * crawl_seen) | (crawl - site < REPRINTS)
    crawl = np.where(few, site, np.maximum(crawl, site))
    several = site_seen > 2
    columns = [
        np.minimum(site_seen, 1000),
        np.where(several, np.minimum(site, 1000), -1),
        np.where(several, site / np.maximum(site_seen, 1), -1),
        np.where(crawl_seen > 2, 1, 0),
        np.where(crawl_seen > 2, np.minimum(crawl, 1000), -1),
        np.where(crawl_seen > site_seen, np.minimum(crawl - site, 1000), -1),
        np.where(several, site <= np.maximum(2, 0.002 * site_seen), -1),
    ]
    return _columns(columns)


def _flat(table: pa.RecordBatch, name: str) -> Floats:
    flat = list_parts(table.column(name))[0].to_numpy(zero_copy_only=False)
    wide: Floats = flat.astype(np.float32)
    return wide
