"""What one task of Spark's does: read its share of a frame, apply a stage, write a file.

Tasks are Python's alone: what reaches them are names of files, what they tell is a name of a file.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import chdir, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from dedup.engines.base import Stage, Whole
from dedup.engines.files import SCAN_BYTES, conform, cut_rows, cut_whole, gather, numbered, sized
from dedup.engines.spark_files import PIECE_ROWS, File, Piece, read_files, read_pieces, write_file

Inputs: TypeAlias = Iterable[tuple[pa.RecordBatch, ...]]
"""What a stage is called with: a batch, and the rows beside it if there are any."""


@dataclass(frozen=True)
class MapTask:
    """A stage, the schemas of what it takes and makes, and the folder for that."""

    stage: Stage
    takes: pa.Schema
    makes: pa.Schema
    folder: str


@dataclass(frozen=True)
class Made:
    """What a task tells the driver: its file, and the rows and bytes that it took."""

    file: File
    rows_in: int
    bytes_in: int


def run_tasks(
    sources: Iterable[Any], *, task: MapTask, read: Callable[[Any], Inputs]
) -> Iterator[Made]:
    """Apply a stage to all that `read` yields for each source; runs on an executor."""
    for source in sources:
        yield run_task(read(source), task)


def run_task(inputs: Inputs, task: MapTask) -> Made:
    """Apply a stage to all inputs, and write what it makes."""
    rows = n_bytes = 0

    def made() -> Iterator[pa.RecordBatch]:
        nonlocal rows, n_bytes
        for batch, *beside in inputs:
            rows += batch.num_rows
            n_bytes += batch.nbytes
            yield task.stage(batch, *beside)

    return Made(write_file(made(), task.makes, task.folder), rows, n_bytes)


def as_it_is(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Give what was read."""
    return batch


def read_task(some: tuple[Piece, ...], *, schema: pa.Schema) -> Inputs:
    """Yield the pieces of a frame."""
    return ((batch,) for batch in read_pieces(some, schema))


def read_all(files: Sequence[File], *, schema: pa.Schema) -> Inputs:
    """Yield all rows of files as one batch, be there any or none."""
    yield (conform(pa.Table.from_batches(read_files(files, schema), schema), schema),)


def read_numbered(source: tuple[File, int], *, takes: pa.Schema, makes: pa.Schema) -> Inputs:
    """Yield the batches of a file with their places; the source tells that of the first row."""
    file, first = source
    for batch in read_files([file], takes):
        yield (numbered(batch, first, makes),)
        first += batch.num_rows


def read_shards(
    shards: tuple[Any, ...], *, read: Callable[[Any], Iterator[pa.RecordBatch]], folder: str
) -> Inputs:
    """Yield the batches of shards, small ones joined.

    Parameters
    ----------
    folder: from which relative names lead to files, where this machine has it.
    """
    with chdir(folder) if Path(folder).is_dir() else nullcontext():
        for batch in gather((batch for shard in shards for batch in read(shard)), SCAN_BYTES):
            yield (batch,)


def read_whole(
    span: tuple[int, int], *, groups: Sequence[Piece], schema: pa.Schema, whole: Whole
) -> Inputs:
    """Yield the runs of equal values that begin in row groups [begin, end), each in one batch.

    Parameters
    ----------
    groups: all of a frame that is sorted by the column of `whole`.
    """
    runs = cut_rows(_runs(span, groups, schema, whole.column), PIECE_ROWS)
    return ((batch,) for batch in cut_whole(sized(runs, whole.n_bytes), whole.column))


def _runs(
    span: tuple[int, int], groups: Sequence[Piece], schema: pa.Schema, column: str
) -> Iterator[pa.RecordBatch]:
    begin, end = span
    # of the run that another task has
    value = _last(groups[begin - 1], schema, column) if begin else None
    inside = islice(groups, begin, end)
    last = None
    for batch in read_pieces(inside, schema):
        n_led = 0 if value is None else _leading(batch.column(column), value)
        if n_led < batch.num_rows:
            value, last = None, batch.column(column)[-1]
            yield batch.slice(n_led)
    if last is None:
        return
    for group in islice(groups, end, None):
        (keys,) = read_pieces([group], schema, [column])
        n_led = _leading(keys.column(0), last)
        if n_led:
            yield from read_pieces([Piece(group.path, group.group, 0, n_led)], schema)
        if n_led < keys.num_rows:
            return


def _last(group: Piece, schema: pa.Schema, column: str) -> pa.Scalar:
    (keys,) = read_pieces([group], schema, [column])
    return keys.column(0)[-1]


def _leading(values: pa.Array, value: pa.Scalar) -> int:
    """Count the values at the beginning that are equal to one."""
    other = pc.index(pc.not_equal(values, value), True).as_py()
    return len(values) if other < 0 else int(other)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder on a disk that Spark uses for its own files, which goes at the end."""
    disk = os.environ.get("SPARK_LOCAL_DIRS", "").split(",")[0]
    with TemporaryDirectory(prefix="dedup-", dir=disk or None) as folder:
        yield Path(folder)
