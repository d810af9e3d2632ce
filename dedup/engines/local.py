"""The engine for one machine: worker processes, memory-mapped files, DuckDB."""

import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dedup.engines.base import (
    COMPONENTS,
    Beside,
    Connect,
    Observer,
    PartFiles,
    Progress,
    Read,
    Scan,
    Shard,
    Sieve,
    Stage,
    Whole,
)
from dedup.engines.connect import PAIR_BYTES, connect_parts
from dedup.engines.files import (
    SCAN_BYTES,
    Part,
    Rows,
    check_there,
    cut_whole,
    gather,
    numbered,
    read_batches,
    read_table,
    sized,
)
from dedup.engines.journal import (
    ENDING,
    NOTHING,
    Done,
    Made,
    Record,
    note_done,
    note_dropped,
    note_step,
    take_up,
)
from dedup.engines.lookup import index_rows
from dedup.engines.parts import write_parts, write_parts_beside
from dedup.engines.queries import Attempt, ask, attempts, first_enough, rows_shown
from dedup.engines.ranges import sort_rows
from dedup.engines.scratch import connect_out_of_core
from dedup.engines.tasks import Call, MapTask, Source, run_call, run_sent, send
from dedup.engines.workers import run_ordered, start_workers, stop_workers, write_task

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Run = Callable[[], Generator[pa.RecordBatch]]


@dataclass(frozen=True)
class LocalFrame(Rows):
    """Batches in files of the engine's folder, or a scan that has yet to be read."""

    scan: Scan | None = None
    # of the step that made it, if it has one
    journal: Path | None = None


