"""Sort wide rows by a number: tasks cut their rows into ranges of it, others sort each range.

No more than a range is held. Each task of the one kind is read by each of the other: of very many
rows, Spark's own shuffle makes fewer and larger files.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from dedup.engines.files import cut_rows, joined
from dedup.engines.ranges import Numbers, bounds_between
from dedup.engines.spark_files import (
    PIECE_ROWS,
    File,
    Piece,
    create_parquet,
    groups_of,
    read_pieces,
)
from dedup.engines.spark_tasks import Inputs


@dataclass(frozen=True)
class Scattered:
    """Row groups of one file, and the range in which each one's rows stand."""

    ranges: tuple[int, ...]
    groups: tuple[Piece, ...]


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
) -> Iterator[Scattered]:
    """Write the rows of each source sorted, those of a range as one row group."""
    for some in sources:
        rows = _sorted(joined(list(read_pieces(some, schema))), by)
        places = np.searchsorted(rows.column(by).to_numpy(), bounds, side="left").tolist()
        ranges: list[int] = []
        groups: list[Piece] = []
        with create_parquet(folder, schema) as (path, writer):
            for number, (begin, end) in enumerate(pairwise([0, *places, rows.num_rows])):
                if begin < end:
                    writer.write_batch(rows.slice(begin, end - begin), row_group_size=end - begin)
                    groups.append(Piece(path, len(groups), 0, end - begin))
                    ranges.append(number)
        yield Scattered(tuple(ranges), tuple(groups))


def gathered(scattered: Iterable[Scattered], n_ranges: int) -> list[tuple[Piece, ...]]:
    """List the row groups of each range."""
    found: list[list[Piece]] = [[] for _ in range(n_ranges)]
    for each in scattered:
        for number, group in zip(each.ranges, each.groups, strict=True):
            found[number].append(group)
    return [tuple(groups) for groups in found if groups]


def read_sorted(groups: Sequence[Piece], *, schema: pa.Schema, by: str) -> Inputs:
    """Yield the rows of a range in order, without the column that tells it."""
    rows = _sorted(joined(list(read_pieces(groups, schema))), by).drop_columns([by])
    return ((batch,) for batch in cut_rows([rows], PIECE_ROWS))


def _sorted(rows: pa.RecordBatch, by: str) -> pa.RecordBatch:
    return rows.take(pa.array(np.argsort(rows.column(by).to_numpy())))
