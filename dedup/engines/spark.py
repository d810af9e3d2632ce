"""The engine for many machines: Apache Spark.

Stages run on executors through `mapInArrow`, the same functions as on one machine. Each frame
is written to a folder that all executors reach: that is the checkpoint which cuts Spark's
lineage, so an executor that dies costs its own tasks and nothing else. No frame is ever
collected; the driver holds names and sizes of files, and brings batches one at a time.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn
from pyspark.sql.pandas.types import from_arrow_schema

from dedup.engines.base import (
    COMPONENTS,
    Beside,
    Connect,
    Observer,
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
from dedup.engines.spark_files import (
    MADE,
    PIECE_ROWS,
    File,
    MapTask,
    Piece,
    all_rows,
    as_it_is,
    deal,
    describe,
    pieces,
    read_files,
    read_numbered,
    read_shards,
    read_task,
    run_beside,
    run_tasks,
    total_bytes,
    total_rows,
    wanted_keys,
    write_file,
)
from dedup.engines.spark_session import (
    BROADCAST_BYTES,
    failing,
    hadoop_address,
    list_parquet,
    make_folder,
    open_session,
    remove_folder,
)
from dedup.engines.spark_sql import Term, translate
from dedup.engines.stars import connect_stars

TASK_BYTES = 64 << 20
"""A task takes about so much, and a partition of a shuffle holds it."""

COMPILED_BYTES = 256 << 20
"""From here on a query is compiled."""

SMALL_BYTES = 4 << 20
"""Less than this is not divided."""

ONE_TASK_PAIRS = 1 << 20
"""Pairs up to which one task connects them: 16 MB."""


_MADE = from_arrow_schema(MADE)


@dataclass(frozen=True)
class SparkFrame:
    """Files in order, or a scan that has yet to be read.

    whole: the column, if there is one, of whose values none stands in two files.
    """

    schema: pa.Schema
    files: tuple[File, ...] = ()
    whole: str | None = None
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
        if frame.scan is not None:
            read = partial(read_shards, read=frame.scan.read, folder=str(Path.cwd()))
            sources: list[Any] = self._shards(frame.scan)
        elif beside is not None:
            return self._map_beside(frame, task, beside, name, began)
        else:
            read, sources = self._pieces(frame, whole)
        run = partial(run_tasks, task=task, sources=sources, read=read)
        return self._made(self._numbers(len(sources)).mapInArrow(run, _MADE), schema, name, began)

    def stream(
        self, frame: SparkFrame, stage: Stage, schema: pa.Schema, *, name: str
    ) -> Iterator[pa.RecordBatch]:
        """Apply `stage` to each batch and yield what it makes, in order, once all is done."""
        return self.batches(self.map(frame, stage, schema, name=name))

    def query(
        self, sql: str, schema: pa.Schema, *, name: str, frames: Mapping[str, SparkFrame]
    ) -> SparkFrame:
        """See Engine.query; an order lays the rows out by its first column, if that is a number.

        Rows that are equal in it then stand in one file, so that a stage gets them whole.
        """
        began = time.perf_counter()
        taken = [file for frame in frames.values() for file in frame.files]
        n_bytes = total_bytes(taken)
        n_parts = self._shuffle(n_bytes)
        for table, frame in frames.items():
            small = total_bytes(frame.files) <= BROADCAST_BYTES
            rows = self._load(frame)
            (rows.hint("broadcast") if small else rows).createOrReplaceTempView(table)
        statement = translate(sql, schema.names)
        with failing(name):
            made = self._session.sql(statement.sql)
            whole = None
            if statement.order:
                first = statement.order[0].what
                if first in schema.names and pa.types.is_int64(schema.field(first).type):
                    whole = first
                order = [_ordering(term, schema) for term in statement.order]
                made = _laid_out(made, n_parts, order[:1] if whole else order, order)
            result = self._write(made, schema, name, whole)
        rows = total_rows(result.files)
        self._tell(name, began, (total_rows(taken), n_bytes), (rows, total_bytes(result.files)))
        return result

    def number(self, frame: SparkFrame, schema: pa.Schema, *, name: str) -> SparkFrame:
        """See Engine.number; the rows of each file are known, and so is the place of its first."""
        began = time.perf_counter()
        firsts = accumulate((file.n_rows for file in frame.files), initial=1)
        task = MapTask(as_it_is, schema, schema, self._next(name))
        read = partial(read_numbered, takes=frame.schema, makes=schema)
        sources = list(zip(frame.files, firsts, strict=False))
        run = partial(run_tasks, task=task, sources=sources, read=read)
        return self._made(self._numbers(len(sources)).mapInArrow(run, _MADE), schema, name, began)

    def sort(self, frame: SparkFrame, by: str, *, name: str) -> SparkFrame:
        """See Engine.sort."""
        began = time.perf_counter()
        schema = frame.schema.remove(frame.schema.get_field_index(by))
        n_parts = self._shuffle(total_bytes(frame.files))
        with failing(name):
            rows = _laid_out(self._load(frame), n_parts, [fn.col(by)], [fn.col(by)])
            result = self._write(rows.drop(by), schema, name, None)
        took = total_rows(frame.files), total_bytes(frame.files)
        self._tell(name, began, took, (total_rows(result.files), total_bytes(result.files)))
        return result

    def sift(self, frame: SparkFrame, column: str, sieve: Sieve, *, name: str) -> SparkFrame:  # noqa: ARG002
        """See Engine.sift; exactly, since grouping a value once more needs no memory here."""
        sql = (
            f'SELECT * FROM sifted WHERE "{column}" IN '
            f'(SELECT "{column}" FROM sifted GROUP BY "{column}" HAVING count(*) > 1)'
        )
        return self.query(sql, frame.schema, name=name, frames={"sifted": frame})

    def components(self, pairs: SparkFrame, connect: Connect) -> SparkFrame:
        """See Engine.components; `connect` in one task for few pairs, else by stars."""
        if total_rows(pairs.files) <= ONE_TASK_PAIRS:
            task = MapTask(connect_task(connect), pairs.schema, COMPONENTS, self._next("connect"))
            read = partial(all_rows, schema=pairs.schema)
            run = partial(run_tasks, task=task, sources=[pairs.files], read=read)
            return self._made(self._numbers(1).mapInArrow(run, _MADE), COMPONENTS, "connect", None)
        frame: SparkFrame = connect_stars(self, pairs)
        return frame

    def _map_beside(
        self,
        frame: SparkFrame,
        task: MapTask,
        beside: Beside[SparkFrame],
        name: str,
        began: float,
    ) -> SparkFrame:
        """Bring the rows that each piece of `frame` needs to where that piece is read.

        The frame itself stays where it is. A key that many pieces need is one that Spark may
        find skewed; its adaptive join splits it.
        """
        files = beside.frame.files
        width = max(1, total_bytes(files) // max(1, total_rows(files)))
        size = max(1, min(PIECE_ROWS, BESIDE_BYTES // (width * len(beside.by))))
        tasks = self._tasks([p for file in frame.files for p in pieces(file, size)], frame)
        wanting = partial(wanted_keys, tasks=tasks, schema=frame.schema, by=beside.by)
        needed = self._numbers(len(tasks)).mapInArrow(wanting, "task long, piece long, wanted long")
        columns = pa.schema([beside.frame.schema.field(column) for column in beside.columns])
        rows = self._load(beside.frame).select(
            fn.col(beside.key).alias("found key"), *(fn.col(c) for c in beside.columns)
        )
        n_parts = self._shuffle(total_bytes(files))
        brought = (
            needed.join(rows, needed["wanted"] == rows["found key"], "left")
            .withColumn("found", fn.col("found key").isNotNull())
            .drop("found key")
            .repartition(n_parts, "task")
            .sortWithinPartitions("task", "piece", "wanted")
        )
        run = partial(run_beside, task=task, tasks=tasks, beside=columns)
        return self._made(brought.mapInArrow(run, _MADE), task.makes, name, began)

    @property
    def _parallel(self) -> int:
        return int(self._session.sparkContext.defaultParallelism)

    def _next(self, name: str) -> str:
        self._count += 1
        return f"{self._folder}/{self._count:03d}-{name.replace(' ', '-')}"

    def _numbers(self, n: int) -> DataFrame:
        """Make a partition for each of n tasks, that holds its number."""
        return self._session.range(0, n, 1, max(1, n))

    def _shuffle(self, n_bytes: int) -> int:
        """Choose the partitions of the next shuffle, and how much Spark prepares for it.

        Of little data it need not learn first, and compiling a query takes longer than running it.
        """
        share = min(TASK_BYTES, max(SMALL_BYTES, n_bytes // (2 * self._parallel)))
        n_parts = max(1, -(-n_bytes // share))
        self._session.conf.set("spark.sql.shuffle.partitions", n_parts)
        self._session.conf.set("spark.sql.adaptive.enabled", str(n_parts > 1).lower())
        compiled = n_bytes > COMPILED_BYTES
        self._session.conf.set("spark.sql.codegen.wholeStage", str(compiled).lower())
        mode = "FALLBACK" if compiled else "NO_CODEGEN"
        self._session.conf.set("spark.sql.codegen.factoryMode", mode)
        return n_parts

    def _shards(self, scan: Scan) -> list[tuple[Any, ...]]:
        """Deal shards out to tasks, in order, by their sizes."""
        share = max(1, min(TASK_BYTES, sum(scan.sizes) // (4 * self._parallel)))
        return deal(scan.shards, scan.sizes, share)

    def _pieces(self, frame: SparkFrame, whole: Whole | None) -> tuple[Any, list[Any]]:
        """Deal a frame out to tasks: by pieces, or by files if groups must stay whole."""
        if whole is not None and frame.whole != whole.column and len(frame.files) > 1:
            frame = self._regroup(frame, whole.column)
        tasks: list[Any] = [(file,) for file in frame.files]
        if whole is None:
            tasks = self._tasks([p for file in frame.files for p in pieces(file)], frame)
        return partial(read_task, schema=frame.schema, whole=whole), tasks

    def _tasks(self, some: list[Piece], frame: SparkFrame) -> list[tuple[Piece, ...]]:
        n_bytes, n_rows = total_bytes(frame.files), max(1, total_rows(frame.files))
        share = max(1, min(TASK_BYTES, n_bytes // (2 * self._parallel)))
        sizes = [(p.end - p.begin) * n_bytes // n_rows for p in some]
        return deal(some, sizes, share)

    def _regroup(self, frame: SparkFrame, column: str) -> SparkFrame:
        rows = self._load(frame).repartitionByRange(self._shuffle(total_bytes(frame.files)), column)
        return self._write(rows.sortWithinPartitions(column), frame.schema, "regroup", column)

    def _load(self, frame: SparkFrame) -> DataFrame:
        columns = from_arrow_schema(frame.schema)
        if not frame.files:
            nothing = (fn.lit(None).cast(f.dataType).alias(f.name) for f in columns)
            return self._session.range(0).select(*nothing)
        paths = [hadoop_address(file.path) for file in frame.files]
        return self._session.read.schema(columns).parquet(*paths)

    def _write(
        self, rows: DataFrame, schema: pa.Schema, name: str, whole: str | None
    ) -> SparkFrame:
        folder = self._next(name)
        types = from_arrow_schema(schema)
        cast = rows.select(*(fn.col(f"`{f.name}`").cast(f.dataType).alias(f.name) for f in types))
        writer = cast.write.option("parquet.block.size", 16 << 20)
        writer.option("compression", "snappy").parquet(hadoop_address(folder))
        found = (describe(path) for path in list_parquet(folder))
        return SparkFrame(schema, tuple(file for file in found if file.n_rows), whole)

    def _made(
        self, rows: DataFrame, schema: pa.Schema, name: str, began: float | None
    ) -> SparkFrame:
        """Run tasks; what comes to the driver is one row of MADE for each."""
        with failing(name):
            told = sorted(rows.collect(), key=lambda row: row["task"])
        files = [File(row["path"], tuple(row["groups"]), row["n_bytes"]) for row in told]
        taken = sum(row["rows_in"] for row in told), sum(row["bytes_in"] for row in told)
        if began is not None:
            self._tell(name, began, taken, (total_rows(files), total_bytes(files)))
        return SparkFrame(schema, tuple(file for file in files if file.n_rows))

    def _tell(self, name: str, began: float, taken: tuple[int, int], made: tuple[int, int]) -> None:
        seconds = time.perf_counter() - began
        self._observe(Progress(name, *taken, 1.0, seconds, *made, done=True))


def _ordering(term: Term, schema: pa.Schema) -> Column:
    what = fn.col(f"`{term.what}`") if term.what in schema.names else fn.expr(term.what)
    if term.descending:
        return what.desc_nulls_first() if term.nulls_first else what.desc_nulls_last()
    return what.asc_nulls_first() if term.nulls_first else what.asc_nulls_last()


def _laid_out(
    rows: DataFrame, n_parts: int, ranges: list[Column], order: list[Column]
) -> DataFrame:
    """Sort rows into files by an order, of which `ranges` decide the file of a row."""
    files = rows.repartition(1) if n_parts == 1 else rows.repartitionByRange(n_parts, *ranges)
    return files.sortWithinPartitions(*order)
