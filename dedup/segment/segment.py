"""Documents into pages, batch by batch."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup import schema
from dedup.buffers import list_array, text_array, text_buffers
from dedup.segment.page import Page, Strings, no_page
from dedup.segment.scratch import Scratch
from dedup.segment.text import segment_text, without_nul
from dedup.settings import SegmentSettings

Bytes = npt.NDArray[np.uint8]


def segment(documents: pa.RecordBatch, settings: SegmentSettings) -> pa.RecordBatch:
    """Split each document into blocks.

    Parameters
    ----------
    documents: schema.DOCUMENTS.

    Returns
    -------
    schema.PAGES, in the order of `documents`. A rejected record is a page without text.
    """
    data, ends = text_buffers(documents.column("content"))
    scratch = Scratch()
    pages = [
        _segment_one(data[begin:end], kind, settings, scratch) if rejected is None else no_page()
        for (begin, end), kind, rejected in zip(
            pairwise(ends),
            *(documents.column(n).to_pylist() for n in ("kind", "rejected")),
            strict=True,
        )
    ]
    given = documents.column("title").to_pylist()
    titles = [own or page.title for own, page in zip(given, pages, strict=True)]
    columns = {name: documents.column(name) for name in documents.schema.names}
    texts = _texts([page.text for page in pages])
    columns |= {
        "title": pa.array(titles, pa.string()),
        "text": texts,
        "n_characters": pc.utf8_length(texts),
        "blocks": _blocks(pages),
    }
    return pa.RecordBatch.from_arrays(
        [columns[name] for name in schema.PAGES.names], schema=schema.PAGES
    )


def page_texts(documents: pa.RecordBatch, settings: SegmentSettings) -> pa.RecordBatch:
    """Make the pages of documents of which only the text is wanted.

    Parameters
    ----------
    documents: schema.DOCUMENTS.

    Returns
    -------
    schema.PAGES without `blocks`, in the order of `documents`.
    """
    names = [name for name in schema.PAGES.names if name != "blocks"]
    is_html = pc.any(pc.equal(documents.column("kind"), schema.HTML)).as_py()
    if is_html:
        return segment(documents, settings).select(names)
    columns = {name: documents.column(name) for name in documents.schema.names}
    columns["text"] = texts = without_nul(documents.column("content"))
    columns["n_characters"] = pc.utf8_length(texts)
    fields = [schema.PAGES.field(name) for name in names]
    return pa.RecordBatch.from_arrays([columns[name] for name in names], schema=pa.schema(fields))


def _segment_one(content: Bytes, kind: str, settings: SegmentSettings, scratch: Scratch) -> Page:
    if kind == schema.HTML:
        from dedup.segment.html import segment_html  # noqa: PLC0415 - texts need no parser

        return segment_html(content, settings, scratch)
    return segment_text(content.tobytes(), settings)


def _texts(pages: list[bytes]) -> pa.Array:
    """Make a column of the pages' texts."""
    ends = np.cumsum([0, *map(len, pages)])
    texts = text_array(np.frombuffer(b"".join(pages), np.uint8), ends)
    texts.validate(full=True)
    return texts


def _blocks(pages: list[Page]) -> pa.ListArray:
    offsets = np.concatenate([[0], np.cumsum([len(page.start) for page in pages])]).astype(np.int64)
    start, end = (
        pa.array(np.concatenate([np.zeros(0, np.int64), *parts]).astype(np.int32))
        for parts in ([page.start for page in pages], [page.end for page in pages])
    )
    counts = np.concatenate([np.zeros((0, 4), np.int64), *(page.counts for page in pages)])
    columns = [
        start,
        end,
        _strings([page.paths for page in pages]),
        _strings([page.hints for page in pages]),
        *(pa.array(counts[:, i].astype(np.int32)) for i in range(3)),
        pa.array(counts[:, 3] > 0),
    ]
    return list_array(pa.StructArray.from_arrays(columns, fields=list(schema.BLOCK)), offsets)


def _strings(parts: list[Strings]) -> pa.Array:
    data = b"".join(raw for raw, _ in parts)
    ends = [np.zeros(1, np.int64)]
    base = 0
    for raw, offsets in parts:
        ends.append(offsets[1:] + base)
        base += len(raw)
    return text_array(np.frombuffer(data, np.uint8), np.concatenate(ends))
