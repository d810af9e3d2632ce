"""Parquet files, row group by row group; only the columns that are needed."""

import tempfile
from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from dedup.read.columns import NoSuchColumn, missing_columns
from dedup.read.jsonl import record_of
from dedup.read.records import Record
from dedup.settings import ReadSettings

ROWS = 1024
"""Rows that are decoded at a time: a hundred of them may hold megabytes each."""


def read_parquet(file: BinaryIO, settings: ReadSettings) -> Iterator[Record]:
    """Read the documents of a Parquet file; a row's offset is its number.

    Raises
    ------
    NoSuchColumn: the file has no column of text or HTML.
    """
    seekable = file if file.seekable() else _stored(file)
    try:
        table = pq.ParquetFile(seekable)
        names = table.schema_arrow.names
    except (pa.ArrowException, OSError) as error:
        yield Record(0, rejected=f"no Parquet file: {_first_line(error)}")
        return
    if not {settings.text_column, settings.html_column} & set(names):
        raise NoSuchColumn(missing_columns(names, settings))
    wanted = [getattr(settings, f"{kind}_column") for kind in COLUMNS]
    columns = [name for name in dict.fromkeys(wanted) if name in names]
    offset = 0
    try:
        for batch in table.iter_batches(ROWS, columns=columns, use_threads=False):
            for row in plain_rows(batch):
                yield record_of(row, offset, _size(row), settings)
                offset += 1
    except (pa.ArrowException, OSError) as error:
        yield Record(offset, rejected=f"the file is broken here: {_first_line(error)}")


COLUMNS = ("text", "html", "id", "url", "date", "title")


def plain_rows(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    """Give rows as dictionaries; bytes are read as UTF-8 where they stand for text."""
    for row in batch.to_pylist():
        yield {
            name: value.decode("utf-8", "replace") if isinstance(value, bytes) else value
            for name, value in row.items()
        }


def _size(row: dict[str, Any]) -> int:
    return sum(len(value) for value in row.values() if isinstance(value, str))


def _stored(file: BinaryIO) -> BinaryIO:
    """Copy a stream to a temporary file, since Parquet is read from its end."""
    stored = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as it is read
    while piece := file.read(1 << 20):
        stored.write(piece)
    stored.seek(0)
    return stored


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
