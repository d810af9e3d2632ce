"""What share of the exact pairs `dedup find` finds, and what share of its pairs is exact."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import corpora
from benchmarks.compare import LOWEST, ROOT, our_words
from benchmarks.measure import measure
from benchmarks.passages import read_lines, score_passages, write_passages
from benchmarks.progress import say
from benchmarks.score import Score, read_ours, score
from benchmarks.truth import document_pairs

THRESHOLDS = (0.5, 0.7, 0.8, 0.9)
CONTAINMENT = 0.9


def run(data: Path, documents: int) -> Iterator[dict[str, Any]]:
    """Score documents at each threshold, and passages in longer lines.

    Yields
    ------
    One row a threshold: what is compared, recall, precision, and how many pairs were found.
    """
    corpus = corpora.planted(data, documents)
    truth = document_pairs(corpus, LOWEST)
    for threshold in THRESHOLDS:
        say(f"documents at {threshold}")
        with tempfile.TemporaryDirectory(prefix="dedup-benchmark-") as temp:
            measure([sys.executable, *our_words(corpus, Path(temp) / "out", threshold)], cwd=ROOT)
            found = read_ours(Path(temp) / "out", corpus)
        yield _row(f"documents, Jaccard {threshold}", score(found, truth, threshold))
    yield _passages(data, documents)


def _passages(data: Path, documents: int) -> dict[str, Any]:
    corpus = data / f"passages-{documents}.parquet"
    if not corpus.exists():
        say(f"writing {corpus.name}")
        write_passages(corpus, documents)
    say(f"passages at {CONTAINMENT}")
    lines = read_lines(corpus)
    options = ["--unit", "block", "--containment", str(CONTAINMENT), "--pairs", "-q"]
    with tempfile.TemporaryDirectory(prefix="dedup-benchmark-") as temp:
        out = Path(temp) / "out"
        measure(
            [sys.executable, "-m", "dedup", "find", str(corpus), "-o", str(out), *options],
            cwd=ROOT,
        )
        reached = score_passages(lines, out, CONTAINMENT)
    return _row(f"passages of 12 words and up, containment {CONTAINMENT}", reached)


def _row(what: str, reached: Score) -> dict[str, Any]:
    return {
        "what": what,
        "recall": round(reached.recall, 4),
        "precision": round(reached.precision, 4),
        "pairs found": reached.found,
    }
