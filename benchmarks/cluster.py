"""What Spark costs beside the engine of one machine, on the same cores, for the same tables.

Spark's `local-cluster` runs its master, its workers and its executors as processes of their own,
as a cluster does; what it cannot show is a network.
"""

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bounded import table_hashes
from benchmarks.corpora import generated
from benchmarks.large import clean, warm_up, watched
from benchmarks.measure import Cost
from benchmarks.progress import say

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
        local = _run(data, crawl, pages, ["--workers", str(EXECUTORS)])
        yield {"engine": f"local, {EXECUTORS} workers"} | _row(local, local)
        spark = _run(data, crawl, pages, ["--engine", "spark", "--master", MASTER])
        yield {"engine": f"Spark, {EXECUTORS} executors"} | _row(spark, local)


@dataclass(frozen=True)
class _Run:
    cost: Cost
    manifest: dict[str, Any]
    disk: int
    shuffled: int
    hashes: dict[str, str]


def _run(data: Path, crawl: Sequence[Path], pages: int, how: Sequence[str]) -> _Run:
    say(f"{pages:,} pages, {' '.join(how)}")
    with tempfile.TemporaryDirectory(prefix="dedup-benchmark-", dir=data) as folder:
        place = Path(folder)
        out, logs = place / "out", place / "logs"
        with watched(place) as disk:
            cost, manifest = clean(crawl, pages, out, how, logging(place / "conf", logs))
        say(f"{cost.seconds:.0f} s, {cost.peak_bytes / 1e6:.0f} MB")
        return _Run(cost, manifest, disk.peak, shuffled_bytes(logs), table_hashes(out))


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


def _row(run: _Run, local: _Run) -> dict[str, Any]:
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
        "MB shuffled": round(run.shuffled / 1e6),
        "same tables": run.hashes == local.hashes,
    }
