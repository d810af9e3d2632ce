"""All peers side by side on the same corpora, in one run, each pinned to one core."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import corpora
from benchmarks.measure import Cost, Limits, measure
from benchmarks.peers.environments import find_python, find_version
from benchmarks.peers.registry import PEERS, Peer, Reports
from benchmarks.progress import say
from benchmarks.score import read_found, read_ours, score
from benchmarks.truth import document_pairs

ROOT = Path(__file__).parents[1]
THRESHOLD = 0.8
LOWEST = 0.5
TINY, WARM = 10, 1_000
"""Documents of the corpora on which start-up is measured, and caches are filled before it."""

ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "OMP_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "TQDM_DISABLE": "1",
    "DAFT_PROGRESS_BAR": "0",
}


@dataclass(frozen=True)
class Bench:
    """Where a comparison runs, and within what limits."""

    data: Path
    environments: Path
    limits: Limits


def compare(bench: Bench, sizes: Sequence[int], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Run every peer on a corpus of each size.

    Yields
    ------
    One row a peer and size; of one that was not run, `skipped` says why.
    """
    peers = [peer for peer in PEERS if not names or peer.name in names]
    for documents in sizes:
        for peer in peers:
            say(f"{peer.name}, {documents:,} documents")
            row = {"tool": peer.name, "documents": documents, "how": peer.how}
            try:
                row |= _run(bench, peer, documents)
            except (LookupError, TimeoutError, RuntimeError) as error:
                say(f"{peer.name} skipped: {error}")
                row["skipped"] = str(error).strip().splitlines()[-1]
            yield row


def _run(bench: Bench, peer: Peer, documents: int) -> dict[str, Any]:
    python = find_python(peer, bench.environments)
    if peer.largest is not None and documents > peer.largest:
        raise LookupError(f"not run on more than {peer.largest:,} documents: it takes too long")
    row: dict[str, Any] = {"version": find_version(peer, python), "reports": peer.reports}
    with tempfile.TemporaryDirectory(prefix="dedup-benchmark-") as temp:
        tiny = corpora.planted(bench.data, TINY, peer.reads)
        # the first run fills caches: of kernels, of files
        warm = corpora.planted(bench.data, WARM, peer.reads)
        measure_peer(bench, peer, warm, Path(temp) / "warm")
        start = measure_peer(bench, peer, tiny, Path(temp) / "start")
        corpus = corpora.planted(bench.data, documents, peer.reads)
        cost = measure_peer(bench, peer, corpus, Path(temp) / "out")
        row |= _cost_row(cost, start, corpora.text_bytes(corpora.planted(bench.data, documents)))
        if peer.reports != "paragraphs":
            row |= _quality_row(corpus, Path(temp) / "out")
    return row


def measure_peer(bench: Bench, peer: Peer, corpus: Path, out: Path) -> Cost:
    """Run a peer in a process of its own and measure it."""
    python = find_python(peer, bench.environments)
    if peer.module:
        words = ["-m", "benchmarks.peers.run", peer.module, peer.variant, str(corpus), str(out)]
    else:
        words = our_words(corpus, out, THRESHOLD, peer.reports)
    return measure([python, *words], cwd=ROOT, environment=ENVIRONMENT, limits=bench.limits)


def our_words(corpus: Path, out: Path, threshold: float, reports: Reports = "pairs") -> list[str]:
    """Give the arguments that make Python find our clusters of documents, and pairs if asked."""
    options = ["--unit", "document", "--threshold", str(threshold), "--workers", "1", "-q"]
    if reports == "pairs":
        options.append("--pairs")
    return ["-m", "dedup", "find", str(corpus), "-o", str(out), *options]


def describe_machine(core: int | None) -> dict[str, Any]:
    """Say on what the figures were measured."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    return {
        "processor": models[0] if models else "unknown",
        "cores": os.cpu_count(),
        "pinned to one core": core is not None,
        "python": sys.version.split()[0],
        "commit": done.stdout.strip(),
    }


def _cost_row(cost: Cost, start: Cost, n_bytes: int) -> dict[str, Any]:
    megabytes = n_bytes / 1e6
    beyond = max(cost.cpu_seconds - start.cpu_seconds, 0.01)
    return {
        "MB": round(megabytes, 1),
        "seconds": round(cost.seconds, 2),
        "cpu_seconds": round(cost.cpu_seconds, 2),
        "start_cpu_seconds": round(start.cpu_seconds, 2),
        "mb_per_cpu_second": round(megabytes / cost.cpu_seconds, 2),
        "mb_per_cpu_second_beyond_start": round(megabytes / beyond, 2),
        "peak_mb": round(cost.peak_bytes / 1e6),
    }


def _quality_row(corpus: Path, out: Path) -> dict[str, Any]:
    found = read_ours(out, corpus) if (out / "manifest.json").exists() else read_found(out)
    reached = score(found, document_pairs(corpus, LOWEST), THRESHOLD)
    return {
        "found": reached.found,
        "recall": round(reached.recall, 4),
        "precision": round(reached.precision, 4),
    }
