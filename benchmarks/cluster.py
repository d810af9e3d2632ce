"""What Spark costs beside the engine of one machine, on the same cores, for the same tables.

Spark's `local-cluster` runs its master, its workers and its executors as processes of their own,
as a cluster does; what it cannot show is a network.
"""

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.corpora import generated
from benchmarks.large import Run, clean, warm_up

EXECUTORS = 2
MASTER = f"local-cluster[{EXECUTORS},1,4096]"


def run(data: Path, sizes: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Clean crawls of several sizes by two workers, and by two executors of one core each.

    Parameters
    ----------
    data: where the crawl is kept, and where the runs take place. sizes: pages of each.

    Yields
    ------
    One row a run: seconds, CPU seconds, how many times those of the local engine they are, peak
    memory and disk, what Spark shuffled, and whether the tables are the same.
    """
    crawl = generated(data, max(sizes))
    warm_up()
    for pages in sorted(sizes):
        local = clean(data, crawl, pages, ["--workers", str(EXECUTORS)])
        yield {"engine": f"local, {EXECUTORS} workers"} | _row(local, 0, local)
        spark, shuffled = _run_spark(data, crawl, pages)
        yield {"engine": f"Spark, {EXECUTORS} executors"} | _row(spark, shuffled, local)


def _run_spark(data: Path, crawl: Sequence[Path], pages: int) -> tuple[Run, int]:
    """Clean by Spark; gives the bytes that it shuffled, too."""
    how = ["--engine", "spark", "--master", MASTER]
    with tempfile.TemporaryDirectory(prefix="dedup-benchmark-") as folder:
        settings, logs = Path(folder) / "conf", Path(folder) / "logs"
        run = clean(data, crawl, pages, how, logging(settings, logs))
        return run, shuffled_bytes(logs)


def logging(settings: Path, logs: Path) -> dict[str, str]:
    """Have Spark log its tasks in a new folder; gives the environment that tells it so."""
    settings.mkdir()
    logs.mkdir()
    told = {
        "enabled": "true",
        "dir": logs.as_uri(),
        "compress": "false",
        "rolling.enabled": "false",
    }
    lines = [f"spark.eventLog.{name} {value}\n" for name, value in told.items()]
    (settings / "spark-defaults.conf").write_text("".join(lines))
    return {"SPARK_CONF_DIR": str(settings)}


def shuffled_bytes(logs: Path) -> int:
    """Add up what the tasks wrote for other tasks, as Spark's logs tell; compressed."""
    return sum(
        event["Task Metrics"]["Shuffle Write Metrics"]["Shuffle Bytes Written"]
        for log in logs.iterdir()
        for event in map(json.loads, log.read_text().splitlines())
        if event["Event"] == "SparkListenerTaskEnd" and event.get("Task Metrics")
    )


def _row(run: Run, shuffled: int, local: Run) -> dict[str, Any]:
    cost, other = run.cost, local.cost
    return {
        "pages": run.manifest["counts"]["read"],
        "MB of pages": round(run.manifest["bytes_read"] / 1e6),
        "seconds": round(cost.seconds, 1),
        "CPU seconds": round(cost.cpu_seconds, 1),
        "times local seconds": round(cost.seconds / other.seconds, 2),
        "times local CPU seconds": round(cost.cpu_seconds / other.cpu_seconds, 2),
        "peak MB": round(cost.peak_bytes / 1e6),
        "peak GB of disk": round(run.disk / 1e9, 2),
        "MB shuffled": round(shuffled / 1e6),
        "same tables": run.hashes == local.hashes,
    }
