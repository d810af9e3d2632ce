"""How time and memory of `dedup find --pairs` grow with the corpus.

Memory is the highest sum, over all its processes, of anonymous memory (Pss_Anon: what they
allocated; files that are mapped or cached by the system are not in it). What one document
adds is the slope from the smallest corpus on, so that interpreter, libraries, kernels and the
batch of input, equal in all, drop out. So that they do not hide growth of time either, it is
told beyond start-up, too: the CPU seconds of the same command on ten documents are taken off.
Where a corpus is so small that it took no more than that, nothing is told.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import corpora
from benchmarks.compare import (
    ENVIRONMENT,
    ROOT,
    THRESHOLD,
    TINY,
    WARM,
    our_words,
)
from benchmarks.measure import Cost, Limits, measure
from benchmarks.progress import say


def run(data: Path, sizes: Sequence[int], core: int | None) -> Iterator[dict[str, Any]]:
    """Measure one run a size, pinned to one core, the smallest first."""
    # the first run fills caches: of kernels, of files
    _measure(corpora.planted(data, WARM), core)
    start = _measure(corpora.planted(data, TINY), core)
    first: tuple[int, Cost] | None = None
    for documents in sorted(sizes):
        corpus = corpora.planted(data, documents)
        say(f"{documents:,} documents")
        cost = _measure(corpus, core)
        first = first or (documents, cost)
        yield growth_row(documents, cost, first, start)


def _measure(corpus: Path, core: int | None) -> Cost:
    with tempfile.TemporaryDirectory(prefix="dedup-benchmark-", dir=corpus.parent) as temp:
        words = our_words(corpus, Path(temp) / "out", THRESHOLD)
        return measure(
            [sys.executable, *words], cwd=ROOT, environment=ENVIRONMENT, limits=Limits(core)
        )


def growth_row(documents: int, cost: Cost, first: tuple[int, Cost], start: Cost) -> dict[str, Any]:
    """Tell what a document costs, beside the smallest corpus (its size and cost)."""
    n, smallest = first
    each, least = cost.cpu_seconds / documents, smallest.cpu_seconds / n
    each_beyond = max(cost.cpu_seconds - start.cpu_seconds, 0) / documents
    least_beyond = max(smallest.cpu_seconds - start.cpu_seconds, 0) / n
    growth: float | str = ""
    if each_beyond and least_beyond:
        growth = round(each_beyond / least_beyond, 2)
    slope: float | str = ""
    if documents > n:
        slope = round((cost.anonymous_bytes - smallest.anonymous_bytes) / (documents - n))
    return {
        "documents": documents,
        "seconds": round(cost.seconds, 1),
        "CPU seconds": round(cost.cpu_seconds, 1),
        "µs a document": round(cost.seconds / documents * 1e6, 1),
        "CPU µs a document": round(each * 1e6, 1),
        "times the smallest": round(each / least, 2),
        "start-up CPU seconds": round(start.cpu_seconds, 2),
        "CPU µs a document beyond start-up": round(each_beyond * 1e6, 1) if each_beyond else "",
        "times the smallest beyond start-up": growth,
        "peak MB": round(cost.peak_bytes / 1e6),
        "peak anonymous MB": round(cost.anonymous_bytes / 1e6),
        "bytes a document": slope,
    }
