"""The first command on a new machine, whose kernels are not compiled yet, beside the second."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import corpora
from benchmarks.compare import ROOT, THRESHOLD, WARM, our_words
from benchmarks.measure import measure
from benchmarks.progress import say


def run(data: Path) -> Iterator[dict[str, Any]]:
    """Find the pairs of a small corpus three times from an empty cache of kernels.

    Yields
    ------
    One row a run: seconds, CPU seconds, and how many seconds it took more than the last.
    """
    corpus = corpora.planted(data, WARM)
    costs = []
    with tempfile.TemporaryDirectory(prefix="dedup-benchmark-") as temp:
        for number in (1, 2, 3):
            say(f"run {number}")
            words = our_words(corpus, Path(temp) / f"out-{number}", THRESHOLD)
            kernels = {"NUMBA_CACHE_DIR": f"{temp}/kernels"}
            costs.append(measure([sys.executable, *words], cwd=ROOT, environment=kernels))
    for number, cost in enumerate(costs, 1):
        yield {
            "run": number,
            "seconds": round(cost.seconds, 1),
            "CPU seconds": round(cost.cpu_seconds, 1),
            "seconds more than the last": round(cost.seconds - costs[-1].seconds, 1),
        }
