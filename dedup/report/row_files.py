"""Rows to one file or to standard output, as `dedup extract` writes them."""

import gzip
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, Literal, cast, get_args

import pyarrow as pa

from dedup.errors import BadSettings
from dedup.report.json_lines import json_connection
from dedup.report.row_groups import GroupCutter, GroupSize, conform
from dedup.report.single_file import open_file
from dedup.report.tables import line_writer, parquet_groups, zstd_stream

RowFormat = Literal["txt", "jsonl", "jsonl.gz", "jsonl.zst", "parquet"]

WriteRows = Callable[[pa.RecordBatch], None]


def row_format(path: str | Path) -> RowFormat:
    """Tell from a file's name how its rows are to be written.

    Raises
    ------
    BadSettings: the name has no ending that is known.

    Examples
    --------
    >>> row_format("pages.jsonl.gz")
    'jsonl.gz'
    """
    name = Path(path).name.lower()
    for ending in get_args(RowFormat):
        if name.endswith("." + ending):
            return cast(RowFormat, ending)
    endings = ", ".join("." + e for e in get_args(RowFormat))
    raise BadSettings(f"{path}: the file's name must end in one of {endings}")


@contextmanager
def open_rows(place: Path | BinaryIO, format_: RowFormat, schema: pa.Schema) -> Iterator[WriteRows]:
    """Open a file (or an open binary stream) for rows; what the context gives takes a batch.

    A file takes its name when all is done, as in single_file.open_file.

    Parameters
    ----------
    schema: the columns that are written, in this order; batches may have more. The format
        "txt" writes the column `text` alone, an empty line after each row.

    Raises
    ------
    BadSettings: the file's folder is not there or cannot be written.
    DedupError: the disk is full; nothing is left of the new file.
    """
    if not isinstance(place, Path):
        with _open_stream(place, format_, schema) as write:
            yield _flushed(write, place)
        return
    with open_file(place) as file, _open_stream(file, format_, schema) as write:
        yield write


@contextmanager
def _open_stream(file: BinaryIO, format_: RowFormat, schema: pa.Schema) -> Iterator[WriteRows]:
    if format_ == "parquet":
        with parquet_groups(file, schema) as write:
            cutter = GroupCutter(schema, GroupSize())
            yield lambda batch: _each(write, cutter.add(batch))
            _each(write, cutter.rest())
    elif format_ == "txt":
        yield lambda batch: _write_texts(file, batch)
    elif format_ == "jsonl.gz":
        with _gzip_stream(file) as stream, _open_stream(stream, "jsonl", schema) as write:
            yield write
    elif format_ == "jsonl.zst":
        with zstd_stream(file) as stream, _open_stream(stream, "jsonl", schema) as write:
            yield write
    else:
        with json_connection() as connection:
            write_lines = line_writer(file, connection)
            yield lambda batch: write_lines(conform(batch, schema))


def _flushed(write: WriteRows, file: BinaryIO) -> WriteRows:
    """Let a reader at the other end of a pipe see each batch at once."""

    def write_through(batch: pa.RecordBatch) -> None:
        write(batch)
        file.flush()

    return write_through


def _gzip_stream(file: BinaryIO) -> AbstractContextManager[BinaryIO]:
    """Compress into an open file, without the time and name that gzip would note."""
    stream = gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0)
    return cast(AbstractContextManager[BinaryIO], stream)


def _write_texts(file: BinaryIO, batch: pa.RecordBatch) -> None:
    for text in batch.column("text"):
        file.write((text.as_py() or "").encode() + b"\n\n")


def _each(write: WriteRows, groups: Iterable[pa.RecordBatch]) -> None:
    for group in groups:
        write(group)
