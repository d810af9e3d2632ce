"""Which parts of a run are finished, noted on disk: a run that was killed goes on from there.

Each step of an engine has a journal beside its files: a line of JSON for each part that is
whole, with its checksum, and a last line when the step is done. A line is appended by one
write, after the file that it names.
"""

import json
import os
import shutil
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dedup.engines.files import Part

ENDING = ".journal"
BLOCK_BYTES = 1 << 12
"""Bytes of a file that a checksum adds up, as words of eight: a page of a disk."""


@dataclass(frozen=True)
class Made:
    """What came of one batch: rows and bytes taken in, and the part that was written."""

    rows: int
    n_bytes: int
    part: Part


@dataclass(frozen=True)
class Done:
    """What a whole step took in, and its seconds."""

    rows: int
    n_bytes: int
    seconds: float


@dataclass(frozen=True)
class Record:
    """What a journal holds: parts by the numbers of their batches, and the end, if it came.

    The files of the parts are there, but for a step that was dropped.
    """

    made: Mapping[int, Made]
    done: Done | None

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts in order."""
        return tuple(made.part for _, made in sorted(self.made.items()))


NOTHING = Record({}, None)


def note_made(journal: Path, number: int, made: Made) -> None:
    """Note that a batch has become a part, which is written to its end."""
    part = asdict(made.part) | {"path": made.part.path.name, "checksum": checksum(made.part.path)}
    _append(journal, {"number": number, "rows": made.rows, "n_bytes": made.n_bytes, "part": part})


def note_done(journal: Path, done: Done) -> None:
    """Note that a step is done: all its parts are noted."""
    _append(journal, {"done": asdict(done)})


def note_step(journal: Path, done: Done, parts: Sequence[Part]) -> None:
    """Note a step that is done at once, in place of what was noted of it."""
    journal.unlink(missing_ok=True)
    for number, part in enumerate(parts):
        note_made(journal, number, Made(0, 0, part))
    note_done(journal, done)


def note_dropped(journal: Path) -> None:
    """Note that the parts of a step that is done were taken by all who need them, and go."""
    _append(journal, {"dropped": True})


def _append(journal: Path, line: Mapping[str, Any]) -> None:
    file = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        # a line that a killed run left unfinished ends here
        os.write(file, b"\n" + json.dumps(line).encode() + b"\n")
    finally:
        os.close(file)


def _record(folder: Path, noted: "_Noted") -> Record:
    """List the parts that are as they were written, or were dropped."""
    made: dict[int, Made] = {}
    for number, line in noted.made.items():
        part = dict(line["part"])
        path = folder / part["path"]
        wanted = part.pop("checksum")
        if noted.dropped or (path.is_file() and checksum(path) == wanted):
            made[number] = Made(line["rows"], line["n_bytes"], Part(**part | {"path": path}))
    whole = len(made) == len(noted.made)
    return Record(made, noted.done if whole else None)


@dataclass
class _Noted:
    """The last line of each number, the end, and whether the parts were dropped after it."""

    made: dict[int, dict[str, Any]]
    done: Done | None = None
    dropped: bool = False


def _latest(journal: Path) -> _Noted:
    noted = _Noted({})
    for line in _lines(journal):
        if "done" in line:
            noted.done = Done(**line["done"])
        elif "dropped" in line:
            noted.dropped = noted.done is not None
        else:
            noted.made[line["number"]] = line
    return noted


def _lines(journal: Path) -> Iterable[dict[str, Any]]:
    for line in journal.read_bytes().split(b"\n"):
        try:
            read = json.loads(line)
        except ValueError:
            continue  # blank, or torn
        if isinstance(read, dict):
            yield read


def checksum(path: Path) -> int:
    """Compute a checksum of a file: the CRC-32 of the sums of its blocks, and of the bytes left.

    What a dead machine did not write are pages of the disk, each of which is a block or more.
    The CRC-32 of all bytes would take eight times as long.
    """
    if not path.stat().st_size:
        return 0
    data = np.memmap(path, np.uint8, "r")
    whole = len(data) - len(data) % BLOCK_BYTES
    words = data[:whole].view(np.uint64).reshape(-1, BLOCK_BYTES // 8)
    return zlib.crc32(data[whole:].tobytes(), zlib.crc32(words.sum(axis=1, dtype=np.uint64)))


def has_finished_parts(folder: Path) -> bool:
    """Tell whether a run left anything behind that another one need not do again."""
    return any(folder.glob(f"*{ENDING}"))


def take_up(folder: Path) -> dict[str, Record]:
    """Read what a dead run finished, and delete its other files.

    Where a step that was done has lost a part, what it was made of may have been dropped: unless
    nothing was, all is deleted.

    Returns
    -------
    Records by the names of the steps.
    """
    noted = {journal: _latest(journal) for journal in folder.glob(f"*{ENDING}")}
    records = {journal: _record(folder, each) for journal, each in noted.items()}
    dropped = {journal for journal, each in noted.items() if each.dropped}
    if dropped and any(noted[j].done and not record.done for j, record in records.items()):
        records = {}
    whole = {p.path for j, record in records.items() if j not in dropped for p in record.parts}
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path not in whole and path not in records:
            path.unlink()
    return {journal.name.removesuffix(ENDING): record for journal, record in records.items()}
