"""SQL over the files of frames: DuckDB reads them where they lie, and spills what it sorts."""

from collections.abc import Callable, Generator, Mapping
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from dedup.engines.files import Rows, conform
from dedup.errors import TooLittleMemory

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

QUERY_ROWS = 1 << 15
"""Rows of a batch that a query yields: a stage that takes them is done with the last at once."""

Tables = Mapping[str, Callable[["DuckDBPyConnection", str], None]]
"""What makes each table that a query names readable on its connection."""


def rows_shown(frames: Mapping[str, Rows]) -> Tables:
    """Show a query rows in IPC files."""
    return {table: partial(_show, rows=rows) for table, rows in frames.items()}


def ask(
    connection: "DuckDBPyConnection", sql: str, schema: pa.Schema, tables: Tables, *, threads: int
) -> Generator[pa.RecordBatch]:
    """Ask a query, once more by one thread where several have not memory enough.

    Parameters
    ----------
    schema: of what it yields. tables: those that it names.

    Raises
    ------
    KeyboardInterrupt: a signal came while DuckDB worked.
    TooLittleMemory: one thread has not enough, either.
    duckdb.Error: the query cannot be run.
    """
    import duckdb  # noqa: PLC0415 - 0.2 s that a run without queries need not pay

    n_batches = 0
    for n_threads in dict.fromkeys((threads, 1)):
        connection.execute(f"SET threads = {n_threads}")
        try:
            for batch in _answers(connection, sql, tables):
                n_batches += 1
                yield conform(batch, schema)
        except duckdb.OutOfMemoryException as error:
            if n_batches or n_threads == 1:
                raise TooLittleMemory(
                    "what --memory leaves for sorting and joining is not enough; give more"
                ) from error
        except (RuntimeError, duckdb.Error) as error:
            # DuckDB meets the exception of a signal's handler, and raises one of its own, in
            # more than one wording
            if "interrupted" in str(error).lower():
                raise KeyboardInterrupt from error
            raise
        else:
            return


def _answers(
    connection: "DuckDBPyConnection", sql: str, tables: Tables
) -> Generator[pa.RecordBatch]:
    try:
        for table, show in tables.items():
            show(connection, table)
        reader = connection.sql(sql).to_arrow_reader(QUERY_ROWS)
        # what Arrow is done with it keeps for itself, though the rows to come need room
        pa.default_memory_pool().release_unused()
        yield from reader
    finally:
        for table in tables:
            connection.unregister(table)


def _show(connection: "DuckDBPyConnection", table: str, *, rows: Rows) -> None:
    import pyarrow.dataset as ds  # noqa: PLC0415 - as above
    from pyarrow.fs import LocalFileSystem  # noqa: PLC0415

    # mapped, files are read where they lie: a copy of what a sort takes in is 300 MB
    disk = LocalFileSystem(use_mmap=True)
    files = [str(part.path) for part in rows.parts]
    # DuckDB filters what a scanner yields; a dataset is told to, and copies up to a gigabyte of
    # rows ahead
    found = ds.dataset(files, rows.schema, format="ipc", filesystem=disk)
    connection.register(table, found.scanner())
