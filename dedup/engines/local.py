"""The engine for one machine: worker processes, memory-mapped files, DuckDB."""

import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa

from dedup.engines.base import Beside, Connect, Observer, Progress, Read, Shard, Sieve, Stage
from dedup.engines.files import (
    IndexedRows,
    Part,
    cut_beside,
    cut_rows,
    cut_whole,
    gather,
    index_rows,
    look_up,
    open_part,
    read_batches,
    read_table,
    write_part,
    write_parts,
)
from dedup.engines.workers import read_task, run_ordered, start_workers, stop_workers, write_task

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

QUERY_ROWS = 1 << 17
"""Rows of a batch that a query yields."""

WHOLE_ROWS = 1 << 14
"""Rows of a batch whose groups are whole, but for a larger group: stages pair within groups."""

SCAN_BYTES = 8 << 20
"""Batches of a scan are joined until they hold so much: a file may be one small page."""

BESIDE_BYTES = 32 << 20
"""A stage gets about so much of a second table at once."""

Source: TypeAlias = pa.RecordBatch | tuple[Part, int] | Path
"""A batch, where one stands in a frame's file, or the file of one alone, gone once it is read."""

COMPONENTS = pa.schema(
    [
        pa.field("key", pa.int64(), nullable=False),
        pa.field("component", pa.int64(), nullable=False),
    ]
)


@dataclass(frozen=True)
class LocalFrame:
    """Batches in files of the engine's folder, or a scan that has yet to be read."""

    schema: pa.Schema
    parts: tuple[Part, ...] = ()
    scan: "Scan | None" = None


@dataclass(frozen=True)
class Scan:
    """Shards and how to read them."""

    shards: tuple[Any, ...]
    read: Read[Any]
    sizes: tuple[int, ...]


