"""Sort wide rows by a number: tasks cut their rows into ranges of it, others sort each range.

No more than a range is held. Each task of the one kind is read by each of the other: of very many
rows, Spark's own shuffle makes fewer and larger files.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import fsspec
import numpy as np
import pyarrow as pa

from dedup.engines.files import cut_rows, joined
from dedup.engines.ranges import Numbers, bounds_between
from dedup.engines.spark_files import (
    PIECE_ROWS,
    File,
    Piece,
    groups_of,
    read_pieces,
)
from dedup.engines.spark_tasks import Inputs

LZ4 = pa.ipc.IpcWriteOptions(compression="lz4")


@dataclass(frozen=True)
class Cut:
    """Rows of one task that stand in one range: a batch of an IPC file."""

    path: str
    batch: int
    range: int


def find_bounds(
    sources: Iterable[Sequence[File]], *, schema: pa.Schema, by: str, n_ranges: int
) -> Iterator[Numbers]:
    """Choose numbers between which about equally many rows stand; int64[ranges - 1] at most."""
    for files in sources:
        groups = [group for file in files for group in groups_of(file)]
        seen = (batch.column(0).to_numpy() for batch in read_pieces(groups, schema, [by]))
        yield bounds_between(seen, sum(file.n_rows for file in files), n_ranges)


def scatter(
    sources: Iterable[Sequence[Piece]], *, schema: pa.Schema, by: str, bounds: Numbers, folder: str
) -> Iterator[list[Cut]]:
    """Write the rows of each source in order, those of a range as one batch."""
    for some in sources:
        rows = _sorted(joined(list(read_pieces(some, schema))), by)
        places = np.searchsorted(rows.column(by).to_numpy(), bounds, side="left").tolist()
        path = f"{folder}/{uuid.uuid4().hex}.arrow"
        cuts: list[Cut] = []
        with (
            fsspec.open(path, "wb", auto_mkdir=True) as raw,
            pa.ipc.new_file(raw, schema, options=LZ4) as file,
        ):
            for number, (begin, end) in enumerate(pairwise([0, *places, rows.num_rows])):
                if begin < end:
                    file.write_batch(rows.slice(begin, end - begin))
                    cuts.append(Cut(path, len(cuts), number))
        yield cuts


def gathered(cuts: Iterable[Sequence[Cut]]) -> list[tuple[Cut, ...]]:
    """List what each range has of all tasks, in the order of the ranges."""
    found: defaultdict[int, list[Cut]] = defaultdict(list)
    for cut in chain.from_iterable(cuts):
        found[cut.range].append(cut)
    return [tuple(found[number]) for number in sorted(found)]


def read_sorted(cuts: Sequence[Cut], *, by: str) -> Inputs:
    """Yield the rows of a range in order, without the column that tells it."""
    found = []
    for cut in cuts:
        with fsspec.open(cut.path, "rb") as raw, pa.ipc.open_file(raw) as file:
            found.append(file.get_batch(cut.batch))
    return in_order(found, by)


def read_in_order(groups: Sequence[Piece], *, schema: pa.Schema, by: str) -> Inputs:
    """Yield the rows of a small frame in order, without the column that tells it."""
    return in_order(list(read_pieces(groups, schema)), by)


def in_order(batches: list[pa.RecordBatch], by: str) -> Inputs:
    """Yield rows that are at hand in order, without the column that tells it."""
    if batches:
        rows = joined(batches)
        batches.clear()
        for batch in cut_rows([_sorted(rows, by).drop_columns([by])], PIECE_ROWS):
            yield (batch,)


def _sorted(rows: pa.RecordBatch, by: str) -> pa.RecordBatch:
    return rows.take(pa.array(np.argsort(rows.column(by).to_numpy())))
