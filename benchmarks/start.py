"""The first command on a new machine, whose kernels are not compiled yet, beside the second."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import corpora
from benchmarks.compare import ROOT, THRESHOLD, WARM, our_words
from benchmarks.measure import Cost, measure
from benchmarks.progress import say

RUNS = 3


def run(data: Path) -> Iterator[dict[str, Any]]:
    """Find pairs in a small corpus and clean a small crawl, each from an empty cache of kernels.

    Yields
    ------
    One row a run: seconds, CPU seconds, and how many seconds it took more than the last.
    """
    corpus = corpora.planted(data, WARM)
    with tempfile.TemporaryDirectory(prefix="dedup-benchmark-") as temp:
        out = Path(temp) / "out"
        commands = {
            "find --unit document, one worker": our_words(corpus, out, THRESHOLD),
            "clean": ["-m", "dedup", "clean", str(ROOT / "corpus" / "crawl"), "-o", str(out), "-q"],
        }
        for name, words in commands.items():
            kernels = {"NUMBA_CACHE_DIR": f"{temp}/kernels"}
            costs = []
            for number in range(1, RUNS + 1):
                say(f"{name}, run {number}")
                costs.append(measure([sys.executable, *words], cwd=ROOT, environment=kernels))
                shutil.rmtree(out)
            shutil.rmtree(f"{temp}/kernels")
            for number, cost in enumerate(costs, 1):
                yield _row(name, number, cost, costs[-1])


def _row(name: str, number: int, cost: Cost, last: Cost) -> dict[str, Any]:
    return {
        "command": name,
        "run": number,
        "seconds": round(cost.seconds, 1),
        "CPU seconds": round(cost.cpu_seconds, 1),
        "seconds more than the last": round(cost.seconds - last.seconds, 1),
    }
