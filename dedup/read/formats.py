"""The formats, and reading a source in the one that it is."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import PurePosixPath

import pyarrow as pa

from dedup.errors import cause
from dedup.read.compression import InputStream
from dedup.read.detect import PREFIX_BYTES, detect_format
from dedup.read.jsonl_columns import read_jsonl
from dedup.read.pages import read_html, read_text
from dedup.read.parquet import read_parquet
from dedup.read.records import Record, make_batch, make_batches
from dedup.read.source import Source
from dedup.read.warc import read_warc
from dedup.settings import ReadSettings

RecordReader = Callable[[InputStream, Source, ReadSettings], Iterator[Record]]
Reader = Callable[[InputStream, Source, ReadSettings], Iterator[pa.RecordBatch]]


def gathered(read: RecordReader) -> Reader:
    """Make batches of what is read record by record."""

    def batches(
        stream: InputStream, source: Source, settings: ReadSettings
    ) -> Iterator[pa.RecordBatch]:
        return make_batches(read(stream, source, settings), source, settings.batch_bytes)

    return batches


FORMATS: dict[str, Reader] = {
    "warc": gathered(read_warc),
    "wet": gathered(read_warc),
    "html": gathered(read_html),
    "text": gathered(read_text),
    "jsonl": read_jsonl,
    "parquet": read_parquet,
}


def read_source(source: Source, settings: ReadSettings) -> Iterator[pa.RecordBatch]:
    """Read the documents of one source.

    Yields
    ------
    schema.DOCUMENTS. What cannot be read is a row with its reason.

    Raises
    ------
    BadInput: a source that the user named has no column of text or HTML.
    """
    if source.problem is not None:
        yield make_batch([Record(0, rejected=source.problem)], source)
        return
    with ExitStack() as opened:
        try:
            file = opened.enter_context(source.open())
        except Exception as error:  # a remote file system may raise anything
            reason = f"cannot be opened: {cause(error)}"
            yield make_batch([Record(0, rejected=reason)], source)
            return
        stream = InputStream(file)
        if not stream.peek_bytes(1) and stream.broken is None:
            yield make_batch([Record(0, rejected="the file is empty")], source)
            return
        yield from FORMATS[_format_of(stream, source, settings)](stream, source, settings)


def _format_of(stream: InputStream, source: Source, settings: ReadSettings) -> str:
    if settings.input_format != "auto":
        return settings.input_format
    return detect_format(stream.peek_bytes(PREFIX_BYTES), PurePosixPath(source.address).name)
