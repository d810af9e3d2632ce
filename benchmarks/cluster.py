"""What Spark costs beside the engine of one machine, on the same cores, for the same tables.

Spark's `local-cluster` runs its master, its workers and its executors as processes of their own,
as a cluster does; what it cannot show is a network.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.bounded import table_hashes
from benchmarks.corpora import generated
from benchmarks.large import clean, warm_up
from benchmarks.progress import say

EXECUTORS = 2


def run(data: Path, sizes: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Clean crawls of several sizes by two workers, and by two executors of one core each.

    Parameters
    ----------
    data: where the crawl is kept, and where the runs take place. sizes: pages of each.

    Yields
    ------
    One row a run: seconds, CPU seconds, how many times those of the local engine they are, and
    whether the tables are the same.
    """
    crawl = generated(data, max(sizes))
    warm_up()
    engines = {
        f"local, {EXECUTORS} workers": ["--workers", str(EXECUTORS)],
        f"Spark, {EXECUTORS} executors": [
            "--engine", "spark", "--master", f"local-cluster[{EXECUTORS},1,4096]",
        ],
    }  # fmt: skip
    for pages in sorted(sizes):
        local = wanted = None
        for name, how in engines.items():
            say(f"{pages:,} pages, {name}")
            with tempfile.TemporaryDirectory(prefix="dedup-benchmark-", dir=data) as place:
                out = Path(place) / "out"
                cost, manifest = clean(crawl, pages, out, how)
                local, wanted = local or cost, wanted or table_hashes(out)
                same = table_hashes(out) == wanted
            yield {
                "engine": name,
                "pages": manifest["counts"]["read"],
                "MB of pages": round(manifest["bytes_read"] / 1e6),
                "seconds": round(cost.seconds, 1),
                "CPU seconds": round(cost.cpu_seconds, 1),
                "times local seconds": round(cost.seconds / local.seconds, 2),
                "times local CPU seconds": round(cost.cpu_seconds / local.cpu_seconds, 2),
                "peak MB": round(cost.peak_bytes / 1e6),
                "same tables": same,
            }
