"""A written result, opened for SQL: its tables by their names, and `rejected`."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from dedup import schema
from dedup.errors import TooLittleMemory
from dedup.report.rows import REJECTED_RECORDS

Row = dict[str, Any]

TABLES = {
    "documents": schema.DOCUMENTS_OUT,
    "blocks": schema.BLOCKS_OUT,
    "clusters": schema.CLUSTERS_OUT,
    "passages": schema.PASSAGES_OUT,
}

MAX_LINE_BYTES = 400 << 20
"""One JSON line holds at most a record of settings.max_record_bytes, every character escaped."""

LONG_LINE_BYTES = 16 << 20
"""Lines that may be longer are read by one thread: each reserves twice what a line may take."""

THREAD_BYTES = 500 << 20
"""With less for each of several threads, DuckDB fails to count the documents of large clusters."""


@dataclass(frozen=True)
class Reading:
    """How many threads read tables, at most, and how much they may hold before they spill.

    Beyond that JSON lines take twice what a line may hold, of which little is touched.
    """

    threads: int = 1
    memory_bytes: int = 2 << 30


BY_DEFAULT = Reading()


_SQL_TYPES = {
    pa.string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float32(): "FLOAT",
    pa.float64(): "DOUBLE",
    pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
}


@contextmanager
def open_result(folder: Path, how: Reading = BY_DEFAULT) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the tables of a result as views of a DuckDB; a table that was not written is empty.

    Nothing is copied: a query reads what it needs of the files.
    """
    with open_results({"": folder}, how) as connection:
        yield connection


@contextmanager
def open_results(
    folders: Mapping[str, Path], how: Reading = BY_DEFAULT
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open several results in one DuckDB; their views have names that end in the keys.

    With the keys "_a" and "_b" there are views `blocks_a` and `blocks_b`, and so on. Long JSON
    lines, and little memory, are read by fewer threads.

    Raises
    ------
    TooLittleMemory: a question, also one that is asked while the context lasts, needs more.
    """
    files = {n + end: table for end, f in folders.items() for n, table in _tables(f).items()}
    line = max(_line_bytes(paths) for paths, _ in files.values())
    threads = 1 if line > LONG_LINE_BYTES else min(how.threads, how.memory_bytes // THREAD_BYTES)
    config: dict[str, str | int] = {
        "threads": max(1, threads),
        "memory_limit": f"{how.memory_bytes + 2 * line}B",
    }
    with (
        TemporaryDirectory(prefix="dedup-") as spill,
        duckdb.connect(config={**config, "temp_directory": spill}) as connection,
    ):
        for name, (paths, columns) in files.items():
            _add_view(connection, name, paths, columns)
        try:
            yield connection
        except duckdb.OutOfMemoryException as error:
            raise TooLittleMemory(
                "there is too little memory to read the tables of the result; give more"
            ) from error


def _tables(folder: Path) -> dict[str, tuple[list[Path], pa.Schema]]:
    """List the files of each table, and its columns."""
    tables = {n: (sorted((folder / n).glob("part-*")), columns) for n, columns in TABLES.items()}
    rejected = folder / "rejected.jsonl"
    some = rejected.exists() and rejected.stat().st_size > 0
    return {**tables, "rejected": ([rejected] if some else [], REJECTED_RECORDS)}


def _line_bytes(files: list[Path]) -> int:
    """Tell how long a line of JSON files may be."""
    packed = any(file.suffix == ".zst" for file in files)
    plain = (file.stat().st_size for file in files if file.suffix == ".jsonl")
    return MAX_LINE_BYTES if packed else min(MAX_LINE_BYTES, max(plain, default=0))


def fetch(connection: duckdb.DuckDBPyConnection, sql: str, **values: object) -> list[Row]:
    """Ask a query with named parameters; its rows by the names of their columns."""
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def grouped(rows: list[Row], column: str) -> Mapping[str, list[Row]]:
    """Sort rows into lists by the value of a column; their order stays."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups


def _add_view(
    connection: duckdb.DuckDBPyConnection, name: str, files: list[Path], columns: pa.Schema
) -> None:
    if not files:
        connection.register(name, columns.empty_table())
        return
    listed = "[" + ", ".join(quote(str(file)) for file in files) + "]"
    if files[0].suffix == ".parquet":
        source = f"read_parquet({listed})"
    else:
        types = ", ".join(f"{quote(f.name)}: '{_SQL_TYPES[f.type]}'" for f in columns)
        longest = max(LONG_LINE_BYTES, _line_bytes(files))
        source = (
            f"read_json({listed}, columns={{{types}}}, format='newline_delimited',"
            f" maximum_object_size={longest})"
        )
    connection.sql(f"FROM {source}").create_view(name)


def quote(text: str) -> str:
    """Write a text as SQL does."""
    return "'" + text.replace("'", "''") + "'"
