"""What a bound of memory costs, what a second worker saves, and what is left after kills.

The crawl is generated. A run that is killed at random moments and given again must end in the
same tables as one that never was.
"""

import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.corpora import generate_crawl
from benchmarks.measure import Cost, measure
from benchmarks.progress import say

AMPLE = "64GB"
START_SECONDS = 5
TIMES = {"manifest.json", "report.html"}
"""What of a result tells when and how long it ran."""


def run(pages: int, memory: str, kills: int) -> Iterator[dict[str, Any]]:
    """Clean a crawl with ample memory by one worker and by two, bounded by two, and killed.

    Parameters
    ----------
    memory: the bound, as `--memory` takes it. kills: how often a run is killed and given again.

    Yields
    ------
    One row a run: seconds, their share of those of one worker, peak MB of all processes, and
    whether the tables are the same as those of the first run.
    """
    with tempfile.TemporaryDirectory(prefix="dedup-benchmark-") as temp:
        crawl = str(generate_crawl(Path(temp) / "made", pages))
        # the kernels are compiled once on a machine; that is not what is timed here
        measure(_words("corpus/crawl", f"{temp}/warm", 1, AMPLE))
        alone = wanted = None
        for name, workers, bound in (
            ("one worker", 1, AMPLE),
            ("two workers", 2, AMPLE),
            (f"two workers, --memory {memory}", 2, memory),
        ):
            say(name)
            out = Path(temp) / name.replace(" ", "-")
            cost = measure(_words(crawl, out, workers, bound))
            alone, wanted = alone or cost, wanted or table_hashes(out)
            yield _row(name, pages, cost, alone) | {"same tables": table_hashes(out) == wanted}
        if kills:
            say(f"{kills} kills")
            out = Path(temp) / "killed"
            words = _words(crawl, out, 2, memory)
            done = kill_often(words, kills, alone.seconds if alone else 1.0)
            cost = measure(words)
            row = _row(f"given again after {done} kills", pages, cost, alone or cost)
            yield row | {"same tables": table_hashes(out) == wanted}


def _words(crawl: str, out: str | Path, workers: int, memory: str) -> list[str]:
    run = ["--workers", str(workers), "--memory", memory, "-q"]
    return [sys.executable, "-m", "dedup", "clean", crawl, "-o", str(out), *run]


def kill_often(words: list[str], kills: int, seconds: float) -> int:
    """Start a command and kill it with all its processes, again and again; count the kills.

    Parameters
    ----------
    seconds: that it takes alone. A kill comes after START_SECONDS and at most its share of them.
    """
    moments = random.Random(1)
    for done in range(kills):
        run = subprocess.Popen(words, start_new_session=True)
        try:
            # workers take some seconds to start, during which nothing can be lost
            run.wait(START_SECONDS + moments.random() * seconds / kills)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
        else:
            raise RuntimeError(f"it ended after {done} kills, with status {run.returncode}")
    return kills


def table_hashes(result: Path) -> dict[str, str]:
    """Hash each file of a result that has no time in it."""
    return {
        str(path.relative_to(result)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(result.rglob("*"))
        if path.is_file() and path.name not in TIMES
    }


def _row(name: str, pages: int, cost: Cost, alone: Cost) -> dict[str, Any]:
    return {
        "run": name,
        "pages": pages,
        "seconds": round(cost.seconds, 1),
        "CPU seconds": round(cost.cpu_seconds, 1),
        "of one worker": round(cost.seconds / alone.seconds, 2),
        "peak MB": round(cost.peak_bytes / 1e6),
        "anonymous MB": round(cost.anonymous_bytes / 1e6),
    }
