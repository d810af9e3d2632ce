"""Cut a stream of batches into row groups that depend on the rows alone, not on the batches."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.buffers import list_parts, text_buffers

Sizes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class GroupSize:
    """When a row group is full: at so many rows, or with the row that reaches so many bytes.

    122,880 rows are DuckDB's own row group, 60 of its vectors; 32 MiB of text keep a group,
    its escaped twin and its compressed form far below the memory a run may use.
    """

    rows: int = 122_880
    bytes: int = 32 << 20


def row_bytes(array: pa.Array) -> Sizes:
    """Tell how many bytes of Arrow memory each row takes, whatever batch it stands in.

    Examples
    --------
    >>> row_bytes(pa.array(["ab", None, "abcd"])).tolist()
    [6, 4, 8]
    >>> row_bytes(pa.array([[1, 2], []], pa.list_(pa.int32()))).tolist()
    [12, 4]
    """
    kind = array.type
    sizes: Sizes
    if pa.types.is_struct(kind):
        fields = [row_bytes(array.field(i)) for i in range(kind.num_fields)]
        sizes = np.sum(fields, axis=0)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        values, offsets = list_parts(array)
        ends = np.concatenate([[0], np.cumsum(row_bytes(values))])
        sizes = np.diff(ends[offsets]) + 4
    elif _has_width(kind):
        sizes = np.full(len(array), max(1, kind.bit_width // 8), np.int64)
    else:
        _, offsets = text_buffers(array)
        sizes = np.diff(offsets) + 4
    return sizes


def _has_width(kind: pa.DataType) -> bool:
    return bool(pa.types.is_primitive(kind))


def row_sizes(batch: pa.RecordBatch, schema: pa.Schema) -> Sizes:
    """Tell how many bytes each row takes in a table of `schema`; int64[rows].

    Raises
    ------
    ValueError: the batch does not fit `schema`.
    """
    return _sizes(conform(batch, schema))


def _sizes(batch: pa.RecordBatch) -> Sizes:
    sizes: Sizes = np.zeros(batch.num_rows, np.int64)
    for column in batch.columns:
        sizes += row_bytes(column)
    return sizes


@dataclass(frozen=True)
class Group:
    """What a row group holds: its rows, and the bytes that they take."""

    rows: int
    bytes: int


class GroupCounter:
    """Counts rows by their sizes until a row group is full."""

    def __init__(self, size: GroupSize) -> None:
        self._size = size
        self._rows = self._bytes = 0

    def count(self, sizes: Sizes) -> Iterator[Group]:
        """Count further rows and tell the groups that are now full."""
        ends = np.cumsum(sizes)
        first = done = 0
        while first < len(sizes):
            enough = int(np.searchsorted(ends, done + self._size.bytes - self._bytes))
            cut = min(first + self._size.rows - self._rows, enough + 1)
            if cut > len(sizes):
                break
            group = Group(self._rows + cut - first, self._bytes + int(ends[cut - 1]) - done)
            self._rows = self._bytes = 0
            first, done = cut, int(ends[cut - 1])
            yield group
        if first < len(sizes):
            self._rows += len(sizes) - first
            self._bytes += int(ends[-1]) - done

    def rest(self) -> Iterator[Group]:
        """Tell the last group, if any row is left."""
        if self._rows:
            yield Group(self._rows, self._bytes)


def count_groups(sizes: Iterable[Sizes], size: GroupSize) -> Iterator[Group]:
    """Tell the row groups of a table by the sizes of all its rows in order."""
    counter = GroupCounter(size)
    for some in sizes:
        yield from counter.count(some)
    yield from counter.rest()


class GroupCutter:
    """Collects batches until a row group is full; holds less than one group and one batch."""

    def __init__(self, schema: pa.Schema, size: GroupSize) -> None:
        self._schema, self._counter = schema, GroupCounter(size)
        self._held: list[pa.RecordBatch] = []

    def add(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """Take a batch and give back the groups that are now full."""
        batch = conform(batch, self._schema)
        first = 0
        for group in self._counter.count(_sizes(batch)):
            n_more = group.rows - sum(held.num_rows for held in self._held)
            yield self._join(batch.slice(first, n_more))
            first += n_more
        if first < batch.num_rows:
            self._held.append(batch.slice(first))

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give back the last group, if any row is left."""
        if self._held:
            yield self._join()

    def _join(self, *last: pa.RecordBatch) -> pa.RecordBatch:
        table = pa.Table.from_batches([*self._held, *last], self._schema).combine_chunks()
        self._held = []
        return table.to_batches()[0]


def cut_groups(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, size: GroupSize
) -> Iterator[pa.RecordBatch]:
    """Yield the same rows as contiguous row groups of a size fixed by `size`."""
    cutter = GroupCutter(schema, size)
    for batch in batches:
        yield from cutter.add(batch)
    yield from cutter.rest()


def conform(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Give a batch exactly the columns, order and types of `schema`.

    Raises
    ------
    ValueError: a column is missing, has another type, or is null where the schema forbids it.
    """
    if batch.schema.equals(schema, check_metadata=True):
        return batch
    columns = [batch.column(field.name) for field in schema]
    for field, column in zip(schema, columns, strict=True):
        if not field.nullable and column.null_count:
            raise ValueError(f"column {field.name} has nulls")
    arrays = [c.cast(f.type) for c, f in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
