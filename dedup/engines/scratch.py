"""Queries within a step: what they make lies in files that no other step takes."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow as pa

from dedup.engines.files import Rows, read_batches, write_part
from dedup.engines.queries import Attempt, ask, attempts, first_enough, rows_shown
from dedup.engines.stars import connect_stars

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Scratch:
    """Asks queries one after the other; each writes one file of a folder."""

    def __init__(self, connection: "DuckDBPyConnection", folder: Path, *, threads: int) -> None:
        self._connection = connection
        self._folder = folder
        self._threads = threads
        self._count = 0

    def query(self, sql: str, schema: pa.Schema, *, name: str, frames: Mapping[str, Rows]) -> Rows:
        """See Engine.query."""
        self._count += 1
        path = self._folder / f"{self._count:03d}-{name.replace(' ', '-')}.arrow"
        tables = rows_shown(frames)

        def write(attempt: Attempt) -> Rows:
            # what is left of a query that is stopped needs its connection to end
            with closing(ask(self._connection, sql, schema, tables, attempt)) as rows:
                return Rows(schema, (write_part(rows, schema, path),))

        return first_enough(partial(write, attempt) for attempt in attempts(self._threads))

    def batches(self, frame: Rows) -> Iterator[pa.RecordBatch]:
        """See Engine.batches."""
        return read_batches(frame.parts)

    def drop(self, *frames: Rows) -> None:
        """See Engine.drop."""
        for frame in frames:
            for part in frame.parts:
                part.path.unlink()


def connect_out_of_core(
    database: Callable[[], "DuckDBPyConnection"], pairs: Rows, folder: Path, *, threads: int
) -> Generator[pa.RecordBatch]:
    """Connect the columns `a` and `b` of pairs by queries: COMPONENTS, sorted by key."""
    with TemporaryDirectory(dir=folder) as place:
        scratch = Scratch(database(), Path(place), threads=threads)
        yield from scratch.batches(connect_stars(scratch, pairs))
