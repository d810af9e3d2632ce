"""Frames of the local engine: Arrow IPC files in a folder, and how rows are looked up in them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

WHOLE_ROWS = 1 << 14
"""Rows of a batch whose groups are whole, but for a larger group: stages pair within groups."""

SCAN_BYTES = 8 << 20
"""Batches of a scan are joined until they hold so much: a file may be one small page."""

BESIDE_BYTES = 32 << 20
"""A stage gets about so much of a second table at once."""


@dataclass(frozen=True)
class Part:
    """One IPC file of a frame."""

    path: Path
    n_batches: int
    n_rows: int
    n_bytes: int


@dataclass(frozen=True)
class IndexedRows:
    """Where each key of a frame stands: sorted keys, and batch, row and size of each.

    Files of numpy arrays; sizes are bytes of the columns of variable width.
    """

    parts: tuple[Part, ...]
    # of the rows that are looked up
    schema: pa.Schema
    keys: Path
    batches: Path
    rows: Path
    sizes: Path


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


def index_rows(
    parts: tuple[Part, ...], schema: pa.Schema, key: str, columns: Sequence[str], path: Path
) -> IndexedRows:
    """Write the sorted keys of a frame of `schema` and their places next to it, 20 bytes a row."""
    keys, batch_numbers, rows, sizes = (
        [np.zeros(0, np.int64)],
        [np.zeros(0, np.int32)],
        [np.zeros(0, np.int32)],
        [np.zeros(0, np.int32)],
    )
    for number, batch in enumerate(read_batches(parts)):
        keys.append(batch.column(key).to_numpy(zero_copy_only=False))
        batch_numbers.append(np.full(batch.num_rows, number, np.int32))
        rows.append(np.arange(batch.num_rows, dtype=np.int32))
        sizes.append(_sizes(batch.select(list(columns))))
    all_keys = np.concatenate(keys)
    order = np.argsort(all_keys, kind="stable")
    ends = (".keys.npy", ".batches.npy", ".rows.npy", ".sizes.npy")
    wanted = pa.schema([schema.field(name) for name in columns])
    index = IndexedRows(parts, wanted, *(path.with_suffix(end) for end in ends))
    np.save(index.keys, all_keys[order])
    np.save(index.batches, np.concatenate(batch_numbers)[order])
    np.save(index.rows, np.concatenate(rows)[order])
    np.save(index.sizes, np.concatenate(sizes)[order])
    return index


def _sizes(batch: pa.RecordBatch) -> npt.NDArray[np.int32]:
    """Tell how many bytes the texts and lists of each row have."""
    sizes = np.zeros(batch.num_rows, np.int64)
    for column in batch.columns:
        if pa.types.is_list(column.type):
            lengths = pc.list_value_length(column)
            width = 8
        elif pa.types.is_string(column.type) or pa.types.is_binary(column.type):
            lengths = pc.binary_length(column)
            width = 1
        else:
            continue
        sizes += pc.fill_null(lengths, 0).to_numpy(zero_copy_only=False).astype(np.int64) * width
    return np.minimum(sizes, np.iinfo(np.int32).max).astype(np.int32)


def cut_beside(
    batch: pa.RecordBatch, by: Sequence[str], index: IndexedRows, n_bytes: int
) -> Iterator[pa.RecordBatch]:
    """Cut a batch so that the rows a piece needs from the index hold about `n_bytes`."""
    keys = np.load(index.keys, mmap_mode="r")
    sizes = np.load(index.sizes, mmap_mode="r")
    wanted = np.stack([batch.column(name).to_numpy() for name in by], axis=1)
    begin = 0
    while begin < batch.num_rows:
        # a row that is needed twice is there once
        distinct, first = np.unique(wanted[begin:], return_index=True)
        places = np.searchsorted(keys, distinct)
        needed = np.zeros(wanted[begin:].size, np.int64)
        found = places < len(keys)
        needed[first[found]] = sizes[places[found]]
        ends = np.cumsum(needed)[len(by) - 1 :: len(by)]
        n_rows = max(1, int(np.searchsorted(ends, n_bytes, side="right")))
        yield batch.slice(begin, n_rows)
        begin += n_rows
    if batch.num_rows == 0:
        yield batch


def look_up(index: IndexedRows, wanted: npt.NDArray[np.int64]) -> pa.RecordBatch:
    """Take the rows of the wanted keys, sorted by key; keys that are not there have no row."""
    keys = np.load(index.keys, mmap_mode="r")
    wanted = np.unique(wanted)
    places = np.searchsorted(keys, wanted)
    inside = places < len(keys)
    places, wanted = places[inside], wanted[inside]
    found = places[keys[places] == wanted]
    batch_of = np.load(index.batches, mmap_mode="r")[found]
    row_of = np.load(index.rows, mmap_mode="r")[found]
    taken, order = [], []
    number = 0
    for part in index.parts:
        reader = open_part(part)
        mine = np.flatnonzero((batch_of >= number) & (batch_of < number + part.n_batches))
        for b in np.unique(batch_of[mine]):
            here = mine[batch_of[mine] == b]
            batch = reader.get_batch(int(b) - number).select(index.schema.names)
            taken.append(batch.take(pa.array(row_of[here])))
            order.append(here)
        number += part.n_batches
    if not taken:
        return empty_batch(index.schema)
    back = np.argsort(np.concatenate(order), kind="stable")
    return _joined(taken).take(pa.array(back))


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
    """Join batches in a row until they hold `n_bytes`; larger ones pass as they are."""
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        held.append(batch)
        size += batch.nbytes
        if size >= n_bytes:
            yield _joined(held)
            held, size = [], 0
    if held:
        yield _joined(held)


def cut_rows(batches: Iterable[pa.RecordBatch], n_rows: int) -> Iterator[pa.RecordBatch]:
    """Cut batches to at most `n_rows` rows."""
    for batch in batches:
        for begin in range(0, max(batch.num_rows, 1), n_rows):
            yield batch.slice(begin, n_rows)


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
                yield _joined([*held, last.slice(0, cut)])
                held = []
            if cut < last.num_rows:
                held.append(last.slice(cut))
        held.append(batch)
    if held:
        yield _joined(held)


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    return pa.concat_batches(batches)
