"""Queries over little: DuckDB asks them in one task, of the files where they lie."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from functools import partial
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

import fsspec
import pyarrow as pa

from dedup.engines.queries import Attempt, ask, attempts, first_enough
from dedup.engines.spark_files import File
from dedup.engines.spark_tasks import Inputs, Made, MapTask, run_task, scratch_folder
from dedup.errors import TooLittleMemory

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

QUERY_BYTES = 512 << 20
"""What DuckDB may hold in a task before it spills."""

Files = Mapping[str, tuple[pa.Schema, tuple[File, ...]]]
"""Schema and files of each table of a query."""


def asked_bytes(sql: str, tables: Files) -> int:
    """Add up the bytes of the columns that a query names.

    Examples
    --------
    >>> key, text = pa.field("key", pa.int64()), pa.field("text", pa.string())
    >>> tables = {"pages": (pa.schema([key, text]), (File("1.parquet", (4,), (32, 9000)),))}
    >>> asked_bytes("SELECT key, count(*) AS n FROM pages", tables)
    32
    >>> asked_bytes("SELECT * FROM pages", tables)
    9032
    """
    named = set(re.findall(r"\w+", sql))
    every = re.search(r"(?<!count\()\*", sql, re.IGNORECASE) is not None
    return sum(
        size
        for schema, files in tables.values()
        for file in files
        for name, size in zip(schema.names, file.sizes, strict=True)
        if every or name in named
    )


def run_queries(
    sources: Iterable[Files], *, task: MapTask, sql: str, n_bytes: int
) -> Iterator[Made]:
    """Ask a query of the tables of each source; runs on an executor.

    Parameters
    ----------
    n_bytes: what DuckDB may hold before it spills.

    Yields
    ------
    What it made; nothing, where so much is not enough.
    """
    for tables in sources:
        answers = partial(_answers, tables, sql, task.makes, n_bytes)
        makers = (partial(_run, answers, attempt, task) for attempt in attempts(1))
        with suppress(TooLittleMemory):
            yield first_enough(makers)


def _run(answers: Callable[[Attempt], Inputs], attempt: Attempt, task: MapTask) -> Made:
    return run_task(answers(attempt), task)


def _answers(tables: Files, sql: str, schema: pa.Schema, n_bytes: int, attempt: Attempt) -> Inputs:
    shown = {
        table: partial(_show, schema=columns, files=files)
        for table, (columns, files) in tables.items()
    }
    paths = [file.path for _, files in tables.values() for file in files]
    with (
        scratch_folder() as folder,
        closing(_connect(folder, n_bytes, paths)) as connection,
        closing(ask(connection, sql, schema, shown, attempt)) as rows,
    ):
        yield from ((batch,) for batch in rows)


def _connect(folder: Path, n_bytes: int, paths: list[str]) -> "DuckDBPyConnection":
    """Connect to a database that spills into a folder, and reads these paths."""
    import duckdb  # noqa: PLC0415 - 0.1 s that a driver need not pay

    settings = {
        "threads": "1",
        "memory_limit": f"{n_bytes}B",
        "temp_directory": str(folder / "spill"),
        "preserve_insertion_order": "false",
    }
    connection = duckdb.connect(":memory:", config=settings)
    remote = {path.partition("://")[0]: path for path in paths if "://" in path}
    for path in remote.values():
        system, _ = fsspec.url_to_fs(path)
        connection.register_filesystem(system)
    return connection


def _show(
    connection: "DuckDBPyConnection", table: str, *, schema: pa.Schema, files: tuple[File, ...]
) -> None:
    if files:
        # a name on a disk is taken as it is, if it is there; all other addresses are patterns
        paths = [escape(file.path) if "://" in file.path else file.path for file in files]
        rows = connection.read_parquet(paths)
    else:
        rows = connection.from_arrow(schema.empty_table())
    rows.create_view(table, replace=True)
