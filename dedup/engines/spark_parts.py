"""Write a sorted table's files by tasks: each has the rows of one file, whatever tasks made them.

Where a file ends is told by the sizes of all rows before: tasks measure them, 8 bytes a row, and
one task goes through these.
"""

import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fsspec
import pyarrow as pa

from dedup.engines.base import CutFiles, Measure, WritePart
from dedup.engines.spark_files import File, Piece, groups_of, read_pieces, write_file

SIZES = pa.schema([pa.field("size", pa.int64(), nullable=False)])

DRIVER_BYTES = 256 << 20
"""Rows up to which the driver writes a table itself: half a file's, which need not be measured."""

MOVED_AT_ONCE = 4
"""Files that the driver fetches at once: a store of objects gives each only so much a second."""


def measure_rows(
    sources: Iterable[Sequence[Piece]], *, schema: pa.Schema, measure: Measure, folder: str
) -> Iterator[File]:
    """Write the size of each row of each source."""
    for some in sources:
        sizes = (measure(batch) for batch in read_pieces(some, schema))
        yield write_file((pa.record_batch([pa.array(s)], SIZES) for s in sizes), SIZES, folder)


def find_ends(sources: Iterable[Sequence[File]], *, cut: CutFiles) -> Iterator[list[int]]:
    """Tell after how many rows each file ends, by the sizes of all rows in order."""
    for sizes in sources:
        groups = (group for file in sizes for group in groups_of(file))
        counted = (batch.column(0).to_numpy() for batch in read_pieces(groups, SIZES))
        yield list(cut(counted))


def rows_of_parts(groups: Iterable[Piece], ends: Iterable[int]) -> Iterator[tuple[Piece, ...]]:
    """Divide row groups at rows counted from the first on.

    Examples
    --------
    >>> a, b = Piece("a", 0, 0, 5), Piece("b", 0, 0, 5)
    >>> [[(p.path, p.begin, p.end) for p in part] for part in rows_of_parts([a, b], [2, 6, 10])]
    [[('a', 0, 2)], [('a', 2, 5), ('b', 0, 1)], [('b', 1, 5)]]
    """
    rest = iter(groups)
    ahead: Piece | None = None
    done = 0
    for end in ends:
        part: list[Piece] = []
        while done < end:
            group = ahead or next(rest)
            cut = min(group.end, group.begin + end - done)
            part.append(Piece(group.path, group.group, group.begin, cut))
            ahead = Piece(group.path, group.group, cut, group.end) if cut < group.end else None
            done += cut - group.begin
        yield tuple(part)


def write_parts(
    sources: Iterable[Sequence[Piece]], *, schema: pa.Schema, write: WritePart, folder: str
) -> Iterator[str]:
    """Write the rows of each source as a file, under a name that no other attempt has."""
    for some in sources:
        path = f"{folder}/{uuid.uuid4().hex}.part"
        with fsspec.open(path, "wb", auto_mkdir=True) as file:
            write(read_pieces(some, schema), file)
        yield path


def bring_parts(paths: Sequence[str], folder: Path, name: Callable[[int], str]) -> None:
    """Move files to a folder of this machine as they are, or copy them from an address.

    Raises
    ------
    OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    places = [folder / name(number) for number in range(len(paths))]
    with ThreadPoolExecutor(MOVED_AT_ONCE) as pool:
        list(pool.map(_bring, paths, places))


def _bring(path: str, place: Path) -> None:
    if "://" not in path:
        shutil.move(path, place)
        return
    system, inside = fsspec.url_to_fs(path)
    system.get_file(inside, str(place))
