"""How time, memory and disk grow with a crawl, and what a bound of memory costs a large one.

The crawl is generated once and kept. A smaller one is its first parts.
"""

import json
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bounded import table_hashes
from benchmarks.corpora import generated
from benchmarks.measure import Cost, measure
from benchmarks.progress import say
from corpus.generate import PAGES_A_PART

AMPLE = "16GB"
POLL_SECONDS = 1.0


def run(data: Path, sizes: Sequence[int], memory: str, workers: int) -> Iterator[dict[str, Any]]:
    """Clean crawls of several sizes with ample memory and bounded.

    Parameters
    ----------
    data: where the crawl is kept, and where the runs take place. sizes: pages of each.
    memory: the bound, as `--memory` takes it.

    Yields
    ------
    One row a run: seconds, ms a page, MB of pages a second and its share of the same run with
    ample memory, peak MB of all processes, peak GB of disk without the crawl, and whether the
    tables are those of the run with ample memory.
    """
    parts = generated(data, max(sizes))
    warm_up()
    for pages in sorted(sizes):
        runs = [
            clean(data, parts, pages, ["--workers", str(workers), "--memory", bound])
            for bound in (memory, AMPLE)
        ]
        for bound, run in zip((memory, AMPLE), runs, strict=True):
            row = _row(bound, run, runs[-1].cost)
            yield row | {"same tables": run.hashes == runs[-1].hashes}


@dataclass(frozen=True)
class Run:
    """What a run took, bytes of disk among it, and what came of it."""

    cost: Cost
    manifest: dict[str, Any]
    disk: int
    hashes: dict[str, str]


def clean(
    data: Path,
    parts: Sequence[Path],
    pages: int,
    how: Sequence[str],
    environment: Mapping[str, str] | None = None,
) -> Run:
    """Clean so many of a generated crawl's parts as hold the pages, in a folder that goes."""
    say(f"{pages:,} pages, {' '.join(how)}")
    some = [str(part) for part in parts[: -(-pages // PAGES_A_PART)]]
    with tempfile.TemporaryDirectory(prefix="dedup-benchmark-", dir=data) as place:
        out = Path(place) / "out"
        command = [sys.executable, "-m", "dedup", "clean", *some, "-o", str(out), "-q", *how]
        with watched(Path(place)) as disk:
            cost = measure(command, environment=environment)
        used = f"{cost.peak_bytes / 1e6:.0f} MB, {disk.peak / 1e9:.2f} GB on disk"
        say(f"{cost.seconds:.0f} s, {used}")
        manifest = json.loads((out / "manifest.json").read_text())
        return Run(cost, manifest, disk.peak, table_hashes(out))


def warm_up() -> None:
    """Clean the sample crawl: kernels are compiled once on a machine, which is not timed."""
    with tempfile.TemporaryDirectory(prefix="dedup-benchmark-") as place:
        words = ["corpus/crawl", "-o", f"{place}/out", "--workers", "1", "-q"]
        measure([sys.executable, "-m", "dedup", "clean", *words])


def _row(memory: str, run: Run, ample: Cost) -> dict[str, Any]:
    cost, pages, n_bytes = run.cost, run.manifest["counts"]["read"], run.manifest["bytes_read"]
    return {
        "pages": pages,
        "GB of pages": round(n_bytes / 1e9, 2),
        "memory": memory,
        "seconds": round(cost.seconds, 1),
        "CPU seconds": round(cost.cpu_seconds, 1),
        "MB/s": round(n_bytes / 1e6 / cost.seconds, 1),
        "ms a page": round(1e3 * cost.seconds / pages, 3),
        "speed of ample memory's": round(ample.seconds / cost.seconds, 2),
        "peak MB": round(cost.peak_bytes / 1e6),
        "anonymous MB": round(cost.anonymous_bytes / 1e6),
        "peak GB of disk": round(run.disk / 1e9, 2),
    }


class _Disk:
    """Watches how much more of a disk is used, by files that were deleted while open, too."""

    def __init__(self, folder: Path) -> None:
        self.peak = 0
        self.stop = threading.Event()
        self._folder = folder
        self._before = shutil.disk_usage(folder).used

    def watch(self) -> None:
        while not self.stop.wait(POLL_SECONDS):
            self.peak = max(self.peak, shutil.disk_usage(self._folder).used - self._before)


@contextmanager
def watched(folder: Path) -> Iterator[_Disk]:
    """Watch the disk of a folder, which nothing else uses meanwhile, while the block runs."""
    disk = _Disk(folder)
    watcher = threading.Thread(target=disk.watch, daemon=True)
    watcher.start()
    try:
        yield disk
    finally:
        disk.stop.set()
        watcher.join()
