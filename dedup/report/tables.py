"""The written tables: Parquet or compressed JSON lines, the same bytes for the same rows."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from dedup.report.json_lines import json_connection, json_lines
from dedup.report.row_groups import GroupSize, Sizes, count_groups, cut_groups, row_bytes
from dedup.settings import TableFormat

PART_BYTES = 512 << 20
"""A part is closed with the row group that reaches this much Arrow memory."""

ZSTD_LEVEL = 3
ENDINGS: dict[TableFormat, str] = {"parquet": "parquet", "jsonl": "jsonl.zst"}

WriteGroup = Callable[[pa.RecordBatch], None]


@dataclass(frozen=True)
class Written:
    """What a table has become: its rows, the bytes of its files, and their number."""

    rows: int
    bytes: int
    files: int


def write_table(
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    folder: Path,
    format_: TableFormat,
    *,
    group_size: GroupSize | None = None,
    part_bytes: int = PART_BYTES,
) -> Written:
    """Write sorted batches as `folder/part-00000.parquet` (or `.jsonl.zst`) and so on.

    Row groups and parts are cut by the rows' own sizes, so the files are the same byte for
    byte however the rows came. A table without rows is one file that has the schema.

    Parameters
    ----------
    batches: rows of `schema` in their final order.
    folder: made if it is not there.
    part_bytes: Arrow memory (not file size) that fills a part.

    Raises
    ------
    ValueError: a batch does not fit `schema`.
    OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    groups = cut_groups(batches, schema, group_size or GroupSize())
    rows = size = files = 0
    for part in _parts(groups, part_bytes):
        path = folder / part_name(files, format_)
        with path.open("wb") as file:
            rows += _write_groups(part, file, schema, format_)
        size += path.stat().st_size
        files += 1
    return Written(rows, size, files)


def _parts(groups: Iterator[pa.RecordBatch], part_bytes: int) -> Iterator[Iterator[pa.RecordBatch]]:
    """Deal row groups out to parts; the first part is there even if no group is."""
    ahead = next(groups, None)
    filled = 0

    def one_part() -> Iterator[pa.RecordBatch]:
        nonlocal ahead, filled
        filled = 0
        while ahead is not None and filled < part_bytes:
            filled += sum(int(row_bytes(column).sum()) for column in ahead.columns)
            group, ahead = ahead, next(groups, None)
            yield group

    yield one_part()
    while ahead is not None:
        yield one_part()


def part_ends(sizes: Iterable[Sizes], size: GroupSize, part_bytes: int) -> Iterator[int]:
    """Tell where `write_table` ends each part, by the sizes of all rows in order.

    Yields
    ------
    How many rows of the table stand in a part and those before it.

    Examples
    --------
    >>> import numpy as np
    >>> list(part_ends([np.array([4, 4, 4]), np.array([9, 4])], GroupSize(rows=2), 8))
    [2, 4, 5]
    """
    rows = ended = filled = 0
    for group in count_groups(sizes, size):
        rows += group.rows
        filled += group.bytes
        if filled >= part_bytes:
            yield rows
            ended, filled = rows, 0
    if ended < rows or not rows:
        yield rows


def part_name(number: int, format_: TableFormat) -> str:
    """Name a part of a table.

    Examples
    --------
    >>> part_name(7, "jsonl")
    'part-00007.jsonl.zst'
    """
    return f"part-{number:05d}.{ENDINGS[format_]}"


def write_part(
    batches: Iterable[pa.RecordBatch],
    file: BinaryIO,
    schema: pa.Schema,
    format_: TableFormat,
    group_size: GroupSize,
) -> None:
    """Write the rows between two ends of parts as `write_table` does.

    Raises
    ------
    ValueError: a batch does not fit `schema`.
    """
    _write_groups(cut_groups(batches, schema, group_size), file, schema, format_)


def _write_groups(
    groups: Iterable[pa.RecordBatch], file: BinaryIO, schema: pa.Schema, format_: TableFormat
) -> int:
    """Write row groups into an open file, which stays open, and count their rows."""
    rows = 0
    opened = parquet_groups(file, schema) if format_ == "parquet" else _zstd_lines(file)
    with opened as write:
        for group in groups:
            write(group)
            rows += group.num_rows
    return rows


@contextmanager
def parquet_groups(file: BinaryIO, schema: pa.Schema) -> Iterator[WriteGroup]:
    """Open a Parquet file that gets one row group a call; its footer has no time in it."""
    with pq.ParquetWriter(
        file,
        schema,
        compression="zstd",
        compression_level=ZSTD_LEVEL,
        write_page_checksum=True,
    ) as part:
        yield lambda group: part.write_batch(group, row_group_size=max(1, group.num_rows))


@contextmanager
def _zstd_lines(file: BinaryIO) -> Iterator[WriteGroup]:
    with zstd_stream(file) as stream, json_connection() as connection:
        yield line_writer(stream, connection)


def zstd_stream(file: BinaryIO) -> AbstractContextManager[BinaryIO]:
    """Compress into an open file, which stays open."""
    compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL, write_checksum=True)
    return compressor.stream_writer(file, closefd=False)


def line_writer(stream: BinaryIO, connection: duckdb.DuckDBPyConnection) -> WriteGroup:
    """Make a function that writes a batch as JSON lines."""

    def write(batch: pa.RecordBatch) -> None:
        stream.write(json_lines(batch, connection))

    return write
