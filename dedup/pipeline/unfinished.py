"""A run that was stopped goes on where it was, if it is told the same and reads the same."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import dedup
from dedup.engines.journal import has_finished_parts
from dedup.engines.workers import WorkerDied
from dedup.errors import BadSettings, TooLittleMemory, TooMuchRemoved
from dedup.read import STDIN, Source
from dedup.report.manifest import Command, part_versions
from dedup.report.numbers import byte_size
from dedup.report.output import WORK, disk_is_full
from dedup.settings import FindSettings, Settings

STEPS, TOLD, INPUTS = "steps", "told.json", "inputs.txt"

YIELDS = "yields"
"""Marks what a run left that came to its end without a result: another may take its place."""


@dataclass(frozen=True)
class Given:
    """All that a result depends on: what the run is told, and what it reads."""

    command: Command
    wanted: FindSettings | None
    settings: Settings
    sources: tuple[Source, ...]
    # what tells the version of the index that it is matched with
    index: str | None = None


@contextmanager
def open_work(folder: Path, given: Given, *, overwrite: bool) -> Iterator[Path]:
    """Lend a folder for the steps of a run; what a stopped run of the same kind did lies there.

    It stays when the run is interrupted, ends because there is no more disk or memory, or would
    remove too much: it may go on then, and the error says so in a note. When all went well it is
    the caller's to delete, once the result is in its place.

    Parameters
    ----------
    folder: the hidden one of the result.
    overwrite: what a run that was told or read something else left is deleted.

    Raises
    ------
    BadSettings: such a run was here, and it may not be deleted.
    """
    work = folder / WORK
    steps = _steps(work, given)
    if work.exists():
        _take_over(work, steps, given, overwrite=overwrite)
    work.mkdir(exist_ok=True)
    _write_told(work, steps, given)
    try:
        yield steps
    except BaseException as error:
        if _can_go_on(error) and _is_repeatable(given) and has_finished_parts(steps):
            size = sum(path.stat().st_size for path in steps.rglob("*") if path.is_file())
            if isinstance(error, TooMuchRemoved):
                (work / YIELDS).touch()
            error.add_note(
                f"the same command goes on from there; until then {byte_size(size)} stay in {steps}"
            )
        else:
            _delete(work, steps)
        raise


def _steps(work: Path, given: Given) -> Path:
    """Choose where the files of the steps lie; the same place for the same result."""
    run = given.settings.run
    if run.temp is None or run.engine == "spark":
        return work / STEPS
    return Path(run.temp).resolve() / _elsewhere(work)


def _elsewhere(work: Path) -> str:
    return f"dedup-{hashlib.blake2b(os.fsencode(work), digest_size=8).hexdigest()}"


def _can_go_on(error: BaseException) -> bool:
    """Tell whether the same command may come further than it did."""
    stopped = not isinstance(error, Exception)
    mendable = isinstance(error, WorkerDied | MemoryError | TooLittleMemory | TooMuchRemoved)
    return stopped or mendable or disk_is_full(error)


def _is_repeatable(given: Given) -> bool:
    return all(source.address != STDIN for source in given.sources)


def _take_over(work: Path, steps: Path, given: Given, *, overwrite: bool) -> None:
    """Leave the steps of a run that was told the same; delete others if that is allowed."""
    try:
        told = json.loads((work / TOLD).read_bytes())
        before = Path(told.pop("steps"))
        whole = before.name in (STEPS, _elsewhere(work)) and (work / INPUTS).exists()
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        whole = False
    if not whole:
        # killed before it had begun, or not as it was left
        _delete(work, steps)
        return
    difference = _difference(told, _told(given)) or _changed_input(work, given)
    if difference is None and before == steps and _is_repeatable(given):
        return
    yields = overwrite or (work / YIELDS).exists()
    if difference is not None and has_finished_parts(before) and not yields:
        raise BadSettings(
            f"{work.parent}: a run that was stopped can go on there, but {difference}; "
            "run it as before, or start afresh with --overwrite"
        )
    _delete(work, before)


def _delete(work: Path, steps: Path) -> None:
    shutil.rmtree(steps, ignore_errors=True)
    shutil.rmtree(work, ignore_errors=True)


def _told(given: Given) -> dict[str, Any]:
    """List what a run was told and is made of, in JSON's types."""
    settings = asdict(given.settings)
    del settings["run"]
    # these stop a run or let it pass; what it has made until then is the same
    for guard in ("max_removal", "allow_removal"):
        del settings["resolve"][guard]
    told = {
        "command": given.command,
        "dedup": dedup.__version__,
        "wanted": None if given.wanted is None else asdict(given.wanted),
        **settings,
        "versions": part_versions(),
        "index": given.index,
    }
    plain: dict[str, Any] = json.loads(json.dumps(told))
    return plain


def _write_told(work: Path, steps: Path, given: Given) -> None:
    with (work / INPUTS).open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in _input_lines(given))
    whole = work / f"{TOLD}.new"
    whole.write_text(json.dumps({**_told(given), "steps": str(steps)}), encoding="utf-8")
    whole.replace(work / TOLD)


def _difference(before: Any, now: Any, name: str = "") -> str | None:
    """Name the first value that differs."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted(before.keys() | now.keys()):
            found = _difference(before.get(key), now.get(key), f"{name} {key}".strip())
            if found is not None:
                return found
        return None
    if before == now:
        return None
    return f"{name.replace('_', '-')} was {_shown(before)} and is {_shown(now)}"


def _shown(value: Any) -> str:
    return "not set" if value is None else json.dumps(value)


def _input_lines(given: Given) -> Iterator[str]:
    """Tell of each input, and of the model, its size and when it was changed."""
    model = given.settings.classify.model
    for source in given.sources:
        yield _input_line(source.address, source.n_bytes)
    if model is not None:
        yield _input_line(model, None)


def _input_line(address: str, n_bytes: int | None) -> str:
    changed = None
    if "://" not in address:
        try:
            state = os.stat(address)  # noqa: PTH116 - as fast as can be, for millions of files
            changed, n_bytes = state.st_mtime_ns, state.st_size
        except OSError:
            pass  # "-", or a file that is rejected when it is read
    return json.dumps([address, n_bytes, changed])


def _changed_input(work: Path, given: Given) -> str | None:
    """Name the first input that is another one than before."""
    with (work / INPUTS).open(encoding="utf-8") as file:
        for before, now in zip_longest(map(str.rstrip, file), _input_lines(given)):
            if before == now:
                continue
            old, new = _address(before), _address(now)
            if old == new:
                return f"{new} has changed"
            added = not old or (new and new < old)
            return f"{new} is a new input" if added else f"{old} is no input now"
    return None


def _address(line: str | None) -> str:
    return "" if line is None else str(json.loads(line)[0])
