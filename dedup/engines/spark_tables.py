"""Frames as Spark's tables, and what its SQL makes as files: for what needs the whole corpus."""

import pickle
from collections.abc import Sequence
from functools import partial

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as fn
from pyspark.sql.pandas.types import from_arrow_schema

from dedup.engines.spark_beside import BesideFiles, list_wanted, run_brought
from dedup.engines.spark_files import GROUP_BYTES, File, Piece, describe, total_bytes
from dedup.engines.spark_query import Files, asked_bytes
from dedup.engines.spark_session import BROADCAST_BYTES, hadoop_address, list_parquet
from dedup.engines.spark_sql import Term, translate
from dedup.engines.spark_tasks import Made, MapTask

TASK_BYTES = 64 << 20
"""A task takes about so much, and a partition of a shuffle holds it."""

COMPILED_BYTES = 256 << 20
"""From here on a query is compiled."""

SMALL_BYTES = 4 << 20
"""Less than this is not divided."""


def load(session: SparkSession, files: Sequence[File], schema: pa.Schema) -> DataFrame:
    """Make a table of files."""
    columns = from_arrow_schema(schema)
    if not files:
        nothing = (fn.lit(None).cast(f.dataType).alias(f.name) for f in columns)
        return session.range(0).select(*nothing)
    return session.read.schema(columns).parquet(*(hadoop_address(file.path) for file in files))


def save(rows: DataFrame, schema: pa.Schema, folder: str) -> tuple[File, ...]:
    """Write a table's partitions as files of a folder."""
    types = from_arrow_schema(schema)
    cast = rows.select(*(fn.col(f"`{f.name}`").cast(f.dataType).alias(f.name) for f in types))
    writer = cast.write.option("parquet.block.size", GROUP_BYTES).option("compression", "snappy")
    # so that the sizes that the files tell are those of what is read
    writer.option("parquet.enable.dictionary", "false").parquet(hadoop_address(folder))
    found = (describe(path, schema) for path in list_parquet(folder))
    return tuple(file for file in found if file.n_rows)


def prepare(session: SparkSession, n_bytes: int) -> int:
    """Choose the partitions of the next shuffle, and how much Spark prepares for it.

    Of little data it need not learn first, and compiling a query takes longer than running it.
    """
    share = min(TASK_BYTES, max(SMALL_BYTES, n_bytes // (2 * parallel(session))))
    n_parts = max(1, -(-n_bytes // share))
    compiled = n_bytes > COMPILED_BYTES
    for name, value in {
        "shuffle.partitions": str(n_parts),
        "adaptive.enabled": str(n_parts > 1).lower(),
        "codegen.wholeStage": str(compiled).lower(),
        "codegen.factoryMode": "FALLBACK" if compiled else "NO_CODEGEN",
    }.items():
        session.conf.set(f"spark.sql.{name}", value)
    return n_parts


def parallel(session: SparkSession) -> int:
    """Count the tasks that run at once."""
    return int(session.sparkContext.defaultParallelism)


def ask(
    session: SparkSession, sql: str, schema: pa.Schema, tables: Files, folder: str
) -> tuple[File, ...]:
    """Run one SELECT over files, and write what comes of it as files of a folder."""
    n_parts = prepare(session, asked_bytes(sql, tables))
    for table, (columns, files) in tables.items():
        rows = load(session, files, columns)
        small = total_bytes(files) <= BROADCAST_BYTES
        (rows.hint("broadcast") if small else rows).createOrReplaceTempView(table)
    return save(select(session, sql, schema, n_parts), schema, folder)


def select(session: SparkSession, sql: str, schema: pa.Schema, n_parts: int) -> DataFrame:
    """Run one SELECT over tables that are there by name; an ORDER BY at its end holds."""
    statement = translate(sql, schema.names)
    made = session.sql(statement.sql)
    order = [_ordering(term, schema) for term in statement.order]
    return _laid_out(made, n_parts, order) if order else made


def sort_table(
    session: SparkSession, files: Sequence[File], schema: pa.Schema, by: str
) -> DataFrame:
    """Sort the rows of files by a column, and leave it out."""
    n_parts = prepare(session, total_bytes(files))
    return _laid_out(load(session, files, schema), n_parts, [fn.col(by)]).drop(by)


def _laid_out(rows: DataFrame, n_parts: int, order: Sequence[Column]) -> DataFrame:
    parts = rows.repartition(1) if n_parts == 1 else rows.repartitionByRange(n_parts, *order)
    return parts.sortWithinPartitions(*order)


def bring(
    session: SparkSession,
    task: MapTask,
    tasks: Sequence[tuple[Piece, ...]],
    by: tuple[str, ...],
    beside: BesideFiles,
) -> list[Made]:
    """Run tasks to whose pieces a join brings the rows beside them; in the order of the tasks."""
    wanting = partial(list_wanted, tasks=tasks, schema=task.takes, by=by)
    columns = pa.schema([beside.schema.field(column) for column in beside.columns])
    run = partial(run_brought, task=task, tasks=tasks, beside=columns)
    n_parts = prepare(session, total_bytes(beside.files))
    numbers = session.range(0, len(tasks), 1, max(1, len(tasks)))
    needed = numbers.mapInArrow(wanting, "task long, piece long, wanted long")
    rows = load(session, beside.files, beside.schema).select(
        fn.col(beside.key).alias("found key"), *(fn.col(c) for c in beside.columns)
    )
    brought = (
        needed.join(rows, needed["wanted"] == rows["found key"], "left")
        .withColumn("found", fn.col("found key").isNotNull())
        .drop("found key")
        .repartition(n_parts, "task")
        .sortWithinPartitions("task", "piece", "wanted")
    )
    told = brought.mapInArrow(run, "task long, made binary").collect()
    # a task of this engine has pickled it
    return [pickle.loads(row["made"]) for row in sorted(told, key=lambda row: row["task"])]  # noqa: S301


def _ordering(term: Term, schema: pa.Schema) -> Column:
    what = fn.col(f"`{term.what}`") if term.what in schema.names else fn.expr(term.what)
    if term.descending:
        return what.desc_nulls_first() if term.nulls_first else what.desc_nulls_last()
    return what.asc_nulls_first() if term.nulls_first else what.asc_nulls_last()
