"""How time and memory of `dedup find` grow with the corpus.

Memory is the highest sum, over all its processes, of anonymous memory (Pss_Anon: what they
allocated; files that are mapped or cached by the system are not in it). What one document
adds is the slope from the smallest corpus on, so that interpreter, libraries, kernels and the
batch of input, equal in all, drop out.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import corpora
from benchmarks.compare import ENVIRONMENT, ROOT, THRESHOLD, WARM, our_words
from benchmarks.measure import Cost, Limits, measure
from benchmarks.progress import say


def run(data: Path, sizes: Sequence[int], core: int) -> Iterator[dict[str, Any]]:
    """Measure one run a size, pinned to one core, the smallest first."""
    _measure(corpora.planted(data, WARM), core)
    first: tuple[int, Cost] | None = None
    for documents in sorted(sizes):
        corpus = corpora.planted(data, documents)
        say(f"{documents:,} documents")
        cost = _measure(corpus, core)
        first = first or (documents, cost)
        yield _row(documents, cost, first)


def _measure(corpus: Path, core: int) -> Cost:
    with tempfile.TemporaryDirectory(prefix="dedup-benchmark-", dir=corpus.parent) as temp:
        words = our_words(corpus, Path(temp) / "out", THRESHOLD)
        return measure(
            [sys.executable, *words], cwd=ROOT, environment=ENVIRONMENT, limits=Limits(core)
        )


def _row(documents: int, cost: Cost, first: tuple[int, Cost]) -> dict[str, Any]:
    n, smallest = first
    slope: float | str = ""
    if documents > n:
        slope = round((cost.anonymous_bytes - smallest.anonymous_bytes) / (documents - n))
    return {
        "documents": documents,
        "seconds": round(cost.seconds, 1),
        "CPU seconds": round(cost.cpu_seconds, 1),
        "µs a document": round(cost.seconds / documents * 1e6, 1),
        "CPU µs a document": round(cost.cpu_seconds / documents * 1e6, 1),
        "times the smallest": round(cost.cpu_seconds / documents / smallest.cpu_seconds * n, 2),
        "peak MB": round(cost.peak_bytes / 1e6),
        "peak anonymous MB": round(cost.anonymous_bytes / 1e6),
        "bytes a document": slope,
    }
