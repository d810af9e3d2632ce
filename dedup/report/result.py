"""A written result, opened for SQL: its tables by their names, and `rejected`."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from dedup import schema
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

MEMORY = "2GB"
"""DuckDB reserves (and does not touch) twice MAX_LINE_BYTES to read JSON lines."""

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
def open_result(folder: Path, *, threads: int = 1) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the tables of a result as views of a DuckDB; a table that was not written is empty.

    Nothing is copied: a query reads what it needs of the files.
    """
    with open_results({"": folder}, threads=threads) as connection:
        yield connection


@contextmanager
def open_results(
    folders: Mapping[str, Path], *, threads: int = 1
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open several results in one DuckDB; their views have names that end in the keys.

    With the keys "_a" and "_b" there are views `blocks_a` and `blocks_b`, and so on.
    """
    if any(map(_holds_much_json, folders.values())):
        threads = 1  # each would reserve twice what one line may take
    with (
        TemporaryDirectory(prefix="dedup-") as spill,
        duckdb.connect(
            config={"memory_limit": MEMORY, "threads": threads, "temp_directory": spill}
        ) as connection,
    ):
        for end, folder in folders.items():
            for name, columns in TABLES.items():
                files = sorted((folder / name).glob("part-*"))
                _add_view(connection, name + end, files, columns)
            rejected = folder / "rejected.jsonl"
            files = [rejected] if rejected.exists() else []
            _add_view(connection, "rejected" + end, files, REJECTED_RECORDS)
        yield connection


def _holds_much_json(folder: Path) -> bool:
    """Tell whether more than one thread would read JSON lines of a result at once."""
    rejected = folder / "rejected.jsonl"
    return any(folder.glob("*/part-*.jsonl.zst")) or (
        rejected.exists() and rejected.stat().st_size > 2 * MAX_LINE_BYTES
    )


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
        source = (
            f"read_json({listed}, columns={{{types}}}, format='newline_delimited',"
            f" maximum_object_size={MAX_LINE_BYTES})"
        )
    connection.sql(f"FROM {source}").create_view(name)


def quote(text: str) -> str:
    """Write a text as SQL does."""
    return "'" + text.replace("'", "''") + "'"
