"""Documents that are at hand: a table in memory, or one page."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from dedup import schema
from dedup.errors import BadInput
from dedup.read.columns import missing_columns
from dedup.read.detect import HTML_BEGIN, HTML_TAG, is_binary
from dedup.read.encoding import html_as_utf8, str_as_utf8
from dedup.read.records import Record, make_batch
from dedup.read.rows import documents_of, wanted_columns
from dedup.read.source import Source
from dedup.settings import ReadSettings

TABLE = Source("table", "table")
PAGE = Source("page", "page")
ROWS = 16_384


def from_table(
    table: pa.Table | pa.RecordBatch, settings: ReadSettings
) -> Iterator[pa.RecordBatch]:
    """Take the rows of a table as documents, by the columns that the settings name.

    Yields
    ------
    schema.DOCUMENTS; a row's offset is its number.

    Raises
    ------
    BadInput: there is no column of text or HTML.
    """
    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    if not {settings.text_column, settings.html_column} & set(table.column_names):
        raise BadInput("the table", missing_columns(table.column_names, settings))
    names = wanted_columns(table.column_names, settings)
    places = [table.column_names.index(name) for name in names]
    return _rows(table.select(places), settings)


def _rows(table: pa.Table, settings: ReadSettings) -> Iterator[pa.RecordBatch]:
    first = 0
    for batch in table.to_batches(ROWS):
        rows = np.arange(first, first + batch.num_rows)
        yield from documents_of(batch, rows, TABLE, settings)
        first += batch.num_rows


def from_content(content: str | bytes, settings: ReadSettings) -> pa.RecordBatch:
    """Take one page, HTML or plain text, as a batch of one document.

    Raises
    ------
    BadInput: the page is larger than `max_record_bytes`, or is no text.
    """
    if len(content) > settings.max_record_bytes:
        raise BadInput("the page", f"it has more than {settings.max_record_bytes:,} bytes")
    if isinstance(content, bytes) and is_binary(content[:4096]):
        raise BadInput("the page", "it is binary data")
    text = html_as_utf8(content) if isinstance(content, bytes) else str_as_utf8(content)
    begin = text[:4096]
    is_html = HTML_BEGIN.match(begin) or HTML_TAG.search(begin)
    kind = schema.HTML if is_html else schema.TEXT
    return make_batch([Record(0, content=text, kind=kind, n_bytes=len(content))], PAGE)
