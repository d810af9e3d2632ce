"""Corpora that are generated once and kept, with what is known of them beside them."""

from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.planted import Plan, write_corpus
from benchmarks.progress import say

FOLDER = Path(__file__).parent / "data"


def planted(folder: Path, documents: int, ending: str = ".parquet") -> Path:
    """Give the planted corpus of so many documents; it is written if it is missing."""
    path = folder / f"planted-{documents}{ending}"
    if not path.exists():
        say(f"writing {path.name}")
        folder.mkdir(parents=True, exist_ok=True)
        path.with_name(f"{path.name}.part").unlink(missing_ok=True)
        write_corpus(path, Plan(documents))
    return path


def text_bytes(corpus: Path) -> int:
    """Count the bytes of UTF-8 text in a Parquet corpus."""
    count = 0
    for batch in pq.ParquetFile(corpus).iter_batches(10_000, columns=["text"]):
        column = batch.column(0)
        ends = memoryview(column.buffers()[1]).cast("i")
        count += ends[column.offset + len(column)] - ends[column.offset]
    return count
