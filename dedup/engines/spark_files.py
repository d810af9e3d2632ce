"""Frames of the Spark engine: Parquet files on storage that all executors reach.

Stages read and write them in Python, so that Arrow batches never pass through the JVM;
Spark itself reads and writes them only where a query or a grouping needs the whole corpus.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import chdir, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from dedup.engines.base import Stage, Whole
from dedup.engines.files import (
    SCAN_BYTES,
    WHOLE_ROWS,
    conform,
    cut_whole,
    empty_batch,
    gather,
    numbered,
    sized,
)

PIECE_ROWS = WHOLE_ROWS
"""Rows of a batch: as many as the local engine gives a stage that pairs within groups."""

GROUP_BYTES = 16 << 20
"""A row group that is written holds about so much: it is what is read at once."""

TASK = pa.field("task", pa.int64(), nullable=False)
PIECE = pa.field("piece", pa.int64(), nullable=False)

MADE = pa.schema(
    [
        # number of the task: files in its order are the frame in order
        TASK,
        pa.field("path", pa.string(), nullable=False),
        pa.field("groups", pa.list_(pa.int64()), nullable=False),
        pa.field("n_bytes", pa.int64(), nullable=False),
        pa.field("rows_in", pa.int64(), nullable=False),
        pa.field("bytes_in", pa.int64(), nullable=False),
    ]
)
"""What a task tells the driver: a row for the file that it wrote."""


@dataclass(frozen=True)
class File:
    """One Parquet file: rows of each of its row groups, and bytes once they are read."""

    path: str
    groups: tuple[int, ...]
    n_bytes: int

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


@dataclass(frozen=True)
class MapTask:
    """A stage, the schemas of what it takes and makes, and the folder for that."""

    stage: Stage
    takes: pa.Schema
    makes: pa.Schema
    folder: str


def pieces(file: File, size: int = PIECE_ROWS) -> Iterator[Piece]:
    """Cut a file into batches of at most `size` rows."""
    for group, n_rows in enumerate(file.groups):
        for begin in range(0, n_rows, size):
            yield Piece(file.path, group, begin, min(begin + size, n_rows))


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


def write_file(batches: Iterable[pa.RecordBatch], schema: pa.Schema, folder: str) -> File:
    """Write a file under a name that no other attempt at the same work has."""
    path = f"{folder}/{uuid.uuid4().hex}.parquet"
    groups: list[int] = []
    n_bytes = 0
    with (
        fsspec.open(path, "wb", auto_mkdir=True) as raw,
        pq.ParquetWriter(raw, schema, compression="snappy", use_dictionary=False) as writer,
    ):
        for batch in gather((b for b in batches if b.num_rows), GROUP_BYTES):
            writer.write_batch(batch, row_group_size=batch.num_rows)
            groups.append(batch.num_rows)
            n_bytes += batch.nbytes
    return File(path, tuple(groups), n_bytes)


def describe(path: str) -> File:
    """Read from its end what a file holds that Spark has written."""
    with open_parquet(path) as file:
        groups = [file.metadata.row_group(n) for n in range(file.num_row_groups)]
        return File(
            path,
            tuple(group.num_rows for group in groups if group.num_rows),
            sum(group.total_byte_size for group in groups),
        )


class Counted:
    """Counts the rows and bytes of the batches that pass."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self.rows = 0
        self.n_bytes = 0
        self._batches = batches

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._batches:
            self.rows += batch.num_rows
            self.n_bytes += batch.nbytes
            yield batch


