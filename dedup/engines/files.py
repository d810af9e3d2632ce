"""Frames of the local engine: Arrow IPC files in a folder."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.errors import DedupError

WHOLE_ROWS = 1 << 14
"""Rows of a batch whose groups are whole, but for a larger group: stages pair within groups."""

SCAN_BYTES = 8 << 20
"""Batches of a scan are joined until they hold so much: a file may be one small page."""


@dataclass(frozen=True)
class Part:
    """One IPC file of a frame."""

    path: Path
    n_batches: int
    n_rows: int
    n_bytes: int


@dataclass(frozen=True)
class Rows:
    """Rows in files."""

    schema: pa.Schema
    parts: tuple[Part, ...] = ()


class PartsLost(DedupError):
    """Files of an earlier step are gone, and a step needs them."""


def check_there(parts: Iterable[Part]) -> None:
    """Check that the files of parts are there.

    Raises
    ------
    PartsLost: a machine died that had written the end of a later step, and not its files.
    """
    for part in parts:
        if not part.path.exists():
            raise PartsLost(
                f"{part.path} is gone, and what the stopped run left is of no use without it: "
                "that is deleted, and the same command begins anew"
            )


def write_part(batches: Iterable[pa.RecordBatch], schema: pa.Schema, path: Path) -> Part:
    """Write batches as one IPC file; its batches keep their bounds."""
    n_batches = n_rows = n_bytes = 0
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            n_batches += 1
            n_rows += batch.num_rows
            n_bytes += batch.get_total_buffer_size() if batch.num_rows else 0
    return Part(path, n_batches, n_rows, n_bytes)


def open_part(part: Part) -> pa.RecordBatchFileReader:
    """Open a part memory-mapped: its batches are views of the page cache."""
    return pa.ipc.open_file(pa.memory_map(str(part.path)))


def read_batches(parts: Iterable[Part]) -> Iterator[pa.RecordBatch]:
    """Yield the batches of parts in order."""
    for part in parts:
        reader = open_part(part)
        for i in range(reader.num_record_batches):
            yield reader.get_batch(i)


def read_table(parts: Iterable[Part], schema: pa.Schema) -> pa.Table:
    """Copy the batches of parts into memory."""
    batches: list[pa.RecordBatch] = []
    for part in parts:
        with pa.OSFile(str(part.path)) as file:
            reader = pa.ipc.open_file(file)
            batches += [reader.get_batch(i) for i in range(reader.num_record_batches)]
    return pa.Table.from_batches(batches, schema)


def empty_batch(schema: pa.Schema) -> pa.RecordBatch:
    """Make a batch without rows."""
    return pa.RecordBatch.from_arrays([pa.array([], f.type) for f in schema], schema=schema)


def conform(table: pa.Table | pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Give rows that a database has had in hand the types and names of `schema`, by name."""
    columns = []
    for field in schema:
        column = table.column(field.name)
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        columns.append(column if column.type == field.type else column.cast(field.type))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def gather(batches: Iterable[pa.RecordBatch], n_bytes: int) -> Iterator[pa.RecordBatch]:
    """Join small batches in a row until they hold `n_bytes`; from half of it on they pass as is."""
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        is_large = 2 * batch.nbytes >= n_bytes
        if held and is_large:
            yield joined(held)
            held, size = [], 0
        held.append(batch)
        size += batch.nbytes
        if is_large or size >= n_bytes:
            yield joined(held)
            held, size = [], 0
    if held:
        yield joined(held)


def numbered(batch: pa.RecordBatch, first: int, schema: pa.Schema) -> pa.RecordBatch:
    """Add a last column that counts the rows from `first` on."""
    places = pa.array(np.arange(first, first + batch.num_rows))
    return pa.RecordBatch.from_arrays([*batch.columns, places], schema=schema)


def cut_rows(batches: Iterable[pa.RecordBatch], n_rows: int) -> Iterator[pa.RecordBatch]:
    """Cut batches to at most `n_rows` rows."""
    for batch in batches:
        for begin in range(0, max(batch.num_rows, 1), n_rows):
            yield batch.slice(begin, n_rows)


def sized(batches: Iterable[pa.RecordBatch], n_bytes: int | None) -> Iterator[pa.RecordBatch]:
    """Join batches until they hold `n_bytes`; with None, cut them to WHOLE_ROWS rows."""
    return cut_rows(batches, WHOLE_ROWS) if n_bytes is None else gather(batches, n_bytes)


def cut_whole(batches: Iterable[pa.RecordBatch], column: str) -> Iterator[pa.RecordBatch]:
    """Re-cut batches sorted by `column` so that no run of equal values is split.

    A run moves to the next batch only if it goes on there: one small batch stays one task, for
    which no workers are started.
    """
    held: list[pa.RecordBatch] = []
    for batch in batches:
        if batch.num_rows == 0:
            continue
        if held:
            last = held.pop()
            begin = pc.index(last.column(column), batch.column(column)[0]).as_py()
            cut = last.num_rows if begin < 0 else begin
            if cut:
                yield joined([*held, last.slice(0, cut)])
                held = []
            if cut < last.num_rows:
                held.append(last.slice(cut))
        held.append(batch)
    if held:
        yield joined(held)


def joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    """Make one batch of several of the same schema."""
    if len(batches) == 1:
        return batches[0]
    return pa.concat_batches(batches)
