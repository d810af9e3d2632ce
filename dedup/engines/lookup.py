"""How rows of a frame are looked up by a key, however many they are."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.engines.files import Part, empty_batch, joined, open_part, read_batches
from dedup.engines.layout import Found, by_part, lay_out, take_rows, value_bytes

BESIDE_BYTES = 32 << 20
"""A stage gets about so much of a second table at once."""

INDEXED_AT_ONCE = 2 << 20
"""Keys that are sorted at once when rows are indexed: some 50 bytes each while they are."""

_KEYS, _LEAST_KEY = 1 << 64, -(1 << 63)


@dataclass(frozen=True)
class IndexedRows:
    """Where each key of a frame stands: sorted keys, and batch, row and size of each.

    Files of numpy arrays; sizes are bytes of the columns of variable width. `layout` is there where
    rows can be taken straight from the files.
    """

    parts: tuple[Part, ...]
    # of the rows that are looked up
    schema: pa.Schema
    keys: Path
    batches: Path
    rows: Path
    sizes: Path
    layout: Path | None

    def delete(self) -> None:
        """Delete the index, not what it leads to."""
        for file in (self.keys, self.batches, self.rows, self.sizes, self.layout):
            if file is not None:
                file.unlink()


def index_rows(
    parts: tuple[Part, ...],
    schema: pa.Schema,
    key: str,
    columns: Sequence[str],
    path: Path,
    *,
    at_once: int = INDEXED_AT_ONCE,
) -> IndexedRows:
    """Write the sorted keys of a frame of `schema` and their places next to it, 20 bytes a row.

    Keys are hashes: ranges of equal width hold about as many. One range of some `at_once` rows
    is sorted after the other, so that what is held does not grow with the frame.
    """
    wanted = pa.schema([schema.field(name) for name in columns])
    layout = lay_out(parts, wanted)
    index = IndexedRows(
        parts,
        wanted,
        keys=path.with_suffix(".keys.npy"),
        batches=path.with_suffix(".batches.npy"),
        rows=path.with_suffix(".rows.npy"),
        sizes=path.with_suffix(".sizes.npy"),
        layout=None if layout is None else path.with_suffix(".layout.npy"),
    )
    if layout is not None and index.layout is not None:
        np.save(index.layout, layout)
    n_rows = sum(part.n_rows for part in parts)
    n_ranges = max(1, -(-n_rows // at_once))
    bounds = [_KEYS * side // n_ranges + _LEAST_KEY for side in range(n_ranges + 1)]
    with ExitStack() as stack:
        files = [
            stack.enter_context(file.open("wb"))
            for file in (index.keys, index.batches, index.rows, index.sizes)
        ]
        for file, kind in zip(files, ("<i8", "<i4", "<i4", "<i4"), strict=True):
            header = {"descr": kind, "fortran_order": False, "shape": (n_rows,)}
            np.lib.format.write_array_header_1_0(file, header)
        for low, end in pairwise(bounds):
            places = _places(parts, key, wanted.names, low, end - 1)
            for file, column in zip(files, _sorted(places), strict=True):
                column.tofile(file)
    return index


Places: TypeAlias = tuple[
    npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int32]
]
"""Keys, and the batch, row and size of each."""


def _sorted(places: Iterable[Places]) -> Iterator[npt.NDArray[np.generic]]:
    """Yield keys, batches, rows and sizes in the order of the keys, each when it is asked for."""
    none = np.zeros(0, np.int32)
    found: list[Places] = [(np.zeros(0, np.int64), none, none, none), *places]
    keys = np.concatenate([each[0] for each in found])
    order = np.argsort(keys, kind="stable")
    yield keys[order]
    del keys
    for column in range(1, 4):
        yield np.concatenate([each[column] for each in found])[order]


def _places(
    parts: tuple[Part, ...], key: str, columns: Sequence[str], low: int, high: int
) -> Iterator[Places]:
    """Find the keys from `low` to `high`, batch by batch."""
    for number, batch in enumerate(read_batches(parts)):
        keys = batch.column(key).to_numpy(zero_copy_only=False)
        rows = np.flatnonzero((keys >= low) & (keys <= high)).astype(np.int32)
        sizes = _sizes(batch.select(list(columns)))
        yield keys[rows], np.full(len(rows), number, np.int32), rows, sizes[rows]


def _sizes(batch: pa.RecordBatch) -> npt.NDArray[np.int32]:
    """Tell how many bytes the texts and lists of each row have."""
    sizes = np.zeros(batch.num_rows, np.int64)
    for column in batch.columns:
        if pa.types.is_list(column.type):
            lengths = pc.list_value_length(column)
        elif pa.types.is_string(column.type) or pa.types.is_binary(column.type):
            lengths = pc.binary_length(column)
        else:
            continue
        n_values = pc.fill_null(lengths, 0).to_numpy(zero_copy_only=False).astype(np.int64)
        sizes += n_values * value_bytes(column.type)
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
    if index.layout is not None:
        sizes = np.load(index.sizes, mmap_mode="r")[found].astype(np.int64)
        layout = np.load(index.layout, mmap_mode="r")
        return take_rows(index.parts, index.schema, layout, Found(batch_of, row_of, sizes))
    taken, order = [], []
    for part, first, needed in by_part(index.parts, batch_of):
        reader = open_part(part)
        for number, here in needed:
            batch = reader.get_batch(number - first).select(index.schema.names)
            taken.append(batch.take(pa.array(row_of[here])))
            order.append(here)
    if not taken:
        return empty_batch(index.schema)
    back = np.argsort(np.concatenate(order), kind="stable")
    return joined(taken).take(pa.array(back))