class LocalEngine:
    """Runs stages on this machine. Use it as a context: its files go when it ends.

    Parameters
    ----------
    workers: processes; with one, stages run in this process.
    memory_bytes: what DuckDB may hold before it spills.
    temp: where files of the run go; the system's folder for them if None.
    resumed: a folder for them that outlives the engine. What another engine finished there, told
        to take the same steps, is not done again. It is the caller's to delete, and to keep from
        being used twice at once.
    observe: called after each batch and at the end of each stage.
    """

    def __init__(
        self,
        *,
        workers: int = 1,
        memory_bytes: int = 1 << 30,
        temp: Path | None = None,
        resumed: Path | None = None,
        observe: Observer | None = None,
    ) -> None:
        self._workers = workers
        self._memory_bytes = memory_bytes
        self._observe = observe or (lambda _: None)
        self._lasts = resumed is not None
        self._taken_up: dict[str, Record] = {}
        if resumed is None:
            self._folder = Path(tempfile.mkdtemp(prefix="dedup-", dir=temp))
        else:
            self._folder = resumed
            resumed.mkdir(parents=True, exist_ok=True)
            self._taken_up = take_up(resumed)
        # a worker of a dead run may still be writing: no file gets a name that was used
        self._session = secrets.token_hex(4)
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
        if not self._lasts:
            shutil.rmtree(self._folder, ignore_errors=True)

    def scan(
        self, shards: Sequence[Shard], read: Read[Shard], *, sizes: Sequence[int]
    ) -> LocalFrame:
        """See Engine.scan; batches are read in this process while workers work on earlier ones."""
        return LocalFrame(pa.schema([]), scan=Scan(tuple(shards), read, tuple(sizes)))

    def frame(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> LocalFrame:
        """See Engine.frame."""
        return LocalFrame(schema, self._write(batches, schema, self._next("frame")))

    def batches(self, frame: LocalFrame) -> Iterator[pa.RecordBatch]:
        """See Engine.batches."""
        if frame.scan is None:
            yield from read_batches(frame.parts)
        else:
            self._scanned = 0
            for shard, size in zip(frame.scan.shards, frame.scan.sizes, strict=True):
                yield from frame.scan.read(shard)
                self._scanned += size

    def drop(self, *frames: LocalFrame) -> None:
        """See Engine.drop; a step that is dropped stays done."""
        for frame in frames:
            if frame.journal is not None:
                note_dropped(frame.journal)
            for part in frame.parts:
                part.path.unlink(missing_ok=True)

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
        whole: Whole | None = None,
        beside: Beside[LocalFrame] | None = None,
    ) -> LocalFrame:
        """See Engine.map; each batch makes one part file."""
        label = self._next(name)
        record = self._record(label)
        if record.done is not None:
            return self._finished(name, schema, label, record.parts, record.done)
        check_there(chain(frame.parts, beside.frame.parts if beside else ()))
        index = None
        if beside is not None:
            held, path = beside.frame, self._folder / label
            index = index_rows(held.parts, held.schema, beside.key, beside.columns, path)
        task = MapTask(stage, schema, index, beside.by if beside else (), self._journal(label))
        calls = self._calls(self._sources(frame, whole), label, record)
        parts = tuple(self._run(name, task, calls, frame))
        if index is not None:
            index.delete()
        return LocalFrame(schema, parts, journal=self._journal(label))

    def stream(
        self, frame: LocalFrame, stage: Stage, schema: pa.Schema, *, name: str
    ) -> Iterator[pa.RecordBatch]:
        """Apply `stage` to each batch and yield what it makes, in order, as it comes."""
        task = MapTask(stage, schema, None, ())
        calls = self._calls(self._sources(frame), self._next(name), NOTHING)
        for part in self._run(name, task, calls, frame):
            yield from read_batches([part])
            part.path.unlink()

    def query(
        self, sql: str, schema: pa.Schema, *, name: str, frames: Mapping[str, LocalFrame]
    ) -> LocalFrame:
        """See Engine.query; DuckDB spills to the engine's folder."""

        def run(attempt: Attempt) -> Generator[pa.RecordBatch]:
            yield from ask(self._database(), sql, schema, rows_shown(frames), attempt)

        runs = (partial(run, attempt) for attempt in attempts(self._workers))
        return self._at_once(name, schema, tuple(frames.values()), *runs)

    def number(self, frame: LocalFrame, schema: pa.Schema, *, name: str) -> LocalFrame:
        """See Engine.number."""

        def run() -> Generator[pa.RecordBatch]:
            first = 1
            for batch in read_batches(frame.parts):
                yield numbered(batch, first, schema)
                first += batch.num_rows

        return self._at_once(name, schema, (frame,), run)

    def sort(self, frame: LocalFrame, by: str, *, name: str) -> LocalFrame:
        """See Engine.sort."""
        schema = frame.schema.remove(frame.schema.get_field_index(by))
        run = partial(sort_rows, frame.parts, frame.schema, by, self._folder / "ranges")
        return self._at_once(name, schema, (frame,), run)

    def sift(self, frame: LocalFrame, column: str, sieve: Sieve, *, name: str) -> LocalFrame:
        """See Engine.sift; counters take up to a quarter of the memory."""

        def run() -> Generator[pa.RecordBatch]:
            n_rows = sum(part.n_rows for part in frame.parts)
            counters = sieve.make(n_rows, self._memory_bytes // 4)
            for batch in read_batches(frame.parts):
                sieve.mark(batch.column(column).to_numpy(), counters)
            for batch in read_batches(frame.parts):
                yield batch.filter(pa.array(sieve.test(batch.column(column).to_numpy(), counters)))

        return self._at_once(name, frame.schema, (frame,), run)

    def components(self, pairs: LocalFrame, connect: Connect) -> LocalFrame:
        """See Engine.components; in memory, or by stars where the pairs have not room there."""
        run: Run = partial(connect_parts, pairs.parts, connect)
        if sum(part.n_rows for part in pairs.parts) * PAIR_BYTES > self._memory_bytes:
            database, threads = self._database, self._workers
            run = partial(connect_out_of_core, database, pairs, self._folder, threads=threads)
        return self._at_once("connect pairs", COMPONENTS, (pairs,), run)

    def write(self, frame: LocalFrame, folder: Path, files: PartFiles) -> None:
        """See Engine.write."""
        files.write(self.batches(frame), folder)

    def _next(self, name: str) -> str:
        self._count += 1
        return f"{self._count:03d}-{name.replace(' ', '-')}"

    def _journal(self, label: str) -> Path | None:
        return self._folder / (label + ENDING) if self._lasts else None

    def _record(self, label: str) -> Record:
        return self._taken_up.get(label, NOTHING)

    def _write_all(self, run: Run, schema: pa.Schema, label: str) -> tuple[Part, ...]:
        # what is left of a query that is stopped needs its connection to end
        with closing(run()) as batches:
            return self._write(batches, schema, label)

    def _write(
        self, batches: Iterable[pa.RecordBatch], schema: pa.Schema, label: str
    ) -> tuple[Part, ...]:
        write = write_parts if self._workers == 1 else write_parts_beside
        return write(batches, schema, self._folder, f"{label}-{self._session}")

    def _finished(
        self, name: str, schema: pa.Schema, label: str, parts: tuple[Part, ...], done: Done
    ) -> LocalFrame:
        """Tell of a step that is done, now or by an earlier run."""
        self._observe(
            Progress(
                stage=name,
                rows=done.rows,
                n_bytes=done.n_bytes,
                fraction=1.0,
                seconds=done.seconds,
                rows_out=sum(part.n_rows for part in parts),
                bytes_out=sum(part.n_bytes for part in parts),
                done=True,
            )
        )
        return LocalFrame(schema, parts, journal=self._journal(label))

    def _at_once(
        self, name: str, schema: pa.Schema, taken: tuple[LocalFrame, ...], *runs: Run
    ) -> LocalFrame:
        """Take a step that is finished as a whole or not at all, by the first run that can."""
        label = self._next(name)
        record = self._record(label)
        if record.done is not None:
            return self._finished(name, schema, label, record.parts, record.done)
        sources = [part for frame in taken for part in frame.parts]
        check_there(sources)
        began = time.perf_counter()
        try:
            parts = first_enough(partial(self._write_all, run, schema, label) for run in runs)
        except (KeyboardInterrupt, Exception):
            # who observes has noted a signal that DuckDB made an error of, and stops here
            self._observe(Progress(name, 0, 0, None, time.perf_counter() - began))
            raise
        done = Done(
            rows=sum(part.n_rows for part in sources),
            n_bytes=sum(part.n_bytes for part in sources),
            seconds=time.perf_counter() - began,
        )
        if (journal := self._journal(label)) is not None:
            note_step(journal, done, parts)
        return self._finished(name, schema, label, parts, done)

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

    def _sources(self, frame: LocalFrame, whole: Whole | None = None) -> Iterator[Any]:
        """Yield each batch, or (part, number) where it stands in a file."""
        if whole is not None:
            yield from cut_whole(sized(self.batches(frame), whole.n_bytes), whole.column)
        elif frame.scan is None:
            for part in frame.parts:
                for number in range(part.n_batches):
                    yield part, number
        else:
            yield from gather(self.batches(frame), SCAN_BYTES)

    def _calls(self, sources: Iterable[Source], label: str, record: Record) -> Iterator[Call]:
        """List the calls of a step, those that an earlier run has done with what came of them."""
        for number, source in enumerate(sources):
            path = self._folder / f"{label}-{number:06d}-{self._session}.arrow"
            yield Call(number, record.made.get(number, source), path)

    def _run(
        self, name: str, task: MapTask, calls: Iterable[Call], frame: LocalFrame
    ) -> Iterator[Part]:
        began = time.perf_counter()
        rows = n_bytes = rows_out = bytes_out = 0
        many = frame.scan is not None and sum(frame.scan.sizes) >= 2 * SCAN_BYTES
        for made in self._run_calls(task, calls, enough=1 if many else 2):
            rows += made.rows
            n_bytes += made.n_bytes
            rows_out += made.part.n_rows
            bytes_out += made.part.n_bytes
            spent = time.perf_counter() - began
            fraction = self._fraction(frame, n_bytes)
            self._observe(Progress(name, rows, n_bytes, fraction, spent, rows_out, bytes_out))
            yield made.part
        spent = time.perf_counter() - began
        if task.journal is not None:
            note_done(task.journal, Done(rows, n_bytes, spent))
        self._observe(Progress(name, rows, n_bytes, 1.0, spent, rows_out, bytes_out, done=True))

    def _fraction(self, frame: LocalFrame, n_bytes: int) -> float | None:
        total, done = sum(part.n_bytes for part in frame.parts), n_bytes
        if frame.scan is not None:
            total, done = sum(frame.scan.sizes), self._scanned
        return min(done / total, 1.0) if total and done else None

    def _run_calls(self, task: MapTask, calls: Iterable[Call], *, enough: int) -> Iterator[Made]:
        """Run a task for each call in workers; here, if there is one worker or not enough calls."""
        if enough == 1:
            # what they need is imported while the first batch is read
            self._start_workers()
        rest = iter(calls)
        first = list(islice(rest, enough))
        every = chain(first, rest)
        if self._workers == 1 or len(first) < enough:
            yield from run_ordered(
                None, partial(run_call, task), ((call,) for call in every), n_workers=1
            )
            return
        pool = self._start_workers()
        file = first[0].path.with_suffix(".task")
        run = partial(run_sent, write_task(task, file))
        sent = ((send(call),) for call in every)
        yield from run_ordered(pool, run, sent, n_workers=self._workers)

    def _start_workers(self) -> ProcessPoolExecutor | None:
        """Start the workers, once, if this process is not the only one."""
        if self._pool is None and self._workers > 1:
            self._pool = start_workers(self._workers)
        return self._pool
