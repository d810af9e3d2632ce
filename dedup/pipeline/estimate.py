"""What a run will take, told from the sizes of its inputs before it starts.

The factors were measured on crawls of `corpus.generate`, whose pages are short. How much of a
page is text differs from crawl to crawl: these are estimates, and told as such.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dedup.errors import DedupError
from dedup.read import Source
from dedup.report.manifest import Command
from dedup.report.numbers import byte_size, duration
from dedup.settings import FindSettings, RunSettings

TEXTS = frozenset({".txt", ".text", ".wet", ".jsonl", ".ndjson", ".json", ".parquet"})
"""Endings of names of files that hold plain text; the rest holds HTML."""

PACKED = frozenset({".gz", ".zst", ".bz2", ".xz", ".parquet"})

TEXT_UNPACKED, HTML_UNPACKED = 2.7, 5.0
"""Bytes that come of one that is compressed. Common Crawl's WET and WARC files in gzip."""

TEXT_OF_HTML = 0.1
"""Common Crawl's WET files are about a tenth of its WARC files."""

HTML_SPEED = 40e6
"""Bytes of HTML that are segmented in a second by one core."""

CORES_HELP = 0.85
"""Of each further worker."""


@dataclass(frozen=True)
class Effort:
    """Bytes of intermediate files and of result for each byte of text; bytes a CPU second.

    Of intermediate files the most that lie on the disk at once.
    """

    files: float
    result: float
    speed: float


CLEAN = Effort(6.8, 0.6, 2.2e6)
FIND = {
    "both": Effort(5.6, 0.1, 4.3e6),
    "block": Effort(5.6, 0.1, 4.8e6),
    "document": Effort(1.5, 0.1, 25e6),
    "passage": Effort(4.6, 0.1, 5e6),
}


@dataclass(frozen=True)
class Estimate:
    """Bytes of text that come of the inputs, of disk and of memory; seconds."""

    text: float
    files: float
    result: float
    memory: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"about {byte_size(self.text)} of text: {byte_size(self.files)} of intermediate files, "
            f"{byte_size(self.result)} of result, {duration(self.seconds)}; "
            f"at most {byte_size(self.memory)} of memory"
        )


def estimate(
    sources: Sequence[Source], command: Command, wanted: FindSettings | None, run: RunSettings
) -> Estimate:
    """Estimate what a run will take.

    Examples
    --------
    >>> crawl = [Source("a.warc.gz", "a", 10**9), Source("b.jsonl", "b", 10**9)]
    >>> print(estimate(crawl, "clean", None, RunSettings(workers=2)))
    about 1.5 GB of text: 10.2 GB of intermediate files, 900.0 MB of result, 7 min 16 s; at most \
2.1 GB of memory
    """
    text = html = 0.0
    for source in sources:
        if is_text(source.address):
            text += unpacked(source, TEXT_UNPACKED)
        else:
            html += unpacked(source, HTML_UNPACKED)
    effort = CLEAN
    if command == "find" and wanted is not None and wanted.on == "text":
        effort = FIND[wanted.unit]
    text += html * TEXT_OF_HTML
    cores = 1 + CORES_HELP * (run.workers - 1)
    return Estimate(
        text=text,
        files=text * effort.files,
        result=text * effort.result,
        memory=run.memory_bytes,
        seconds=(text / effort.speed + html / HTML_SPEED) / cores,
    )


def is_text(address: str) -> bool:
    """Tell from a name whether a file holds plain text.

    Examples
    --------
    >>> is_text("crawl/CC-0001.warc.wet.gz"), is_text("CC-0001.warc.gz"), is_text("page")
    (True, False, False)
    """
    return not TEXTS.isdisjoint(_endings(address))


def unpacked(source: Source, factor: float) -> float:
    """Estimate the bytes of a source without its compression; nothing of what has no size."""
    n_bytes = source.n_bytes or 0
    return n_bytes * (1.0 if PACKED.isdisjoint(_endings(source.address)) else factor)


def _endings(address: str) -> list[str]:
    return [ending.lower() for ending in PurePosixPath(address).suffixes]


def check_disk(found: Estimate, steps: Path, folder: Path) -> None:
    """Refuse to start where the disk has not even room for half of what is estimated.

    Parameters
    ----------
    steps: where the intermediate files will be; what lies there already is taken into account.
    folder: where the result will be.

    Raises
    ------
    DedupError
    """
    steps_place = next(path for path in (steps, *steps.parents) if path.exists())
    there = sum(path.stat().st_size for path in steps.rglob("*") if path.is_file())
    needed = found.files - there
    if steps_place.stat().st_dev == folder.stat().st_dev:
        needed += found.result
    free = shutil.disk_usage(steps_place).free
    if free < needed / 2:
        raise DedupError(
            f"about {byte_size(needed)} of disk are needed in {steps}, and {byte_size(free)} are "
            "free; --temp names another place for intermediate files"
        )
