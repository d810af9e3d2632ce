"""The files of an index: which of their row groups hold what is wanted, and reading those."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from dedup.errors import BadIndex

Numbers: TypeAlias = npt.NDArray[np.int64]

GROUP_ROWS = 1 << 14
"""Rows of a row group at most: the least that is read of a table."""

GROUP_BYTES = 4 << 20
"""Arrow memory that fills a row group."""

PART_BYTES = 64 << 20
"""Arrow memory that fills a part."""


@dataclass(frozen=True)
class Shard:
    """Row groups of one part, and which of their rows are wanted.

    wanted: int64[n], ascending values of the table's first column; all rows if None.
    """

    path: Path
    groups: tuple[int, ...]
    columns: tuple[str, ...]
    wanted: Numbers | None
    n_bytes: int


def list_shards(
    folder: Path, table: str, wanted: Numbers | None = None, columns: Sequence[str] = ()
) -> list[Shard]:
    """Find the row groups of a table whose range holds a wanted value, by their statistics.

    Parameters
    ----------
    folder: of the index. table: a key of schema.HELD.
    wanted: int64[n], ascending and distinct values of the table's first column; None for all.
    columns: those that are read; all if none is named.

    Returns
    -------
    A shard for each part of which something is to be read, in the order of the table.

    Raises
    ------
    BadIndex: a part is damaged.
    """
    shards: list[Shard] = []
    for path in sorted((folder / table).glob("part-*.parquet")):
        try:
            with pq.ParquetFile(path) as part:
                shards += _shards_of(part, path, wanted, tuple(columns) or part.schema_arrow.names)
        except (OSError, pa.ArrowException) as error:
            raise damaged(path, error) from None
    return shards


def _shards_of(
    part: pq.ParquetFile, path: Path, wanted: Numbers | None, columns: Sequence[str]
) -> Iterator[Shard]:
    groups: list[int] = []
    first = last = 0
    n_bytes = 0
    for number in range(part.num_row_groups):
        group = part.metadata.row_group(number)
        if wanted is not None:
            bounds = group.column(0).statistics
            if bounds is None or not bounds.has_min_max:
                raise pa.ArrowInvalid("a row group does not tell its range")
            low = int(np.searchsorted(wanted, bounds.min, side="left"))
            high = int(np.searchsorted(wanted, bounds.max, side="right"))
            if low == high:
                continue
            first, last = (first if groups else low), high
        groups.append(number)
        n_bytes += group.total_byte_size
    if groups:
        some = None if wanted is None else wanted[first:last]
        yield Shard(path, tuple(groups), tuple(columns), some, n_bytes)


def read_shard(shard: Shard) -> Iterator[pa.RecordBatch]:
    """Yield the wanted rows of a shard, a batch for each row group that has any, or an empty one.

    Raises
    ------
    BadIndex: the part is damaged; its pages carry checksums.
    """
    try:
        with pq.ParquetFile(shard.path, page_checksum_verification=True) as part:
            names = part.schema_arrow.names
            yield from part.schema_arrow.empty_table().select(list(shard.columns)).to_batches()
            for number in shard.groups:
                found = None
                if shard.wanted is not None:
                    values = part.read_row_group(number, columns=names[:1]).column(0).to_numpy()
                    found = among(values, shard.wanted)
                    if not found.any():
                        continue
                rows = part.read_row_group(number, columns=list(shard.columns))
                if found is not None:
                    rows = rows.filter(pa.array(found))
                yield from rows.select(list(shard.columns)).combine_chunks().to_batches()
    except (OSError, pa.ArrowException) as error:
        raise damaged(shard.path, error) from None


def among(values: Numbers, wanted: Numbers) -> npt.NDArray[np.bool_]:
    """Tell which values are wanted; `wanted` ascends.

    Examples
    --------
    >>> among(np.array([3, 1, 9]), np.array([1, 2, 3])).tolist()
    [True, True, False]
    """
    places = np.minimum(np.searchsorted(wanted, values), max(len(wanted) - 1, 0))
    return wanted[places] == values if len(wanted) else np.zeros(len(values), np.bool_)


def damaged(path: Path, error: Exception) -> BadIndex:
    """Say that a file of an index cannot be read."""
    about = str(error).splitlines()[0] if str(error) else type(error).__name__
    return BadIndex(f"{path}: is damaged, or no part of an index ({about[:200]})")