def made(task: int, file: File, counted: Counted) -> pa.RecordBatch:
    """Tell the driver of a file: one row of MADE."""
    row = [task, file.path, list(file.groups), file.n_bytes, counted.rows, counted.n_bytes]
    columns = [pa.array([value], field.type) for value, field in zip(row, MADE, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=MADE)


def run_tasks(
    batches: Iterator[pa.RecordBatch],
    *,
    task: MapTask,
    sources: Sequence[Any],
    read: Callable[[Any], Iterator[pa.RecordBatch]],
) -> Iterator[pa.RecordBatch]:
    """Apply a stage to all that `read` yields for a task's source; runs on an executor.

    Parameters
    ----------
    batches: a column `id`, the numbers of the tasks. sources: of all tasks.

    Yields
    ------
    MADE.
    """
    for batch in batches:
        for number in batch.column("id").to_pylist():
            counted = Counted(read(sources[number]))
            file = write_file((task.stage(b) for b in counted), task.makes, task.folder)
            yield made(number, file, counted)


def read_task(
    files: tuple[File, ...] | tuple[Piece, ...],
    *,
    schema: pa.Schema,
    whole: Whole | None,
) -> Iterator[pa.RecordBatch]:
    """Yield the batches of a task: pieces of a frame, or files whose groups stay whole."""
    if whole is None:
        yield from read_pieces(files, schema)  # type: ignore[arg-type]
    else:
        some = sized(read_files(files, schema), whole.n_bytes)  # type: ignore[arg-type]
        yield from cut_whole(some, whole.column)


def read_numbered(
    source: tuple[File, int], *, takes: pa.Schema, makes: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Yield the batches of a file with their places; the source tells that of the first row."""
    file, first = source
    for batch in read_files([file], takes):
        yield numbered(batch, first, makes)
        first += batch.num_rows


def as_it_is(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Give what was read."""
    return batch


def read_shards(
    shards: tuple[Any, ...], *, read: Callable[[Any], Iterator[pa.RecordBatch]], folder: str
) -> Iterator[pa.RecordBatch]:
    """Yield the batches of shards, small ones joined.

    Parameters
    ----------
    folder: from which relative names lead to files, where this machine has it.
    """
    with chdir(folder) if Path(folder).is_dir() else nullcontext():
        yield from gather((batch for shard in shards for batch in read(shard)), SCAN_BYTES)


def wanted_keys(
    batches: Iterator[pa.RecordBatch],
    *,
    tasks: Sequence[tuple[Piece, ...]],
    schema: pa.Schema,
    by: tuple[str, ...],
) -> Iterator[pa.RecordBatch]:
    """Name the keys that each piece needs beside it: columns task, piece, wanted."""
    for batch in batches:
        for number in batch.column("id").to_pylist():
            some = tasks[number]
            for piece, rows in enumerate(read_pieces(some, schema, by)):
                keys = np.unique(np.concatenate([rows.column(name).to_numpy() for name in by]))
                columns = [np.full(len(keys), value, np.int64) for value in (number, piece)]
                yield pa.record_batch([*columns, keys], ["task", "piece", "wanted"])


def run_beside(
    batches: Iterator[pa.RecordBatch],
    *,
    task: MapTask,
    tasks: Sequence[tuple[Piece, ...]],
    beside: pa.Schema,
) -> Iterator[pa.RecordBatch]:
    """Apply a stage to pieces and the rows that were brought beside them; on an executor.

    Parameters
    ----------
    batches: task, piece, wanted (the key), found, and the columns of `beside`, sorted by task,
        piece and wanted; `found` is false for keys that the second table has not.

    Yields
    ------
    MADE.
    """
    for number, arrived in _by_task(batches):
        counted = Counted(read_pieces(tasks[number], task.takes))
        results = (
            task.stage(batch, rows)
            for batch, rows in zip(counted, _rows_beside(arrived, beside), strict=True)
        )
        yield made(number, write_file(results, task.makes, task.folder), counted)


def _by_task(
    batches: Iterator[pa.RecordBatch],
) -> Iterator[tuple[int, Iterator[pa.RecordBatch]]]:
    """Group batches by task; each group must be used up before the next."""
    ahead = _runs(batches, "task")
    held = next(ahead, None)
    while held is not None:
        number = held.column("task")[0].as_py()

        def of_one(number: int = number) -> Iterator[pa.RecordBatch]:
            nonlocal held
            while held is not None and held.column("task")[0].as_py() == number:
                yield held
                held = next(ahead, None)

        yield number, of_one()


def _runs(batches: Iterable[pa.RecordBatch], column: str) -> Iterator[pa.RecordBatch]:
    """Cut batches where the value of a column changes."""
    for batch in batches:
        if batch.num_rows == 0:
            continue
        values = batch.column(column).to_numpy()
        bounds = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
        for begin, end in pairwise(bounds):
            yield batch.slice(begin, end - begin)


def _rows_beside(arrived: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield the rows beside each piece, in order of the pieces; of one key, one row."""
    # cut_whole joins batches only where a piece goes on: it is split again where one ends
    for batch in _runs(cut_whole(arrived, "piece"), "piece"):
        found = batch.filter(batch.column("found"))
        if found.num_rows == 0:
            yield empty_batch(schema)
            continue
        keys: npt.NDArray[np.int64] = found.column("wanted").to_numpy()
        first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        yield conform(found.take(pa.array(first)), schema)


def total_rows(files: Iterable[File]) -> int:
    """Count the rows of files."""
    return sum(file.n_rows for file in files)


def total_bytes(files: Iterable[File]) -> int:
    """Add up what files hold once they are read."""
    return sum(file.n_bytes for file in files)


def all_rows(files: Iterable[File], *, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield all rows of files as one batch, be there any or none."""
    yield conform(pa.Table.from_batches(read_files(files, schema), schema), schema)


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
