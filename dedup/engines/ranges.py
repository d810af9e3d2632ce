"""Sort rows by a number, however many they are: into ranges of it first, then each range.

A database sorts wide rows out of memory, too, but merges all that it has sorted at once: with each
run of it one more row must be in memory, and rows with texts are large.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.engines.files import Part, cut_rows, gather, joined, read_batches
from dedup.engines.queries import QUERY_ROWS

RANGE_BYTES = 48 << 20
"""Rows of a range: at most about twice so many are held at once, and once more in their order."""

MOST_RANGES = 400
"""Each range has an open file; of more rows than these hold, ranges are sorted by ranges again."""

SAMPLE = 1 << 18
"""Of so many numbers the bounds of ranges are taken."""

Numbers = npt.NDArray[np.int64]


def sort_rows(
    parts: Sequence[Part], schema: pa.Schema, by: str, folder: Path
) -> Generator[pa.RecordBatch]:
    """Sort the rows of parts.

    Parameters
    ----------
    schema: of the parts. by: a column of int64 without nulls, no two the same, that is left out of
        what is yielded.
    folder: a new folder for files of the same size as the parts.

    Yields
    ------
    Batches of QUERY_ROWS rows, the last of each range fewer.
    """
    bounds = range_bounds(parts, by)
    if not len(bounds):
        yield from _sorted(list(read_batches(parts)), by)
        return
    folder.mkdir()
    n_rows = sum(part.n_rows for part in parts)
    batches = gather(read_batches(parts), RANGE_BYTES)
    for part in distribute(batches, by, bounds, folder, schema):
        if part.n_bytes > 2 * RANGE_BYTES and part.n_rows < n_rows:
            yield from sort_rows([part], schema, by, part.path.with_suffix(".ranges"))
        else:
            yield from _sorted(list(read_batches([part])), by)
        part.path.unlink()
    folder.rmdir()


def range_bounds(parts: Sequence[Part], by: str) -> Numbers:
    """Choose numbers between which about equally many rows stand, by a sample.

    Returns
    -------
    int64[ranges - 1], ascending.
    """
    n_ranges = min(-(-sum(part.n_bytes for part in parts) // RANGE_BYTES), MOST_RANGES)
    seen = (batch.column(by).to_numpy() for batch in read_batches(parts))
    return bounds_between(seen, sum(part.n_rows for part in parts), n_ranges)


def bounds_between(seen: Iterable[Numbers], n_rows: int, n_ranges: int) -> Numbers:
    """Choose bounds of ranges by a sample of the numbers that are seen, n_rows in all."""
    step = max(1, n_rows // SAMPLE)
    taken = [numbers[::step].copy() for numbers in seen]
    sample = np.sort(np.concatenate([np.zeros(0, np.int64), *taken]))
    if n_ranges < 2 or not len(sample):
        return sample[:0]
    return np.unique(sample[np.arange(1, n_ranges) * len(sample) // n_ranges])


def distribute(
    batches: Iterable[pa.RecordBatch], by: str, bounds: Numbers, folder: Path, schema: pa.Schema
) -> list[Part]:
    """Write each row to the file of its range: one file more than there are bounds."""
    n_files = len(bounds) + 1
    paths = [folder / f"{number:03d}" for number in range(n_files)]
    sizes = np.zeros((n_files, 3), np.int64)  # of each file, batches, rows and bytes
    with ExitStack() as stack:
        opened = [stack.enter_context(pa.OSFile(str(path), "wb")) for path in paths]
        files = [stack.enter_context(pa.ipc.new_file(file, schema)) for file in opened]
        for batch in batches:
            places = np.searchsorted(bounds, batch.column(by).to_numpy(), side="right")
            rows = batch.take(pa.array(np.argsort(places, kind="stable")))
            begin = 0
            for number, n_rows in enumerate(np.bincount(places, minlength=n_files).tolist()):
                if n_rows:
                    some = rows.slice(begin, n_rows)
                    files[number].write_batch(some)
                    sizes[number] += 1, n_rows, some.nbytes
                    begin += n_rows
    return [Part(path, *size) for path, size in zip(paths, sizes.tolist(), strict=True)]


def _sorted(batches: list[pa.RecordBatch], by: str) -> Iterator[pa.RecordBatch]:
    if not batches:
        return
    rows = joined(batches)
    batches.clear()
    order = np.argsort(rows.column(by).to_numpy())
    rows = rows.drop_columns([by]).take(pa.array(order))
    yield from cut_rows([rows], QUERY_ROWS)
