"""Spark's session, started here or found where spark-submit has started it, and its folder."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import fsspec
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from dedup.errors import DedupError

BROADCAST_BYTES = 4 << 20
"""A table of at most so much goes to all executors where it is joined; the driver holds it."""

NEEDED = {
    # what a run's result depends on
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.execution.arrow.useLargeVarTypes": "false",
    # rows that are brought beside a batch reach Python in pieces of bounded size
    "spark.sql.execution.arrow.maxRecordsPerBatch": "4096",
    # Spark would take a table for small by its compressed files, and the driver must hold it
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.sql.adaptive.autoBroadcastJoinThreshold": str(BROADCAST_BYTES),
}
"""Settings that this engine makes for itself, whatever Spark was started with."""

STARTED = {
    "spark.app.name": "dedup",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.driver.memory": "1g",
}
"""Settings of a session that is started here and not by spark-submit."""

DRIVER = {"spark.driver.defaultJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
"""Where executors do the work, the driver's JVM has too little to do for its second compiler."""

LOCAL = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
"""On one machine the name of that machine need not lead anywhere."""


class SparkFailed(DedupError):
    """A job on the cluster failed, or Spark cannot be started."""


def open_session(master: str | None, settings: Mapping[str, str]) -> tuple[SparkSession, bool]:
    """Give the session that is there, or start one, and tell whether it was started here.

    Raises
    ------
    SparkFailed: there is no Java, or no such cluster.
    """
    ours = SparkSession.getActiveSession() is None
    builder = SparkSession.builder
    if ours and "PYSPARK_GATEWAY_PORT" not in os.environ:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        local = LOCAL if (master or "local").startswith("local") else {}
        driver = {} if re.match(r"local(\[|$)", master or "local") else DRIVER
        for name, value in {**STARTED, **driver, **local, **settings}.items():
            builder = builder.config(name, value)
    if ours and master is not None:
        builder = builder.master(master)
    try:
        session = builder.getOrCreate()
    except Exception as error:  # py4j, the JVM and Spark each have their own
        raise SparkFailed(f"Spark cannot be started: {_first_line(error)}") from error
    for name, value in NEEDED.items():
        session.conf.set(name, value)
    return session, ours


@contextmanager
def failing(name: str) -> Iterator[None]:
    """Say in a sentence which stage failed, and of what.

    Raises
    ------
    SparkFailed: Spark gave up.
    """
    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise SparkFailed(f"Spark gave up in {name}: {_last_line(error)}") from error


def make_folder(temp: str | Path | None) -> str:
    """Make a folder for a run's files, on this machine or at an address."""
    text = None if temp is None else str(temp)
    if text is None or "://" not in text:
        return tempfile.mkdtemp(prefix="dedup-", dir=text and os.path.realpath(text))
    name = f"{text.rstrip('/')}/dedup-{os.urandom(8).hex()}"
    system, path = fsspec.url_to_fs(name)
    system.makedirs(path, exist_ok=True)
    return name


def remove_folder(folder: str) -> None:
    """Remove a run's files."""
    system, path = fsspec.url_to_fs(folder)
    if system.exists(path):
        system.rm(path, recursive=True)


def list_parquet(folder: str) -> list[str]:
    """List the Parquet files of a folder in order, by addresses as the folder's own."""
    system, path = fsspec.url_to_fs(folder)
    names = (str(name).rsplit("/", 1)[-1] for name in system.ls(path, detail=False))
    return [f"{folder}/{name}" for name in sorted(names) if name.endswith(".parquet")]


def hadoop_address(path: str) -> str:
    """Write a path as Hadoop has it.

    Examples
    --------
    >>> hadoop_address("/tmp/a b"), hadoop_address("s3://bucket/crawl")
    ('file:///tmp/a b', 's3a://bucket/crawl')
    """
    if "://" not in path:
        return f"file://{path}"
    return f"s3a://{path.removeprefix('s3://')}" if path.startswith("s3://") else path


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _last_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(("at ", "SQLSTATE", "..."))]
    return (told or [type(error).__name__])[-1]
