"""Which blocks of a page stay, and why the others go.

A block that the classifier calls boilerplate goes. Of the body, a passage that the
page repeats stays once, and a teaser cut from another document's body goes, unless it
stands in a run of such blocks: a run is a reprint or a new version, and that is for
the comparison of whole documents to decide.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup import schema
from dedup.buffers import cut_texts, list_array, list_parts, text_array, text_buffers

SEPARATORS = ("", " ", "\n", "\n\n")
"""What may stand between two blocks of a clean text."""

REPEATED_ON_SITE = 3
"""Boilerplate that stands on so many distinct pages of its site is named `repeated in site`."""

PASSAGE_WORDS = 12
"""From so many words on, a repetition anywhere in the page goes; shorter ones may be meant."""

NEAR = 2
"""Within so many blocks, a repetition of two words and more goes: a doubled headline."""

MOST_DOUBLED = 3
"""What stands more often on its page is no headline, but the same cell of many rows."""

STRUCTURED = r"(^|/)(tr|pre|table|dt|dd)$"
"""Rows, code and definitions repeat for a reason."""

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

BOILERPLATE, IN_PAGE, IN_SITE, TEASER = (
    schema.BLOCK_REASONS.index(name)
    for name in (
        "boilerplate",
        "repeated in page",
        "repeated in site",
        "teaser of another document",
    )
)
STAYS = -1


def resolve_blocks(pages: pa.RecordBatch, evidence: pa.RecordBatch) -> pa.RecordBatch:
    """Decide for each block whether it stays, and join those that do.

    Parameters
    ----------
    pages: schema.PAGES.
    evidence: schema.EVIDENCE, one row for each page, in any order.

    Returns
    -------
    schema.RESOLVED, in the order of `pages`.
    """
    evidence = in_order_of(pages.column("document"), evidence)
    blocks, offsets = list_parts(pages.column("blocks"))
    page = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    body, n_words, key, site_pages, teaser = (
        _flat(evidence, name) for name in ("body", "n_words", "keys", "site_pages", "teaser")
    )
    structured = _to_numpy(pc.match_substring_regex(blocks.field("path"), STRUCTURED))
    repeated = repeats_earlier(page, key, n_words, among=body, exempt=structured)
    lone = teaser & body & ~_beside_teaser(page, teaser & body)
    reasons = np.full(len(page), STAYS, np.int8)
    again = repeats_earlier(page, key, n_words, among=~body, exempt=~(n_words > 0))
    reasons[~body] = BOILERPLATE
    reasons[~body & again] = IN_PAGE
    reasons[~body & (site_pages >= REPEATED_ON_SITE)] = IN_SITE
    reasons[~body & teaser] = TEASER
    reasons[lone & _looks_cut(pages, blocks, page)] = TEASER
    reasons[repeated] = IN_PAGE
    text = join_kept(pages.column("text"), blocks, offsets, reasons == STAYS)
    return pa.RecordBatch.from_arrays(
        [
            pages.column("document"),
            text,
            pc.utf8_length(text),
            list_array(pa.array(reasons), offsets),
        ],
        schema=schema.RESOLVED,
    )


def in_order_of(documents: pa.Array, table: pa.RecordBatch) -> pa.RecordBatch:
    """Take the rows of `table` that belong to `documents`, in their order.

    Raises
    ------
    KeyError: a document has no row.
    """
    places = pc.index_in(documents, value_set=table.column("document"))
    if places.null_count:
        missing = pc.filter(documents, pc.is_null(places))[0]
        raise KeyError(f"no row for document {missing}")
    return table.take(places)


def repeats_earlier(page: Ints, key: Ints, n_words: Ints, *, among: Flags, exempt: Flags) -> Flags:
    """Mark blocks whose words stand earlier in the same page, among the blocks `among`.

    Only the same words count: where one number differs, the passage says something else.

    Parameters
    ----------
    page, key, n_words: int64[n] for each block, in reading order.
    among: bool[n], the blocks that are looked at; exempt: bool[n], never marked.
    """
    marked = np.zeros(len(page), bool)
    rows = np.flatnonzero(among & (n_words > 0))
    order = rows[np.lexsort((rows, key[rows], page[rows]))]
    if len(order) < 2:
        return marked
    before, here = order[:-1], order[1:]
    same = (page[before] == page[here]) & (key[before] == key[here])
    begins = np.flatnonzero(np.concatenate([[True], ~same]))
    sizes = np.diff(begins, append=len(order))
    times = np.repeat(sizes, sizes)[1:]
    near = (here - before <= NEAR) & (n_words[here] >= 2) & (times <= MOST_DOUBLED)
    marked[here[same & (near | (n_words[here] >= PASSAGE_WORDS))]] = True
    return marked & ~exempt


def join_kept(texts: pa.Array, blocks: pa.StructArray, offsets: Ints, stays: Flags) -> pa.Array:
    """Join each page's blocks that stay, with the breaks that stood between them.

    Parameters
    ----------
    texts: the pages' texts; blocks: schema.BLOCK of all pages; offsets: int64[pages + 1].
    stays: bool[blocks].

    Returns
    -------
    One string a page: neighbours are joined as in the page (nothing, a blank, one or two
    line breaks), blocks between which something went by two line breaks.
    """
    data, text_offsets = text_buffers(texts)
    start, end = (_to_numpy(blocks.field(name)) for name in ("start", "end"))
    page = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    begins, ends = text_offsets[page] + start, text_offsets[page] + end
    kept = np.flatnonzero(stays)
    breaks = text_offsets[0] + np.flatnonzero(data[text_offsets[0] : text_offsets[-1]] == ord("\n"))
    before = np.maximum(kept - 1, 0)
    n_breaks = np.searchsorted(breaks, begins[kept]) - np.searchsorted(breaks, ends[before])
    separator = np.minimum(n_breaks, 2) + 1
    separator[n_breaks == 0] = (begins[kept] > ends[before])[n_breaks == 0]
    # none before a page's first block, two breaks where something went
    separator[np.diff(kept, prepend=-2) > 1] = 3
    separator[np.diff(page[kept], prepend=-1) > 0] = 0
    joined = pc.binary_join_element_wise(
        pa.array(SEPARATORS).take(pa.array(separator)),
        cut_texts(data, begins[kept], ends[kept]),
        "",
    )
    joined_data, bounds = text_buffers(joined)
    n_kept = np.concatenate([[0], np.cumsum(stays)])[offsets]
    return text_array(joined_data, bounds[n_kept])


def _beside_teaser(page: Ints, teaser: Flags) -> Flags:
    """Mark blocks whose neighbour in the page is a teaser."""
    beside = np.zeros(len(page), bool)
    if len(page) > 1:
        same = page[1:] == page[:-1]
        beside[1:] |= same & teaser[:-1]
        beside[:-1] |= same & teaser[1:]
    return beside


def _looks_cut(pages: pa.RecordBatch, blocks: pa.StructArray, page: Ints) -> Flags:
    """Mark blocks that end in an ellipsis or stand mostly inside links."""
    data, text_offsets = text_buffers(pages.column("text"))
    start, end, link = (_to_numpy(blocks.field(n)) for n in ("start", "end", "link_bytes"))
    length = end - start
    long = np.flatnonzero(length > 3)
    last = data[(text_offsets[page] + end)[long, None] + [-3, -2, -1]]
    cut = np.zeros(len(page), bool)
    for dots in ("…".encode(), b"..."):
        cut[long] |= (last == np.frombuffer(dots, np.uint8)).all(axis=1)
    looks: Flags = cut | (2 * link >= length)
    return looks


def _flat(table: pa.RecordBatch, name: str) -> npt.NDArray[Any]:
    return _to_numpy(list_parts(table.column(name))[0])


def _to_numpy(array: pa.Array) -> npt.NDArray[Any]:
    made: npt.NDArray[Any] = array.to_numpy(zero_copy_only=False)
    return made
