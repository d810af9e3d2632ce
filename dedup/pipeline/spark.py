"""Runs on Apache Spark: the engine is opened here, where its extra is installed."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from dedup.engines.base import Engine, Observer
from dedup.errors import BadSettings
from dedup.read.source import STDIN
from dedup.settings import RunSettings


def open_spark(
    settings: RunSettings, *, beside: Path | None = None, observe: Observer | None = None
) -> AbstractContextManager[Engine[Any]]:
    """Start a SparkEngine whose files lie in the folder for them, if set, or in `beside`.

    Raises
    ------
    BadSettings: pyspark is not installed.
    DedupError: Spark cannot be started.
    """
    try:
        from dedup.engines.spark import SparkEngine  # noqa: PLC0415 - an extra
    except ImportError as missing:
        raise BadSettings(
            f"engine spark needs the extra of this name: pip install 'dedup[spark]' ({missing})"
        ) from None
    if settings.temp is None and beside is not None:
        beside.mkdir(parents=True, exist_ok=True)
    return SparkEngine(master=settings.master, temp=settings.temp or beside, observe=observe)


def refuse_stdin(inputs: Sequence[str], settings: RunSettings) -> None:
    """Refuse what no executor can read.

    Raises
    ------
    BadSettings: standard input is to be read with Spark.
    """
    if settings.engine == "spark" and STDIN in inputs:
        raise BadSettings("-: executors cannot read standard input; name files")
