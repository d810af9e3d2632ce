"""The formats, and reading a source in the one that it is."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from dedup.errors import BadInput
from dedup.read.columns import NoSuchColumn
from dedup.read.compression import InputStream
from dedup.read.detect import PREFIX_BYTES, detect_format
from dedup.read.jsonl import read_jsonl
from dedup.read.pages import read_html, read_text
from dedup.read.parquet import read_parquet
from dedup.read.records import Record, make_batches
from dedup.read.sources import Source
from dedup.read.warc import read_warc
from dedup.settings import ReadSettings

Reader = Callable[[InputStream, ReadSettings], Iterator[Record]]

FORMATS: dict[str, Reader] = {
    "warc": read_warc,
    "wet": read_warc,
    "html": read_html,
    "text": read_text,
    "jsonl": read_jsonl,
}
"""Formats that are read from beginning to end; Parquet is read from its end."""


def read_source(source: Source, settings: ReadSettings) -> Iterator[pa.RecordBatch]:
    """Read the documents of one source.

    Yields
    ------
    schema.DOCUMENTS. What cannot be read is a row with its reason.

    Raises
    ------
    BadInput: a source that the user named has no column of text or HTML.
    """
    yield from make_batches(_records(source, settings), source, settings.batch_bytes)


def _records(source: Source, settings: ReadSettings) -> Iterator[Record]:
    try:
        file = source.open()
    except OSError as error:
        yield Record(0, rejected=f"cannot be opened: {error.strerror or error}")
        return
    with file:
        try:
            yield from _read(file, source.name, settings)
        except NoSuchColumn as missing:
            if source.named:
                raise BadInput(source.name, str(missing)) from None
            yield Record(0, rejected=str(missing))


def _read(file: BinaryIO, name: str, settings: ReadSettings) -> Iterator[Record]:
    begin = file.read(PREFIX_BYTES)
    rest = cast(BinaryIO, Rejoined(begin, file))
    if settings.input_format == "parquet" or (
        settings.input_format == "auto" and begin.startswith(b"PAR1")
    ):
        if file.seekable():
            file.seek(0)
        yield from read_parquet(file if file.seekable() else rest, settings)
        return
    stream = InputStream(rest)
    if settings.input_format != "auto":
        yield from FORMATS[settings.input_format](stream, settings)
        return
    prefix = stream.peek_bytes(PREFIX_BYTES)
    detected = detect_format(prefix, Path(name).name)
    if detected == "parquet":
        # a compressed Parquet file; nobody means to write one, and its end is far
        yield from read_parquet(cast(BinaryIO, stream), settings)
    else:
        yield from FORMATS[detected](stream, settings)


class Rejoined:
    """A stream whose first bytes were looked at."""

    def __init__(self, begin: bytes, file: BinaryIO) -> None:
        self._begin = BytesIO(begin)
        self._file = file

    def read(self, n: int = -1) -> bytes:
        """Read at most n bytes."""
        return self._begin.read(n) or self._file.read(n)

    def seekable(self) -> bool:
        """Say that it cannot be read again."""
        return False

    def close(self) -> None:
        """Close the file."""
        self._file.close()
