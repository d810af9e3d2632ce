"""One call of a stage: a batch is loaded, the stage applied, and what it makes written."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from dedup.engines.base import Stage
from dedup.engines.files import Part, open_part, write_part
from dedup.engines.journal import Made, note_made
from dedup.engines.lookup import BESIDE_BYTES, IndexedRows, cut_beside, look_up
from dedup.engines.workers import read_task

Source: TypeAlias = pa.RecordBatch | tuple[Part, int] | Path
"""A batch, where one stands in a frame's file, or the file of one alone, gone once it is read."""


@dataclass(frozen=True)
class MapTask:
    """A stage and all that each call of it needs but for its batch.

    schema: of what it makes.
    index, by: the rows beside a batch, and its columns that name them.
    journal: where finished batches are noted, if they are.
    """

    stage: Stage
    schema: pa.Schema
    index: IndexedRows | None
    by: tuple[str, ...]
    journal: Path | None = None


@dataclass(frozen=True)
class Call:
    """One call of a task: the number of its batch, where that stands, and where to write.

    The source is what an earlier run has made of it already, if it has.
    """

    number: int
    source: Source | Made
    path: Path


def send(call: Call) -> Call:
    """Write a call's batch to a file, as which it travels to another process."""
    if not isinstance(call.source, pa.RecordBatch):
        return call
    path = call.path.with_suffix(".batch")
    write_part([call.source], call.source.schema, path)
    return Call(call.number, path, call.path)


def run_sent(task_file: Path, call: Call) -> Made:
    """Run a call in a worker."""
    return run_call(read_task(task_file), call)


def run_call(task: MapTask, call: Call) -> Made:
    """Apply the stage to the batch of a call, and note it."""
    if isinstance(call.source, Made):
        return call.source
    batch = _load(call.source)
    part = write_part(_apply(task, batch), task.schema, call.path)
    made = Made(batch.num_rows, batch.get_total_buffer_size(), part)
    if task.journal is not None:
        note_made(task.journal, call.number, made)
    return made


def _load(source: Source) -> pa.RecordBatch:
    if isinstance(source, pa.RecordBatch):
        return source
    if isinstance(source, Path):
        batch = pa.ipc.open_file(pa.memory_map(str(source))).get_batch(0)
        source.unlink()
        return batch
    part, number = source
    return open_part(part).get_batch(number)


def _apply(task: MapTask, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    if task.index is None:
        yield task.stage(batch)
        return
    for piece in cut_beside(batch, task.by, task.index, BESIDE_BYTES):
        wanted = np.concatenate([piece.column(column).to_numpy() for column in task.by])
        yield task.stage(piece, look_up(task.index, wanted))
