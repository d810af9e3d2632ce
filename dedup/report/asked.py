"""Questions to a finished result: its manifest, and rows by SQL; what is damaged is told so."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dedup.errors import BadInput, DedupError
from dedup.report.manifest import Command, read_manifest
from dedup.report.output import disk_is_full
from dedup.report.result import Row, fetch, open_results

WRITTEN: Mapping[Command, tuple[tuple[str, ...], ...]] = {
    "clean": (("documents", "blocks", "clusters"),),
    "find": (("clusters",), ("passages",)),
}
"""The tables of a result, by its command; one of the groups is whole."""


@contextmanager
def ask_results(folders: Mapping[str, Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open finished results for questions, as result.open_results does.

    Raises
    ------
    BadInput: a folder is no result of this version, a table of it is missing, or a file that is
        read is damaged; also while the context lasts.
    """
    for folder in folders.values():
        _check_tables(folder, read_manifest(folder).command)
    try:
        with open_results(folders) as connection:
            yield connection
    except (duckdb.Error, RuntimeError) as error:
        if "interrupted" in str(error).lower():
            raise KeyboardInterrupt from error
        if not isinstance(error, duckdb.Error):
            raise
        if disk_is_full(error):
            raise DedupError("no space is left on the disk for intermediate files") from error
        named = [str(f) for f in folders.values() if f"{f}/" in str(error)]
        what = named[0] if named else " or ".join(map(str, folders.values()))
        # the first line says it; what follows is DuckDB's help for who wrote the SQL
        said = str(error).splitlines()[0]
        raise BadInput(what, f"a table is damaged, or of another version: {said}") from error


def _check_tables(folder: Path, command: Command) -> None:
    groups = WRITTEN[command]
    missing = [[n for n in group if not any((folder / n).glob("part-*"))] for group in groups]
    if all(missing):
        raise BadInput(str(folder), f"its table {missing[0][0]}/ is missing")


def first_row(connection: duckdb.DuckDBPyConnection, sql: str, **values: object) -> Row | None:
    """Ask for the first row, None if there is none."""
    found = fetch(connection, sql, **values)
    return found[0] if found else None
