"""The tables of a result, each written as soon as it is listed, beside the stages that follow."""

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pyarrow as pa

from dedup import schema
from dedup.engines.base import Engine, Frame, PartFiles
from dedup.pipeline.jobs import Listed
from dedup.report.row_groups import GroupSize, row_sizes
from dedup.report.tables import (
    PART_BYTES,
    Written,
    part_ends,
    part_name,
    write_part,
    write_table,
)
from dedup.settings import TableFormat

TABLES = {
    "documents": schema.DOCUMENTS_OUT,
    "blocks": schema.BLOCKS_OUT,
    "clusters": schema.CLUSTERS_OUT,
    "pairs": schema.PAIRS_OUT,
    "passages": schema.PASSAGES_OUT,
}


@contextmanager
def open_tables(
    engine: Engine[Frame], folder: Path, format_: TableFormat, *, threads: int
) -> Iterator[Listed[Frame]]:
    """Give a function that writes a table of a result into its folder; all are there at the end.

    Parameters
    ----------
    threads: so many tables are written at once, while the caller goes on; with one thread the
        caller waits for each.

    Raises
    ------
    OSError: the folder cannot be written.
    """

    def write(name: str, frame: Frame) -> None:
        engine.write(frame, folder / name, _files(TABLES[name], format_, stopped))

    stopped = threading.Event()
    if threads == 1:
        yield write
        return
    writing: list[Future[None]] = []
    with ThreadPoolExecutor(threads) as pool:
        try:
            yield lambda name, frame: writing.append(pool.submit(write, name, frame))
            for table in writing:
                table.result()
        except BaseException:
            stopped.set()
            raise


def _files(columns: pa.Schema, format_: TableFormat, stopped: threading.Event) -> PartFiles:
    """Say how a table is written: here, until nobody wants it any more, or by tasks elsewhere."""
    size = GroupSize()

    def write(batches: Iterator[pa.RecordBatch], folder: Path) -> Written:
        wanted = _until(stopped, batches)
        return write_table(wanted, columns, folder, format_, group_size=size, part_bytes=PART_BYTES)

    return PartFiles(
        write=write,
        measure=partial(row_sizes, schema=columns),
        cut=partial(part_ends, size=size, part_bytes=PART_BYTES),
        write_one=partial(write_part, schema=columns, format_=format_, group_size=size),
        name=partial(part_name, format_=format_),
    )


def _until(stopped: threading.Event, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield batches until nobody wants the table any more."""
    for batch in batches:
        if stopped.is_set():
            return
        yield batch
