"""Frames of the Spark engine: Parquet files on storage that all executors reach.

Stages read and write them in Python, and Arrow batches do not pass through the JVM; Spark itself
reads and writes them only for what is too large for one task.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from dedup.engines.files import WHOLE_ROWS, conform, gather

PIECE_ROWS = WHOLE_ROWS
"""Rows of a batch: as many as the local engine gives a stage that pairs within groups."""

GROUP_BYTES = 16 << 20
"""A row group that is written holds about so much: it is what is read at once."""


@dataclass(frozen=True)
class File:
    """One Parquet file: rows of each of its row groups, and bytes of each column once read."""

    path: str
    groups: tuple[int, ...]
    sizes: tuple[int, ...]

    @property
    def n_bytes(self) -> int:
        """Bytes of the file once it is read."""
        return sum(self.sizes)

    @property
    def n_rows(self) -> int:
        """Rows of the file."""
        return sum(self.groups)


@dataclass(frozen=True)
class Piece:
    """Some rows [begin, end) of one row group of a file."""

    path: str
    group: int
    begin: int
    end: int

    @property
    def n_rows(self) -> int:
        """Rows of the piece."""
        return self.end - self.begin


def pieces(file: File, size: int = PIECE_ROWS) -> Iterator[Piece]:
    """Cut a file into batches of at most `size` rows."""
    for group, n_rows in enumerate(file.groups):
        for begin in range(0, n_rows, size):
            yield Piece(file.path, group, begin, min(begin + size, n_rows))


def groups_of(file: File) -> Iterator[Piece]:
    """Name a file's row groups."""
    for group, n_rows in enumerate(file.groups):
        yield Piece(file.path, group, 0, n_rows)


@contextmanager
def open_parquet(path: str) -> Iterator[pq.ParquetFile]:
    """Open a file of any file system for reading."""
    if "://" not in path:
        with pq.ParquetFile(path, memory_map=True) as file:
            yield file
        return
    with fsspec.open(path, "rb") as raw, pq.ParquetFile(raw) as file:
        yield file


def read_pieces(
    some: Iterable[Piece], schema: pa.Schema, columns: Sequence[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of each piece; a row group is read once for all of its pieces in a row."""
    names = schema.names if columns is None else list(columns)
    wanted = pa.schema([schema.field(name) for name in names])
    held: tuple[tuple[str, int] | None, pa.RecordBatch | None] = (None, None)
    for piece in some:
        if held[0] != (piece.path, piece.group) or held[1] is None:
            held = (None, None)
            with open_parquet(piece.path) as file:
                table = file.read_row_group(piece.group, columns=names)
            held = ((piece.path, piece.group), conform(table, wanted))
        whole = held[1]
        assert whole is not None
        yield whole.slice(piece.begin, piece.end - piece.begin)


def read_files(files: Iterable[File], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield the batches of files in order."""
    for file in files:
        yield from read_pieces(pieces(file), schema)


@contextmanager
def create_parquet(folder: str, schema: pa.Schema) -> Iterator[tuple[str, pq.ParquetWriter]]:
    """Open a new file under a name that no other attempt at the same work has."""
    path = f"{folder}/{uuid.uuid4().hex}.parquet"
    with (
        fsspec.open(path, "wb", auto_mkdir=True) as raw,
        pq.ParquetWriter(raw, schema, compression="snappy", use_dictionary=False) as writer,
    ):
        yield path, writer


def write_file(batches: Iterable[pa.RecordBatch], schema: pa.Schema, folder: str) -> File:
    """Write batches as a file of a folder."""
    groups: list[int] = []
    sizes = [0] * len(schema)
    with create_parquet(folder, schema) as (path, writer):
        for batch in gather((b for b in batches if b.num_rows), GROUP_BYTES):
            writer.write_batch(batch, row_group_size=batch.num_rows)
            groups.append(batch.num_rows)
            for number, column in enumerate(batch.columns):
                sizes[number] += column.nbytes
    return File(path, tuple(groups), tuple(sizes))


def describe(path: str, schema: pa.Schema) -> File:
    """Read from its end what a file holds that Spark has written."""
    sizes = dict.fromkeys(schema.names, 0)
    with open_parquet(path) as file:
        groups = [file.metadata.row_group(n) for n in range(file.num_row_groups)]
        for group in groups:
            for number in range(group.num_columns):
                chunk = group.column(number)
                # of a list, its items are the column
                sizes[chunk.path_in_schema.split(".")[0]] += chunk.total_uncompressed_size
    rows = tuple(group.num_rows for group in groups if group.num_rows)
    return File(path, rows, tuple(sizes.values()))


def total_rows(files: Iterable[File]) -> int:
    """Count the rows of files."""
    return sum(file.n_rows for file in files)


def total_bytes(files: Iterable[File]) -> int:
    """Add up what files hold once they are read."""
    return sum(file.n_bytes for file in files)


def deal(items: Sequence[Any], sizes: Sequence[int], share: int) -> list[tuple[Any, ...]]:
    """Deal items out in order, to each but the last at least a share.

    Examples
    --------
    >>> deal("abcd", [1, 1, 5, 1], 2)
    [('a', 'b'), ('c',), ('d',)]
    """
    dealt: list[tuple[Any, ...]] = []
    held: list[Any] = []
    size = 0
    for item, n in zip(items, sizes, strict=True):
        held.append(item)
        size += n
        if size >= share:
            dealt.append(tuple(held))
            held, size = [], 0
    return [*dealt, tuple(held)] if held else dealt
