"""Rows of a table in its order, from some place on: until a page is full, or time is over."""

import threading
import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from dedup.explore.tables import Slice, Table
from dedup.report.result import Row, fetch, quote

QUICK_SECONDS = 0.08
"""If row groups take less, twice as many are asked at once: few calls, and time is kept."""

SHARE = 0.6
"""Of the time that a page may take, that of its search; the rest is for names and HTML."""


@dataclass(frozen=True)
class Found:
    """A page of rows that were searched for.

    following: the place from which the search goes on; None if nothing is left.
    searched: place up to which rows were looked at, of `total`; where `full`, the page is.
    """

    rows: tuple[Row, ...]
    following: int | None
    searched: int
    total: int
    full: bool


@dataclass(frozen=True)
class Bounds:
    """Where a search begins, how many rows it wants, and when it stops at the latest."""

    start: int = 0
    limit: int = 50
    seconds: float = 1


def scan(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    sql: str,
    values: Mapping[str, object],
    bounds: Bounds,
) -> Found:
    """Find the first rows from `bounds.start` on that `sql` selects.

    Parameters
    ----------
    sql: a query of `{rows}`, the table's rows with their `position`; it gives a `position` too,
        which tells the order.
    values: the query's parameters, by name.
    """
    ends = time.monotonic() + SHARE * bounds.seconds
    rows: list[Row] = []
    reached, size = min(bounds.start, table.rows), 1
    while reached < table.rows and len(rows) <= bounds.limit:
        begun = time.monotonic()
        if begun > ends and reached > bounds.start:
            break
        run = _run(table, reached, size)
        rows += _ask(connection, run, sql, values, bounds, len(rows))
        reached = run[-1].position + run[-1].rows
        if time.monotonic() - begun < QUICK_SECONDS:
            size *= 2
    full = len(rows) > bounds.limit
    if full:
        reached = rows[bounds.limit]["position"]
    following = reached if reached < table.rows else None
    return Found(tuple(rows[: bounds.limit]), following, reached, table.rows, full)


def _run(table: Table, reached: int, size: int) -> Sequence[Slice]:
    """Give the next slices, at most `size` and of one file."""
    first = bisect_right(table.slices, reached, key=lambda each: each.position) - 1
    run = table.slices[first : first + size]
    return [each for each in run if each.path == run[0].path]


def _ask(
    connection: duckdb.DuckDBPyConnection,
    run: Sequence[Slice],
    sql: str,
    values: Mapping[str, object],
    bounds: Bounds,
    n_found: int,
) -> list[Row]:
    first, end = run[0], run[-1].first + run[-1].rows
    begin = first.first + max(0, bounds.start - first.position)
    source = (
        f"(SELECT *, file_row_number + {first.position - first.first} AS position"
        f" FROM read_parquet({quote(first.path)}, file_row_number=true)"
        f" WHERE file_row_number >= {begin} AND file_row_number < {end})"
    )
    whole = f"FROM ({sql.replace('{rows}', source)}) ORDER BY position LIMIT $wanted"
    return fetch(connection, whole, **values, wanted=bounds.limit + 1 - n_found)


@contextmanager
def time_limit(cursor: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupt whatever the cursor still does after some seconds.

    Raises
    ------
    duckdb.InterruptException: it was interrupted.
    """
    timer = threading.Timer(seconds, cursor.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
