"""One extractor on labelled pages, in a process of its own.

`python -m benchmarks.extractors.run MODULE VARIANT READS LABELLED OUT`

Pages are read batch by batch, which is not timed; then the whole batch is extracted.
"""

import importlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks.extractors.exchange import Extract, Extracted, write
from dedup.classify.labelled import read_labelled, strip_html

WARM_PAGES = 5
"""Pages of the first batch that a tool is given before the time is taken: it loads its parts."""

T = TypeVar("T")


def main() -> None:
    """Run an extractor over all pages."""
    module, variant, reads, labelled, out = sys.argv[1:]
    tool = importlib.import_module(f"benchmarks.extractors.{module}").load(variant)
    write(Path(out), extract_all(tool, labelled, reads))


def extract_all(tool: Extract, labelled: str, reads: str) -> Extracted:
    """Give a tool all labelled pages, as they are or as plain text."""
    texts: list[str | None] = []
    spent = stripping = 0.0
    for batch in read_labelled(labelled):
        pages = batch.documents.column("content").to_pylist()
        if reads == "text":
            pages, seconds = _timed(lambda pages=pages: [*map(strip_html, pages)])
            stripping += seconds
        if not texts:
            tool(pages[:WARM_PAGES])
        found, seconds = _timed(lambda pages=pages: tool(pages))
        spent += seconds
        texts += found
    return Extracted(texts, spent, stripping, getattr(tool, "first_error", None))


def _timed(call: Callable[[], T]) -> tuple[T, float]:
    began = time.process_time()
    result = call()
    return result, time.process_time() - began


if __name__ == "__main__":
    main()
