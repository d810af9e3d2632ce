"""SQL over the files of frames: DuckDB reads them where they lie, and spills what it sorts."""

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from dedup.engines.files import conform
from dedup.errors import TooLittleMemory

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

QUERY_ROWS = 1 << 15
"""Rows of a batch that a query yields: a stage that takes them is done with the last at once."""

Tables = Mapping[str, tuple[pa.Schema, Sequence[Path]]]


def ask(
    connection: "DuckDBPyConnection", sql: str, schema: pa.Schema, tables: Tables, *, threads: int
) -> Generator[pa.RecordBatch]:
    """Ask a query, once more by one thread where several have not memory enough.

    Parameters
    ----------
    schema: of what it yields. tables: schema and IPC files of each that it names.

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
    import pyarrow.dataset as ds  # noqa: PLC0415 - as above
    from pyarrow.fs import LocalFileSystem  # noqa: PLC0415

    # mapped, files are read where they lie: a copy of what a sort takes in is 300 MB
    disk = LocalFileSystem(use_mmap=True)
    try:
        for table, (schema, paths) in tables.items():
            files = [str(path) for path in paths]
            rows = ds.dataset(files, schema, format="ipc", filesystem=disk)
            # DuckDB filters what a scanner yields; a dataset is told to, and copies up to a
            # gigabyte of rows ahead
            connection.register(table, rows.scanner())
        reader = connection.sql(sql).to_arrow_reader(QUERY_ROWS)
        # what Arrow is done with it keeps for itself, though the rows to come need room
        pa.default_memory_pool().release_unused()
        yield from reader
    finally:
        for table in tables:
            connection.unregister(table)
