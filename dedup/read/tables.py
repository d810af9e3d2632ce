"""Documents that are at hand: a table in memory, or one page."""

from collections.abc import Iterator

import pyarrow as pa

from dedup import schema
from dedup.errors import BadInput
from dedup.read.columns import missing_columns
from dedup.read.detect import HTML_BEGIN, HTML_TAG
from dedup.read.encoding import decode_html
from dedup.read.jsonl import clean_text, record_of
from dedup.read.parquet import plain_rows
from dedup.read.records import Record, make_batch, make_batches
from dedup.read.sources import Source
from dedup.settings import ReadSettings

TABLE = Source("table", "table")
PAGE = Source("page", "page")
ROWS = 1024


def from_table(table: pa.Table, settings: ReadSettings) -> Iterator[pa.RecordBatch]:
    """Take the rows of a table as documents, by the columns that the settings name.

    Yields
    ------
    schema.DOCUMENTS; a row's offset is its number.

    Raises
    ------
    BadInput: there is no column of text or HTML.
    """
    if not {settings.text_column, settings.html_column} & set(table.column_names):
        raise BadInput("the table", missing_columns(table.column_names, settings))

    def records() -> Iterator[Record]:
        offset = 0
        for batch in table.to_batches(ROWS):
            for row in plain_rows(batch):
                n_bytes = sum(len(v) for v in row.values() if isinstance(v, str))
                yield record_of(row, offset, n_bytes, settings)
                offset += 1

    return make_batches(records(), TABLE, settings.batch_bytes)


def from_content(content: str | bytes, settings: ReadSettings) -> pa.RecordBatch:
    """Take one page, HTML or plain text, as a batch of one document.

    Raises
    ------
    BadInput: the page is larger than `max_record_bytes`.
    """
    if len(content) > settings.max_record_bytes:
        raise BadInput("the page", f"it has more than {settings.max_record_bytes:,} bytes")
    text = decode_html(content) if isinstance(content, bytes) else clean_text(content)
    begin = text[:4096].encode()
    is_html = HTML_BEGIN.match(begin) or HTML_TAG.search(begin)
    kind = schema.HTML if is_html else schema.TEXT
    return make_batch([Record(0, content=text, kind=kind, n_bytes=len(content))], PAGE)
