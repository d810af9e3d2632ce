"""The tables of a result, each written as soon as it is listed, beside the stages that follow."""

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from dedup import schema
from dedup.engines.base import Engine, Frame
from dedup.pipeline.jobs import Listed
from dedup.report.tables import Written, write_table
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

    def write(name: str, frame: Frame) -> Written:
        batches = _until(stopped, engine.batches(frame))
        return write_table(batches, TABLES[name], folder / name, format_)

    stopped = threading.Event()
    if threads == 1:
        yield write
        return
    writing: list[Future[Written]] = []
    with ThreadPoolExecutor(threads) as pool:
        try:
            yield lambda name, frame: writing.append(pool.submit(write, name, frame))
            for table in writing:
                table.result()
        except BaseException:
            stopped.set()
            raise


def _until(stopped: threading.Event, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield batches until nobody wants the table any more."""
    for batch in batches:
        if stopped.is_set():
            return
        yield batch
