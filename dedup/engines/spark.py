"""The engine for many machines: Apache Spark.

Stages run on executors, the same functions as on one machine, in tasks that read and write files
themselves; Spark SQL is asked what is too large for one task. Each frame is written to a folder
that all executors reach: that is the checkpoint which cuts Spark's lineage, so an executor that
dies costs its own tasks and nothing else. No frame is ever collected; the driver holds names and
sizes of files, and brings batches of small tables one at a time.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, TypeVar

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
from dedup.engines.connect import connect_task
from dedup.engines.lookup import BESIDE_BYTES
from dedup.engines.spark_beside import BesideFiles, read_looked_up
from dedup.engines.spark_files import (
    PIECE_ROWS,
    File,
    deal,
    groups_of,
    pieces,
    read_files,
    total_bytes,
    total_rows,
    write_file,
)
from dedup.engines.spark_parts import (
    DRIVER_BYTES,
    bring_parts,
    find_ends,
    measure_rows,
    rows_of_parts,
    write_parts,
)
from dedup.engines.spark_query import QUERY_BYTES, Files, asked_bytes, run_queries
from dedup.engines.spark_ranges import find_bounds, gathered, read_in_order, read_sorted, scatter
from dedup.engines.spark_session import failing, make_folder, open_session, remove_folder
from dedup.engines.spark_sift import SIFTED, count_values, read_sifted
from dedup.engines.spark_tables import TASK_BYTES, ask, bring, parallel, save, sort_table
from dedup.engines.spark_tasks import (
    Made,
    MapTask,
    as_it_is,
    read_all,
    read_numbered,
    read_shards,
    read_task,
    read_whole,
    run_tasks,
)
from dedup.engines.stars import connect_stars

ONE_TASK_BYTES = 1 << 30
"""Columns up to which one task asks a query of them: 1 GB takes one core some seconds."""

LOOKED_UP_BYTES = 4 << 30
"""What the tasks of each core may read to look rows up, a table as often as there are tasks."""

SORTED_BYTES = 8 << 30
"""Rows up to which tasks sort them by ranges: each range is read from what every task wrote."""

COUNTED_BYTES = 1 << 30
"""Numbers up to which one task counts them."""

ONE_TASK_PAIRS = 1 << 20
"""Pairs up to which one task connects them: 16 MB."""

T = TypeVar("T")


@dataclass(frozen=True)
class SparkFrame:
    """Files in order, or a scan that has yet to be read."""

    schema: pa.Schema
    files: tuple[File, ...] = ()
    scan: Scan | None = None


class SparkEngine:
    """Runs stages on a Spark cluster. Use it as a context: its files go when it ends.

    Parameters
    ----------
    master: Spark's address of the cluster; what spark-submit or Spark's settings say if None.
    temp: folder or address (hdfs://, s3a://) that driver and executors reach; a folder of this
        machine if None, which is enough where all executors run on it.
    observe: called at the end of each stage.
    settings: further settings of Spark's.
    """

    def __init__(
        self,
        *,
        master: str | None = None,
        temp: str | Path | None = None,
        observe: Observer | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._session, self._ours = open_session(master, settings or {})
        self._observe = observe or (lambda _: None)
        self._folder = make_folder(temp)
        self._count = 0

    def __enter__(self) -> "SparkEngine":
        return self

    def __exit__(self, *_: object) -> None:
        if self._ours:
            self._session.stop()
        remove_folder(self._folder)

    def scan(
        self, shards: Sequence[Shard], read: Read[Shard], *, sizes: Sequence[int]
    ) -> SparkFrame:
        """See Engine.scan; executors open and read the shards."""
        return SparkFrame(pa.schema([]), scan=Scan(tuple(shards), read, tuple(sizes)))

    def frame(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> SparkFrame:
        """See Engine.frame."""
        file = write_file(batches, schema, self._next("frame"))
        return SparkFrame(schema, (file,) if file.n_rows else ())

    def batches(self, frame: SparkFrame) -> Iterator[pa.RecordBatch]:
        """See Engine.batches; the driver holds one at a time."""
        return read_files(frame.files, frame.schema)

    def drop(self, *frames: SparkFrame) -> None:
        """See Engine.drop; each step has written a folder of its own."""
        for frame in frames:
            for folder in {file.path.rpartition("/")[0] for file in frame.files}:
                remove_folder(folder)

    def table(self, frame: SparkFrame) -> pa.Table:
        """Read a frame into the driver's memory."""
        return pa.Table.from_batches(self.batches(frame), frame.schema)

    def map(
        self,
        frame: SparkFrame,
        stage: Stage,
        schema: pa.Schema,
        *,
        name: str,
        whole: Whole | None = None,
        beside: Beside[SparkFrame] | None = None,
    ) -> SparkFrame:
        """See Engine.map."""
        began = time.perf_counter()
        task = MapTask(stage, frame.schema, schema, self._next(name))
        if beside is not None:
            return self._map_beside(frame, task, beside, name, began)
        if frame.scan is not None:
            read: Any = partial(read_shards, read=frame.scan.read, folder=str(Path.cwd()))
            sources: list[Any] = self._shards(frame.scan)
        elif whole is not None:
            groups = [group for file in frame.files for group in groups_of(file)]
            read = partial(read_whole, groups=groups, schema=frame.schema, whole=whole)
            ends = list(accumulate((len(share) for share in self._tasks(groups, frame)), initial=0))
            sources = list(pairwise(ends))
        else:
            read = partial(read_task, schema=frame.schema)
            sources = self._tasks([p for file in frame.files for p in pieces(file)], frame)
        return self._run(partial(run_tasks, task=task, read=read), sources, schema, name, began)

    def stream(
        self, frame: SparkFrame, stage: Stage, schema: pa.Schema, *, name: str
    ) -> Iterator[pa.RecordBatch]:
        """Apply `stage` to each batch and yield what it makes, in order, once all is done."""
        return self.batches(self.map(frame, stage, schema, name=name))

    def query(
        self, sql: str, schema: pa.Schema, *, name: str, frames: Mapping[str, SparkFrame]
    ) -> SparkFrame:
        """See Engine.query; DuckDB in one task where it takes little, else Spark."""
        began = time.perf_counter()
        taken = [file for frame in frames.values() for file in frame.files]
        tables = {table: (frame.schema, frame.files) for table, frame in frames.items()}
        result = None
        if asked_bytes(sql, tables) <= ONE_TASK_BYTES:
            result = self._ask(sql, schema, name, tables)
        if result is None:
            result = self._ask_spark(sql, schema, name, tables)
        return self._finished(result, name, began, taken)

    def number(self, frame: SparkFrame, schema: pa.Schema, *, name: str) -> SparkFrame:
        """See Engine.number; the rows of each file are known, and so is the place of its first."""
        began = time.perf_counter()
        firsts = accumulate((file.n_rows for file in frame.files), initial=1)
        task = MapTask(as_it_is, schema, schema, self._next(name))
        read = partial(read_numbered, takes=frame.schema, makes=schema)
        sources = list(zip(frame.files, firsts, strict=False))
        return self._run(partial(run_tasks, task=task, read=read), sources, schema, name, began)

    def sort(self, frame: SparkFrame, by: str, *, name: str) -> SparkFrame:
        """See Engine.sort; by ranges, or by Spark where they would be very many."""
        began = time.perf_counter()
        schema = frame.schema.remove(frame.schema.get_field_index(by))
        if total_bytes(frame.files) > SORTED_BYTES:
            with failing(name):
                rows = sort_table(self._session, frame.files, frame.schema, by)
                result = SparkFrame(schema, save(rows, schema, self._next(name)))
        else:
            result = self._sort(frame, by, schema, name)
        return self._finished(result, name, began, frame.files)

    def _sort(self, frame: SparkFrame, by: str, schema: pa.Schema, name: str) -> SparkFrame:
        """Sort in one task, or in one for each range of what others have cut."""
        task = MapTask(as_it_is, schema, schema, self._next(name))
        groups = [group for file in frame.files for group in groups_of(file)]
        n_ranges = -(-total_bytes(frame.files) // TASK_BYTES)
        if n_ranges < 2:
            read: Any = partial(read_in_order, schema=frame.schema, by=by)
            return _frame(
                self._told(partial(run_tasks, task=task, read=read), [groups], name), schema
            )
        find = partial(find_bounds, schema=frame.schema, by=by, n_ranges=n_ranges)
        (bounds,) = self._told(find, [frame.files], name)
        folder = self._next(f"{name} ranges")
        cut = partial(scatter, schema=frame.schema, by=by, bounds=bounds, folder=folder)
        ranges = gathered(self._told(cut, self._tasks(groups, frame), name))
        run = partial(run_tasks, task=task, read=partial(read_sorted, by=by))
        result = _frame(self._told(run, ranges, name), schema)
        remove_folder(folder)
        return result

    def sift(self, frame: SparkFrame, column: str, sieve: Sieve, *, name: str) -> SparkFrame:
        """See Engine.sift; exactly and by Spark where one task would have many to count."""
        if 8 * total_rows(frame.files) > COUNTED_BYTES:
            return self.query(
                SIFTED.format(column), frame.schema, name=name, frames={"sifted": frame}
            )
        began = time.perf_counter()
        schema = frame.schema
        task = MapTask(as_it_is, schema, schema, self._next(name))
        folder = self._next(f"{name} counters")
        count = partial(count_values, schema=schema, column=column, sieve=sieve, folder=folder)
        (counters,) = self._told(count, [frame.files], name)
        read = partial(read_sifted, schema=schema, column=column, sieve=sieve, counters=counters)
        sources = self._tasks([p for file in frame.files for p in pieces(file)], frame)
        made = self._told(partial(run_tasks, task=task, read=read), sources, name)
        remove_folder(folder)
        return self._finished(_frame(made, schema), name, began, frame.files)

    def components(self, pairs: SparkFrame, connect: Connect) -> SparkFrame:
        """See Engine.components; `connect` in one task for few pairs, else by stars."""
        if total_rows(pairs.files) <= ONE_TASK_PAIRS:
            began = time.perf_counter()
            task = MapTask(connect_task(connect), pairs.schema, COMPONENTS, self._next("connect"))
            run = partial(run_tasks, task=task, read=partial(read_all, schema=pairs.schema))
            return self._run(run, [pairs.files], COMPONENTS, "connect pairs", began)
        frame: SparkFrame = connect_stars(self, pairs)
        return frame

    def write(self, frame: SparkFrame, folder: Path, files: PartFiles) -> None:
        """See Engine.write; tasks write all but small tables."""
        if total_bytes(frame.files) <= DRIVER_BYTES:
            files.write(self.batches(frame), folder)
            return
        name = f"write {folder.name}"
        step = self._next(name)
        groups = [group for file in frame.files for group in groups_of(file)]
        measure = partial(measure_rows, schema=frame.schema, measure=files.measure, folder=step)
        sizes = self._told(measure, self._tasks(groups, frame), name)
        (ends,) = self._told(partial(find_ends, cut=files.cut), [sizes], name)
        write = partial(write_parts, schema=frame.schema, write=files.write_one, folder=step)
        parts = self._told(write, list(rows_of_parts(groups, ends)), name)
        bring_parts(parts, folder, files.name)
        remove_folder(step)

    def _map_beside(
        self,
        frame: SparkFrame,
        task: MapTask,
        beside: Beside[SparkFrame],
        name: str,
        began: float,
    ) -> SparkFrame:
        """Have tasks look rows up, if that is not much to read for all of them, else bring them."""
        files = beside.frame.files
        looked_up = BesideFiles(files, beside.frame.schema, beside.key, tuple(beside.columns))
        tasks = self._tasks([p for file in frame.files for p in pieces(file)], frame)
        rounds = -(-len(tasks) // parallel(self._session))
        if rounds * total_bytes(files) > LOOKED_UP_BYTES:
            made = self._brought(frame, task, beside.by, looked_up, name)
        else:
            read = partial(read_looked_up, schema=frame.schema, by=beside.by, beside=looked_up)
            made = self._told(partial(run_tasks, task=task, read=read), tasks, name)
        return self._mapped(made, task.makes, name, began)

    def _brought(
        self, frame: SparkFrame, task: MapTask, by: tuple[str, ...], beside: BesideFiles, name: str
    ) -> list[Made]:
        """Bring the rows that each piece of `frame` needs to where that piece is read.

        A key that many pieces need is one that Spark may find skewed; its adaptive join splits it.
        """
        width = max(1, total_bytes(beside.files) // max(1, total_rows(beside.files)))
        size = max(1, min(PIECE_ROWS, BESIDE_BYTES // (width * len(by))))
        tasks = self._tasks([p for file in frame.files for p in pieces(file, size)], frame)
        with failing(name):
            return bring(self._session, task, tasks, by, beside)

    def _next(self, name: str) -> str:
        self._count += 1
        return f"{self._folder}/{self._count:03d}-{name.replace(' ', '-')}"

    def _shards(self, scan: Scan) -> list[tuple[Any, ...]]:
        """Deal shards out to tasks, in order, by their sizes."""
        share = max(1, min(TASK_BYTES, sum(scan.sizes) // (4 * parallel(self._session))))
        return deal(scan.shards, scan.sizes, share)

    def _tasks(self, some: list[Any], frame: SparkFrame) -> list[tuple[Any, ...]]:
        """Deal pieces of a frame out to tasks, in order, by their rows."""
        n_bytes, n_rows = total_bytes(frame.files), max(1, total_rows(frame.files))
        share = max(1, min(TASK_BYTES, n_bytes // (2 * parallel(self._session))))
        return deal(some, [piece.n_rows * n_bytes // n_rows for piece in some], share)

    def _ask(self, sql: str, schema: pa.Schema, name: str, tables: Files) -> SparkFrame | None:
        """Ask a query in one task; None if that has not memory enough."""
        task = MapTask(as_it_is, schema, schema, self._next(name))
        run = partial(run_queries, task=task, sql=sql, n_bytes=QUERY_BYTES)
        made = self._told(run, [tables], name)
        if not made:
            remove_folder(task.folder)
        return _frame(made, schema) if made else None

    def _ask_spark(self, sql: str, schema: pa.Schema, name: str, tables: Files) -> SparkFrame:
        with failing(name):
            return SparkFrame(schema, ask(self._session, sql, schema, tables, self._next(name)))

    def _run(
        self,
        run: Callable[[Iterable[Any]], Iterator[Made]],
        sources: Sequence[Any],
        schema: pa.Schema,
        name: str,
        began: float,
    ) -> SparkFrame:
        """Run tasks that tell what they took and made."""
        return self._mapped(self._told(run, sources, name), schema, name, began)

    def _told(
        self, run: Callable[[Any], Iterator[T]], sources: Sequence[Any], name: str
    ) -> list[T]:
        """Run a task for each source; what comes to the driver is names and sizes of files."""
        if not sources:
            return []
        with failing(name):
            shares = self._session.sparkContext.parallelize(sources, len(sources))
            told: list[T] = shares.mapPartitions(run).collect()
        return told

    def _mapped(
        self, made: Sequence[Made], schema: pa.Schema, name: str, began: float
    ) -> SparkFrame:
        """Tell of a step by what its tasks took, and give what they made, in their order."""
        frame = _frame(made, schema)
        taken = sum(each.rows_in for each in made), sum(each.bytes_in for each in made)
        self._tell(name, began, taken, frame)
        return frame

    def _finished(
        self, frame: SparkFrame, name: str, began: float, taken: Sequence[File]
    ) -> SparkFrame:
        """Tell of a step by the files that it took, and give what it made."""
        self._tell(name, began, (total_rows(taken), total_bytes(taken)), frame)
        return frame

    def _tell(self, name: str, began: float, taken: tuple[int, int], made: SparkFrame) -> None:
        seconds = time.perf_counter() - began
        out = total_rows(made.files), total_bytes(made.files)
        self._observe(Progress(name, *taken, 1.0, seconds, *out, done=True))


def _frame(made: Iterable[Made], schema: pa.Schema) -> SparkFrame:
    return SparkFrame(schema, tuple(each.file for each in made if each.file.n_rows))
