"""Rows of a second table beside a batch: looked up where there is little, else brought by a join.

Either way the batch stays where it is, however many of its rows have the same key.
"""

import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.engines.files import conform, cut_whole, empty_batch, write_part
from dedup.engines.lookup import BESIDE_BYTES, cut_beside, index_rows, look_up
from dedup.engines.spark_files import File, Piece, open_parquet, read_pieces
from dedup.engines.spark_tasks import Inputs, MapTask, run_task, scratch_folder

Keys = npt.NDArray[np.int64]


@dataclass(frozen=True)
class BesideFiles:
    """Files of a frame of which a stage needs `columns` beside a batch, by its int64 `key`."""

    files: tuple[File, ...]
    schema: pa.Schema
    key: str
    columns: tuple[str, ...]


def read_looked_up(
    some: tuple[Piece, ...], *, schema: pa.Schema, by: tuple[str, ...], beside: BesideFiles
) -> Inputs:
    """Yield pieces, and the rows beside each.

    What the pieces need of the second table is copied to this machine's disk, and found there as
    on one machine. Of a row group that has none of their keys, no more is read than the keys.
    """
    keys = [wanted_keys(batch, by) for batch in read_pieces(some, schema, by)]
    wanted = np.unique(np.concatenate([np.zeros(0, np.int64), *keys]))
    names = list(dict.fromkeys((beside.key, *beside.columns)))
    copied = pa.schema([beside.schema.field(name) for name in names])
    with scratch_folder() as folder:
        part = write_part(_rows_of(beside, wanted, copied), copied, folder / "rows.arrow")
        index = index_rows((part,), copied, beside.key, beside.columns, folder / "rows")
        for batch in read_pieces(some, schema):
            for piece in cut_beside(batch, by, index, BESIDE_BYTES):
                yield piece, look_up(index, wanted_keys(piece, by))


def wanted_keys(batch: pa.RecordBatch, by: Sequence[str]) -> Keys:
    """Name the keys that a batch needs beside it, each once."""
    return np.unique(np.concatenate([batch.column(name).to_numpy() for name in by]))


def _rows_of(beside: BesideFiles, wanted: Keys, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield the rows that have one of the keys, which are sorted."""
    if not len(wanted):
        return
    for file in beside.files:
        with open_parquet(file.path) as opened:
            for group in range(opened.num_row_groups):
                keys: Keys = opened.read_row_group(group, columns=[beside.key])[0].to_numpy()
                places = np.minimum(np.searchsorted(wanted, keys), len(wanted) - 1)
                found = np.flatnonzero(wanted[places] == keys)
                if len(found):
                    rows = opened.read_row_group(group, columns=schema.names)
                    yield conform(rows, schema).take(pa.array(found))


def list_wanted(
    batches: Iterator[pa.RecordBatch],
    *,
    tasks: Sequence[tuple[Piece, ...]],
    schema: pa.Schema,
    by: tuple[str, ...],
) -> Iterator[pa.RecordBatch]:
    """Name the keys that each piece needs beside it: columns task, piece, wanted."""
    for batch in batches:
        for number in batch.column("id").to_pylist():
            for piece, rows in enumerate(read_pieces(tasks[number], schema, by)):
                keys = wanted_keys(rows, by)
                columns = [np.full(len(keys), value, np.int64) for value in (number, piece)]
                yield pa.record_batch([*columns, keys], ["task", "piece", "wanted"])


def run_brought(
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
    task, made: a number and what that task tells, pickled.
    """
    for number, arrived in _by_task(batches):
        some = read_pieces(tasks[number], task.takes)
        told = run_task(zip(some, _rows_beside(arrived, beside), strict=True), task)
        yield pa.record_batch([[number], [pickle.dumps(told)]], ["task", "made"])


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
        keys: Keys = found.column("wanted").to_numpy()
        first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        yield conform(found.take(pa.array(first)), schema)
