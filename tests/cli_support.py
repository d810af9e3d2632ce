"""The installed command, run as a user runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

COMMAND = str(Path(sys.executable).with_name("dedup"))
CORPUS = Path(__file__).parents[1] / "corpus"
PARAGRAPHS = [
    "The harbour of Lindau froze over last night, for the first time in more than forty years, "
    "and the ferries that cross the lake every morning stayed where they were.",
    "Fishermen walked out on the ice before sunrise to free their nets, and by noon half of the "
    "town had followed them with sledges, skates and thermos flasks full of hot tea.",
    "The harbour master expects the thaw to begin on Thursday, when the wind turns to the south, "
    "and asks everybody to keep away from the breakwater until then.",
]
"""A section of an article, of one sentence each."""


STORY = (
    "<p>Report {n} of the harbour master: {n} boats left the port before noon, the wind came "
    "from the south, and after {n} o'clock nobody saw the lighthouse any more.</p>"
)


def write_ports(folder: Path, n_pages: int, n_stories: int, step: int) -> Path:
    """Write pages of so many stories, that begin `step` stories after each other."""
    folder.mkdir()
    for page in range(n_pages):
        body = "".join(STORY.format(n=page * step + n) for n in range(n_stories))
        (folder / f"{page:02d}.html").write_text(f"<title>Port {page}</title><main>{body}</main>")
    return folder


def run_dedup(*arguments, stdin=b"", cwd=None, timeout=240):
    """Run `dedup` to its end; standard output and standard error are text."""
    done = subprocess.run(
        [COMMAND, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        timeout=timeout,
        check=False,
    )
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    return done


def start_dedup(*arguments, cwd=None):
    """Start `dedup` in a process group of its own."""
    return subprocess.Popen(
        [COMMAND, *map(str, arguments)],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def read_table(folder: Path) -> pa.Table:
    """Read one table of a result."""
    return pa.concat_tables([pq.read_table(path) for path in sorted(folder.glob("*.parquet"))])


def read_rows(folder: Path) -> list[dict]:
    return read_table(folder).to_pylist()


def read_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def table_bytes(result: Path) -> dict[str, bytes]:
    """Read all files of a result that must not depend on time or order."""
    return {
        str(path.relative_to(result)): path.read_bytes()
        for path in sorted(result.rglob("*"))
        if path.is_file() and path.name not in {"manifest.json", "report.html"}
    }
