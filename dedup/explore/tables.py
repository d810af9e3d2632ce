"""A result's tables as Parquet, cut into slices, and one DuckDB that reads them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from dedup.report.manifest import Manifest, read_manifest
from dedup.report.result import TABLES, open_result, quote
from dedup.report.rows import REJECTED_RECORDS
from dedup.report.tables import write_table

NAMES: dict[str, pa.Schema] = {**TABLES, "rejected": REJECTED_RECORDS}

MEMORY = "2GB"
"""Of DuckDB; what it counts spills to its temporary folder beyond that."""

READ_ROWS = 10_000
"""Rows at a time, when JSON lines are copied."""


@dataclass(frozen=True)
class Slice:
    """Consecutive rows of one file: a row group.

    first: place of its first row in the file; position: the same in the whole table.
    """

    path: str
    first: int
    rows: int
    position: int


@dataclass(frozen=True)
class Table:
    """A table's slices in the order of its rows."""

    slices: tuple[Slice, ...]

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(each.rows for each in self.slices)


@dataclass(frozen=True)
class Result:
    """A result that is open: read-only, and safe to be asked from several threads.

    Ask it by a cursor (`connection.cursor()`), one for each thread. Tables have the names and
    columns of dedup.schema, and `rejected`.
    """

    connection: duckdb.DuckDBPyConnection
    manifest: Manifest
    tables: dict[str, Table]


@contextmanager
def open_tables(folder: Path, threads: int = 2) -> Iterator[Result]:
    """Open a result; a table that was not written is empty.

    Nothing is copied of Parquet; JSON lines are read once, into a folder that goes in the end.

    Raises
    ------
    BadInput: the folder holds no manifest of this version.
    """
    manifest = read_manifest(folder)
    with TemporaryDirectory(prefix="dedup-explore-") as temp:
        place = Path(temp)
        files = {name: _parquet(folder, name, place) for name in NAMES}
        (place / "spill").mkdir()
        config = {
            "memory_limit": MEMORY,
            "threads": threads,
            "temp_directory": str(place / "spill"),
            "preserve_insertion_order": True,
        }
        with duckdb.connect(str(place / "counted.duckdb"), config=config) as connection:
            for name, paths in files.items():
                listed = ", ".join(map(quote, paths))
                connection.execute(f"CREATE VIEW {name} AS FROM read_parquet([{listed}])")
            yield Result(
                connection, manifest, {name: slices(paths) for name, paths in files.items()}
            )


def _parquet(folder: Path, name: str, temp: Path) -> list[str]:
    """List the Parquet files of a table; makes them in `temp` where there are none."""
    found = sorted((folder / name).glob("part-*.parquet"))
    if not found:
        with open_result(folder) as connection:
            rows = connection.sql(f"FROM {name}").to_arrow_reader(READ_ROWS)
            write_table(rows, NAMES[name], temp / name, "parquet")
        found = sorted((temp / name).glob("part-*.parquet"))
    return [str(path) for path in found]


def slices(paths: list[str]) -> Table:
    """Tell the row groups of Parquet files."""
    found: list[Slice] = []
    position = 0
    for path in paths:
        first = 0
        with pq.ParquetFile(path) as file:
            sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        for rows in sizes:
            found.append(Slice(path, first, rows, position))
            first, position = first + rows, position + rows
    return Table(tuple(found))
