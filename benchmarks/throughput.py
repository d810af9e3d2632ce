"""How fast a generated crawl becomes clean text, and with how much memory."""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.corpora import generate_crawl
from benchmarks.measure import Cost, measure

ENDINGS = {"clean": "", "find": "", "extract": ".jsonl.zst"}
"""The commands, and how the name of what they write ends."""


def run(pages: int, workers: tuple[int, ...], crawl: Path | None) -> Iterator[dict[str, Any]]:
    """Time each command on a crawl (made of `pages` pages if none is given), by workers.

    Yields
    ------
    One row a run: command, workers, MB of the uncompressed records, seconds, CPU seconds,
    peak MB, and speed.
    """
    with tempfile.TemporaryDirectory(prefix="dedup-benchmark-") as temp:
        if crawl is None:
            crawl = generate_crawl(Path(temp) / "made", pages)
        dedup = [sys.executable, "-m", "dedup"]
        # the kernels are compiled once on a machine; that is not what is timed here
        measure([*dedup, "clean", "corpus/crawl", "-o", f"{temp}/warm", "-q"])
        n_bytes = None
        for command, ending in ENDINGS.items():
            for n in workers:
                out = f"{temp}/{command}-{n}{ending}"
                words = [command, str(crawl), "-o", out, "--workers", str(n), "-q"]
                cost = measure([*dedup, *words])
                if n_bytes is None:
                    manifest = json.loads((Path(out) / "manifest.json").read_text())
                    n_bytes = manifest["bytes_read"]
                yield _row(command, n, cost, n_bytes)


def _row(command: str, workers: int, cost: Cost, n_bytes: int) -> dict[str, Any]:
    return {
        "command": command,
        "workers": workers,
        "MB": round(n_bytes / 1e6, 1),
        "seconds": round(cost.seconds, 2),
        "CPU seconds": round(cost.cpu_seconds, 2),
        "peak MB": round(cost.peak_bytes / 1e6),
        "MB/s": round(n_bytes / 1e6 / cost.seconds, 1),
        "MB per CPU second": round(n_bytes / 1e6 / cost.cpu_seconds, 1),
    }