class LocalEngine:
    """Runs stages on this machine. Use it as a context: its files go when it ends.

    Parameters
    ----------
    workers: processes; with one, stages run in this process.
    memory_bytes: what DuckDB may hold before it spills.
    temp: where files of the run go; the system's folder for them if None.
    observe: called after each batch and at the end of each stage.
    """

    def __init__(
        self,
        *,
        workers: int = 1,
        memory_bytes: int = 1 << 30,
        temp: Path | None = None,
        observe: Observer | None = None,
    ) -> None:
        self._workers = workers
        self._memory_bytes = memory_bytes
        self._observe = observe or (lambda _: None)
        self._folder = Path(tempfile.mkdtemp(prefix="dedup-", dir=temp))
        self._pool: ProcessPoolExecutor | None = None
        self._connection: DuckDBPyConnection | None = None
        self._count = 0
        self._scanned = 0

    def __enter__(self) -> "LocalEngine":
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if self._pool is not None:
            stop_workers(self._pool, at_once=error is not None)
        if self._connection is not None:
            self._connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def scan(
        self, shards: Sequence[Shard], read: Read[Shard], *, sizes: Sequence[int]
    ) -> LocalFrame:
        """See Engine.scan; batches are read in this process while workers work on earlier ones."""
        return LocalFrame(pa.schema([]), scan=Scan(tuple(shards), read, tuple(sizes)))

    def frame(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> LocalFrame:
        """See Engine.frame."""
        return LocalFrame(schema, tuple(write_parts(batches, schema, *self._next("frame"))))

    def batches(self, frame: LocalFrame) -> Iterator[pa.RecordBatch]:
        """See Engine.batches."""
        if frame.scan is None:
            yield from read_batches(frame.parts)
        else:
            self._scanned = 0
            for shard, size in zip(frame.scan.shards, frame.scan.sizes, strict=True):
                yield from frame.scan.read(shard)
                self._scanned += size

    def table(self, frame: LocalFrame) -> pa.Table:
        """Read a frame into memory, where it outlives the engine."""
        return read_table(frame.parts, frame.schema)

    def map(
        self,
        frame: LocalFrame,
        stage: Stage,
        schema: pa.Schema,
        *,
        name: str,
        whole: str | None = None,
        beside: Beside[LocalFrame] | None = None,
    ) -> LocalFrame:
        """See Engine.map; each batch makes one part file."""
        folder, label = self._next(name)
        index = (
            index_rows(
                beside.frame.parts, beside.frame.schema, beside.key, beside.columns, folder / label
            )
            if beside
            else None
        )
        task = MapTask(stage, schema, index, beside.by if beside else ())
        return LocalFrame(schema, tuple(self._run(name, task, self._sources(frame, whole), frame)))

    def stream(
        self, frame: LocalFrame, stage: Stage, schema: pa.Schema, *, name: str
    ) -> Iterator[pa.RecordBatch]:
        """Apply `stage` to each batch and yield what it makes, in order, as it comes."""
        task = MapTask(stage, schema, None, ())
        for part in self._run(name, task, self._sources(frame, None), frame):
            yield from read_batches([part])
            part.path.unlink()

    def query(
        self, sql: str, schema: pa.Schema, *, name: str, frames: Mapping[str, LocalFrame]
    ) -> LocalFrame:
        """See Engine.query; DuckDB spills to the engine's folder."""
        import pyarrow.dataset as ds  # noqa: PLC0415 - 0.1 s that a run without queries need not pay

        folder, label = self._next(name)
        began = time.perf_counter()
        connection = self._database()
        try:
            for table, frame in frames.items():
                files = [str(part.path) for part in frame.parts]
                connection.register(table, ds.dataset(files, frame.schema, format="ipc"))
            reader = connection.sql(sql).to_arrow_reader(QUERY_ROWS)
            batches = (conform(batch, schema) for batch in reader)
            parts = tuple(write_parts(batches, schema, folder, label))
        finally:
            for table in frames:
                connection.unregister(table)
        taken = [part for frame in frames.values() for part in frame.parts]
        self._observe(_whole_progress(name, taken, parts, began))
        return LocalFrame(schema, parts)

    def sift(self, frame: LocalFrame, column: str, sieve: Sieve, *, name: str) -> LocalFrame:
        """See Engine.sift; counters take up to a quarter of the memory."""
        began = time.perf_counter()
        folder, label = self._next(name)
        n_rows = sum(part.n_rows for part in frame.parts)
        counters = sieve.make(n_rows, self._memory_bytes // 4)
        for batch in read_batches(frame.parts):
            sieve.mark(batch.column(column).to_numpy(), counters)
        kept = (
            batch.filter(pa.array(sieve.test(batch.column(column).to_numpy(), counters)))
            for batch in read_batches(frame.parts)
        )
        parts = tuple(write_parts(kept, frame.schema, folder, label))
        self._observe(_whole_progress(name, frame.parts, parts, began))
        return LocalFrame(frame.schema, parts)

    def components(self, pairs: LocalFrame, connect: Connect) -> LocalFrame:
        """See Engine.components; the ends of all pairs are held in memory."""
        ends = [(b.column("a"), b.column("b")) for b in read_batches(pairs.parts)]
        a, b = (
            np.concatenate([np.zeros(0, np.int64), *(column.to_numpy() for column in side)])
            for side in (list(zip(*ends, strict=True)) or [(), ()])
        )
        keys, component = connect(a, b)
        table = pa.table([keys, component], schema=COMPONENTS)
        return self.frame(table.to_batches(QUERY_ROWS), COMPONENTS)

    def _next(self, name: str) -> tuple[Path, str]:
        self._count += 1
        return self._folder, f"{self._count:03d}-{name.replace(' ', '-')}"

    def _database(self) -> "DuckDBPyConnection":
        """Connect to DuckDB, once: that takes as long as a small query."""
        import duckdb  # noqa: PLC0415 - 0.1 s that a run without queries need not pay

        if self._connection is None:
            config = {
                "threads": str(self._workers),
                "memory_limit": f"{self._memory_bytes}B",
                "temp_directory": str(self._folder / "spill"),
                "preserve_insertion_order": "false",
            }
            self._connection = duckdb.connect(":memory:", config=config)
        return self._connection

    def _sources(self, frame: LocalFrame, whole: str | None) -> Iterator[Any]:
        """Yield each batch, or (part, number) where it stands in a file."""
        if whole is not None:
            yield from cut_whole(cut_rows(self.batches(frame), WHOLE_ROWS), whole)
        elif frame.scan is None:
            for part in frame.parts:
                for number in range(part.n_batches):
                    yield part, number
        else:
            yield from gather(self.batches(frame), SCAN_BYTES)

    def _run(
        self, name: str, task: "MapTask", sources: Iterable[Source], frame: LocalFrame
    ) -> Iterator[Part]:
        began = time.perf_counter()
        rows = n_bytes = rows_out = bytes_out = 0
        for rows_in, bytes_in, part in self._run_tasks(name, task, sources):
            rows += rows_in
            n_bytes += bytes_in
            rows_out += part.n_rows
            bytes_out += part.n_bytes
            spent = time.perf_counter() - began
            fraction = self._fraction(frame, n_bytes)
            self._observe(Progress(name, rows, n_bytes, fraction, spent, rows_out, bytes_out))
            yield part
        spent = time.perf_counter() - began
        self._observe(Progress(name, rows, n_bytes, 1.0, spent, rows_out, bytes_out, done=True))

    def _fraction(self, frame: LocalFrame, n_bytes: int) -> float | None:
        if frame.scan is None:
            total, done = sum(part.n_bytes for part in frame.parts), n_bytes
        else:
            total, done = sum(frame.scan.sizes), self._scanned
        return min(done / total, 1.0) if total and done else None

    def _run_tasks(
        self, name: str, task: "MapTask", sources: Iterable[Source]
    ) -> Iterator[tuple[int, int, Part]]:
        """Run a task for each source in workers, or here if there is only one of either."""
        folder, label = self._next(name)
        rest = iter(sources)
        first = list(islice(rest, 2))
        every = (
            (source, folder / f"{label}-{number:06d}.arrow")
            for number, source in enumerate(chain(first, rest))
        )
        if self._workers == 1 or len(first) < 2:
            yield from run_ordered(None, partial(_map, task), every, n_workers=1)
            return
        if self._pool is None:
            self._pool = start_workers(self._workers)
        run = partial(_map_task, write_task(task, folder / f"{label}.task"))
        sent = ((_in_file(source, path), path) for source, path in every)
        yield from run_ordered(self._pool, run, sent, n_workers=self._workers)


@dataclass(frozen=True)
class MapTask:
    """A stage and all that each call of it needs but for its batch.

    schema: of what it makes.
    index, by: the rows beside a batch, and its columns that name them.
    """

    stage: Stage
    schema: pa.Schema
    index: IndexedRows | None
    by: tuple[str, ...]


def _whole_progress(
    name: str, taken: Sequence[Part], made: Sequence[Part], began: float
) -> Progress:
    """Tell of a stage that is done in one go."""
    return Progress(
        stage=name,
        rows=sum(part.n_rows for part in taken),
        n_bytes=sum(part.n_bytes for part in taken),
        fraction=1.0,
        seconds=time.perf_counter() - began,
        rows_out=sum(part.n_rows for part in made),
        bytes_out=sum(part.n_bytes for part in made),
        done=True,
    )


def _in_file(source: Source, beside: Path) -> Source:
    """Write a batch to a file, as which it travels to another process."""
    if not isinstance(source, pa.RecordBatch):
        return source
    path = beside.with_suffix(".batch")
    write_part([source], source.schema, path)
    return path


def _load(source: Source) -> pa.RecordBatch:
    if isinstance(source, pa.RecordBatch):
        return source
    if isinstance(source, Path):
        batch = pa.ipc.open_file(pa.memory_map(str(source))).get_batch(0)
        source.unlink()
        return batch
    part, number = source
    return open_part(part).get_batch(number)


def _map_task(task_file: Path, source: Source, path: Path) -> tuple[int, int, Part]:
    return _map(read_task(task_file), source, path)


def _map(task: MapTask, source: Source, path: Path) -> tuple[int, int, Part]:
    batch = _load(source)
    part = write_part(_apply(task, batch), task.schema, path)
    return batch.num_rows, batch.get_total_buffer_size(), part


def _apply(task: MapTask, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    if task.index is None:
        yield task.stage(batch)
        return
    for piece in cut_beside(batch, task.by, task.index, BESIDE_BYTES):
        wanted = np.concatenate([piece.column(column).to_numpy() for column in task.by])
        yield task.stage(piece, look_up(task.index, wanted))


def conform(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Give a query's batch the types and names of `schema`, column by name."""
    columns = [batch.column(field.name).cast(field.type) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
