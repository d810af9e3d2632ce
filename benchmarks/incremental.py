"""What a second crawl costs beside the index of a first one, and whether it finds the same.

The crawl is generated; its last pages are the second one. Both at once is what the index saves.
"""

import gzip
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.corpora import generate_crawl
from benchmarks.measure import Cost, measure
from benchmarks.progress import say

Clusters = dict[str, frozenset[str]]


def run(pages: int, new: float, workers: int) -> Iterator[dict[str, Any]]:
    """Clean a crawl at once, and in two steps with an index between them.

    Parameters
    ----------
    new: the share of the pages that are the second crawl.

    Yields
    ------
    One row a step: seconds, CPU seconds and peak MB, its share of the time that both crawls
    take at once, and for the step that matters how many clusters are those of both at once.
    """
    with tempfile.TemporaryDirectory(prefix="dedup-benchmark-") as temp:
        place = Path(temp)
        first, second = _write_crawls(pages, new, place)
        # the kernels are compiled once on a machine; that is not what is timed here
        _dedup(["clean", "corpus/crawl", "-o", f"{temp}/warm"], workers)
        _dedup(["index", "build", f"{temp}/warm", "-o", f"{temp}/warm.index"], workers)
        _dedup(
            ["clean", "corpus/crawl", "-o", f"{temp}/again", "--against", f"{temp}/warm.index"],
            workers,
        )
        index = f"{temp}/crawl.index"
        against = ["clean", str(second), "--against", index]
        steps = {
            "both at once": ["clean", str(first), str(second), "-o", f"{temp}/both"],
            "first crawl": ["clean", str(first), "-o", f"{temp}/first"],
            "index of the first": ["index", "build", f"{temp}/first", "-o", index],
            "second against the index": [*against, "-o", f"{temp}/second"],
            "the same with --update": [*against, "--update", "-o", f"{temp}/updated"],
        }
        whole = None
        for name, words in steps.items():
            say(name)
            cost = _dedup(words, workers)
            whole = whole or cost
            row = _row(name, cost, whole, pages, new)
            if name == "second against the index":
                row |= _compare(place / "both", place / "second")
            yield row


def _dedup(words: list[str], workers: int) -> Cost:
    return measure([sys.executable, "-m", "dedup", *words, "--workers", str(workers), "-q"])


def _write_crawls(pages: int, new: float, folder: Path) -> tuple[Path, Path]:
    """Generate a crawl, and cut its last pages off as another one."""
    made = generate_crawl(folder / "generated", pages, "jsonl")
    places = folder / "first.jsonl", folder / "second.jsonl"
    bound = round(pages * (1 - new))
    with places[0].open("wb") as first, places[1].open("wb") as second:
        number = 0
        for part in sorted(made.iterdir()):
            with gzip.open(part) as lines:
                for line in lines:
                    (first if number < bound else second).write(line)
                    number += 1
    return places


def _compare(both: Path, second: Path) -> dict[str, Any]:
    """Count the clusters that have a new page, and those that have the same members at once."""
    ids = set(_column(second / "documents", "id"))
    ours, at_once = clusters_of(second), clusters_of(both)
    wanted = {members for members in at_once.values() if members & ids}
    return {"clusters": len(wanted), "same at once": len(wanted & set(ours.values()))}


def clusters_of(result: Path) -> Clusters:
    """Read the members of each cluster of documents, by its name."""
    members = defaultdict(set)
    for part in sorted((result / "clusters").iterdir()):
        rows = pq.read_table(part, columns=["kind", "cluster", "document"])
        for row in rows.to_pylist():
            if row["kind"] == "document":
                members[row["cluster"]].add(row["document"])
    return {name: frozenset(each) for name, each in members.items()}


def _column(table: Path, name: str) -> list[str]:
    parts = [pq.read_table(part, columns=[name]) for part in sorted(table.iterdir())]
    return [value for part in parts for value in part.column(0).to_pylist()]


def _row(name: str, cost: Cost, whole: Cost, pages: int, new: float) -> dict[str, Any]:
    return {
        "step": name,
        "pages": pages,
        "new": new,
        "seconds": round(cost.seconds, 1),
        "CPU seconds": round(cost.cpu_seconds, 1),
        "of both at once": round(cost.seconds / whole.seconds, 3),
        "CPU of both at once": round(cost.cpu_seconds / whole.cpu_seconds, 3),
        "peak MB": round(cost.peak_bytes / 1e6),
        "clusters": "",
        "same at once": "",
    }
