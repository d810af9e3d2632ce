"""Corpora that are generated once and kept, with what is known of them beside them."""

import os
import shutil
import subprocess
import sys
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


def generated(folder: Path, pages: int) -> list[Path]:
    """Give the parts of the generated crawl of at least so many pages; missing ones are written."""
    path = folder / f"crawl-{pages}"
    if not path.exists():
        part = path.with_name(f"{path.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        generate_crawl(part, pages)
        part.rename(path)
    return sorted((path / "crawl").iterdir())


def generate_crawl(folder: Path, pages: int, form: str = "warc") -> Path:
    """Generate a crawl in a new folder; gives the folder of its files."""
    say(f"generating {pages:,} pages")
    subprocess.run(
        [sys.executable, "-m", "corpus.generate", "--pages", str(pages), "--seed", "1",
         "--format", form, "--workers", str(os.cpu_count() or 1), "-o", str(folder)],
        check=True,
    )  # fmt: skip
    return folder / "crawl"


def text_bytes(corpus: Path) -> int:
    """Count the bytes of UTF-8 text in a Parquet corpus."""
    count = 0
    for batch in pq.ParquetFile(corpus).iter_batches(10_000, columns=["text"]):
        column = batch.column(0)
        ends = memoryview(column.buffers()[1]).cast("i")
        count += ends[column.offset + len(column)] - ends[column.offset]
    return count
