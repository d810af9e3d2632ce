"""SQL over the files of frames: DuckDB reads them where they lie, and spills what it sorts."""

import errno
import os
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa

from dedup.engines.files import Rows, conform
from dedup.errors import TooLittleMemory

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

T = TypeVar("T")

_SPILL_LIMIT = "max_temp_directory_size"
"""DuckDB's bound for what it spills, the free space of the disk: it tells of it as of memory."""

QUERY_ROWS = 1 << 15
"""Rows of a batch that a query yields: a stage that takes them is done with the last at once."""

Tables = Mapping[str, Callable[["DuckDBPyConnection", str], None]]
"""What makes each table that a query names readable on its connection."""


def rows_shown(frames: Mapping[str, Rows]) -> Tables:
    """Show a query rows in IPC files."""
    return {table: partial(_show, rows=rows) for table, rows in frames.items()}


@dataclass(frozen=True)
class Attempt:
    """How a query is asked: by how many threads, and whether all joins are made on disk.

    What DuckDB takes for small enough to join in memory may not be, beside what else it holds.
    """

    threads: int = 1
    on_disk: bool = False


def attempts(threads: int) -> list[Attempt]:
    """List how a query is asked, one after the other, while memory is not enough."""
    return list(dict.fromkeys([Attempt(threads), Attempt(1), Attempt(1, on_disk=True)]))


def first_enough(makers: Iterable[Callable[[], T]]) -> T:
    """Give what the first of these makes that has memory enough.

    Raises
    ------
    TooLittleMemory: the last has not.
    """
    *others, last = makers
    for make in others:
        with suppress(TooLittleMemory):
            return make()
    return last()


def ask(
    connection: "DuckDBPyConnection", sql: str, schema: pa.Schema, tables: Tables, attempt: Attempt
) -> Generator[pa.RecordBatch]:
    """Ask a query.

    Parameters
    ----------
    schema: of what it yields. tables: those that it names.

    Raises
    ------
    KeyboardInterrupt: a signal came while DuckDB worked.
    TooLittleMemory: also after some of the rows.
    OSError: the disk is full, or a file cannot be read. duckdb.Error: the query cannot be run.
    """
    import duckdb  # noqa: PLC0415 - 0.2 s that a run without queries need not pay

    connection.execute(f"SET threads = {attempt.threads}")
    connection.execute(f"SET debug_force_external = {str(attempt.on_disk).lower()}")
    try:
        for batch in _answers(connection, sql, tables):
            yield conform(batch, schema)
    except (duckdb.Error, RuntimeError, OSError) as error:
        # what ends a query between two batches comes by Arrow, as an OSError; and DuckDB meets
        # the exception of a signal's handler, and raises one of its own, in more than one wording
        said = str(error).lower()
        if said.startswith("out of memory error") and _SPILL_LIMIT in said:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        if said.startswith("out of memory error"):
            raise TooLittleMemory(
                "what --memory leaves for sorting and joining is not enough; give more"
            ) from error
        if said.startswith(("interrupt error", "query interrupted")):
            raise KeyboardInterrupt from error
        raise


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
