"""The output folder as a transaction: a whole result under its final name, or none."""

import errno
import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from dedup import schema
from dedup.errors import BadSettings, DedupError, OutputExists

MANIFEST = "manifest.json"
CONTENTS = frozenset(
    {
        *("documents", "blocks", "clusters", "pairs", "passages"),
        *("rejected.jsonl", MANIFEST, "report.html"),
    }
)
"""All names that stand in a result; a folder that holds another one is not replaced."""

WORK = "work"
"""In the hidden folder: what a run needs on its way, gone before the result gets its name."""


@dataclass(frozen=True)
class Kind:
    """What a folder holds: its name in messages, the file by which it is known, all its names."""

    name: str
    header: str
    contents: frozenset[str]


RESULT = Kind("a result", MANIFEST, CONTENTS)
INDEX = Kind("an index", "index.json", frozenset({*schema.HELD, "index.json"}))

DELETING = 4
"""Files that are deleted at once: each waits until the disk has what was written to it last."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def open_output(
    address: str | Path, *, overwrite: bool = False, kind: Kind = RESULT
) -> Iterator[Path]:
    """Open a hidden folder beside `address` that takes its name when all has gone well.

    The hidden folder is locked as long as the run lives (the kernel lets go of the lock
    when it is killed), so what a dead run left is cleared by the next one, and two runs
    never write the same result. Only what lies in its folder WORK stays, unless the caller
    deletes it, until a result is complete. With `overwrite` an earlier result stays until then,
    too.

    Parameters
    ----------
    address: a local path that does not exist, or an empty folder.
    overwrite: a result of `dedup` may stand there; nothing else is ever replaced.
    kind: of what is written, and of what it may replace.

    Yields
    ------
    The folder to write into.

    Raises
    ------
    OutputExists: the place is taken, or another run is writing it.
    BadSettings: the place is not local, is a mount point or cannot be written.
    DedupError: the disk is full.
    """
    place = local_path(address)
    _recover(place)
    check_free(place, overwrite=overwrite, kind=kind)
    made = _make_parents(place)
    partial = place.with_name(f".{place.name}.partial")
    lock = None
    try:
        lock = _lock_folder(partial, place)
        yield partial
        _flush(partial)
        check_free(place, overwrite=overwrite, kind=kind)
        # set aside in an instant: a run that is killed while much is deleted would be lost
        with suppress(FileNotFoundError):
            (partial / WORK).rename(_done_with(place))
        _put_in_place(partial, place, kind)
        delete_folder(_done_with(place))
    except BaseException as error:
        if lock is not None:
            _clear(partial)
            with suppress(OSError):
                partial.rmdir()
        for parent in made:
            with suppress(OSError):
                parent.rmdir()
        if disk_is_full(error):
            raise DedupError(
                f"{place}: no space is left on the disk; no new result was written"
            ) from error
        raise
    finally:
        if lock is not None:
            os.close(lock)


def local_path(address: str | Path) -> Path:
    """Resolve the address of a result.

    Raises
    ------
    BadSettings: it is not a path on this machine.
    """
    text = os.fspath(address)
    # pathlib makes "s3:/bucket" of "s3://bucket"
    if re.match(r"[a-z][a-z0-9+.-]+:/", text, re.IGNORECASE):
        raise BadSettings(f"{text}: is no path on this machine")
    return Path(text).expanduser().resolve()


def check_free(place: Path, *, overwrite: bool, kind: Kind = RESULT) -> None:
    """Check that a result, or what `kind` says, may be written at `place`.

    Raises
    ------
    OutputExists: something stands there that may not be replaced.
    BadSettings: it is a mount point, which cannot be renamed.
    """
    if not os.path.lexists(place):
        return
    if not place.is_dir():
        raise OutputExists(f"{place} is a file; name a folder that does not exist")
    if place.is_mount():
        raise BadSettings(f"{place} is a mount point; name a folder inside it")
    names = {entry.name for entry in place.iterdir()}
    if not names:
        return
    if not is_result(place, kind):
        raise OutputExists(
            f"{place} holds other files than {kind.name} of dedup; name another folder"
        )
    if not overwrite:
        raise OutputExists(f"{place} holds {kind.name}; --overwrite replaces it")
    if foreign := sorted(names - kind.contents):
        raise OutputExists(
            f"{place} holds {foreign[0]}, which dedup did not write; move it away first"
        )


def is_result(folder: Path, kind: Kind = RESULT) -> bool:
    """Tell whether a folder holds a manifest, or the header of `kind`, that `dedup` has written."""
    try:
        return is_header((folder / kind.header).read_bytes())
    except OSError:
        return False


def is_header(data: bytes) -> bool:
    """Tell whether a file is a manifest, or the header of another kind, of `dedup`."""
    try:
        header = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(header, dict) and isinstance(header.get("dedup"), str)


def _aside(place: Path) -> Path:
    return place.with_name(f".{place.name}.replaced")


def _done_with(place: Path) -> Path:
    return place.with_name(f".{place.name}.done")


def _recover(place: Path) -> None:
    """Finish or undo the replacement that a killed run began."""
    shutil.rmtree(_done_with(place), ignore_errors=True)
    aside = _aside(place)
    if not aside.is_dir():
        return
    if os.path.lexists(place):
        shutil.rmtree(aside, ignore_errors=True)
    else:
        aside.rename(place)


def _make_parents(place: Path) -> list[Path]:
    missing = [p for p in place.parents if not p.exists()]
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSettings(f"{place}: cannot be written: {error.strerror}") from None
    return missing


def _lock_folder(partial: Path, place: Path) -> int:
    """Make the hidden folder, or take over the one of a dead run, and lock it."""
    try:
        partial.mkdir(exist_ok=True)
        lock = os.open(partial, os.O_RDONLY)
    except OSError as error:
        raise BadSettings(f"{place}: cannot be written: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise OutputExists(f"{place}: another run is writing there") from None
    except OSError:
        pass  # a file system without locks: two runs at once are the user's to avoid
    if not _is_same_folder(partial, lock):
        os.close(lock)
        raise OutputExists(f"{place}: another run has just written there")
    _clear(partial)
    return lock


def _clear(partial: Path) -> None:
    for entry in partial.iterdir():
        if not entry.is_dir():
            entry.unlink()
        elif entry.name != WORK:
            shutil.rmtree(entry)


def _is_same_folder(path: Path, descriptor: int) -> bool:
    """Tell whether the folder that was opened still has its name: a run may just have ended."""
    return path.is_dir() and os.path.samestat(path.stat(), os.fstat(descriptor))


def _flush(folder: Path) -> None:
    """Have the files on the disk before their folder gets its name, even if power fails."""
    for path in sorted(folder.rglob("*")):
        if path.is_relative_to(folder / WORK):
            continue
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _put_in_place(partial: Path, place: Path, kind: Kind) -> None:
    """Rename the new result; an old one is set aside for that moment, then deleted."""
    if not is_result(place, kind):
        partial.rename(place)
        return
    aside = _aside(place)
    place.rename(aside)
    try:
        partial.rename(place)
    except OSError:
        aside.rename(place)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def delete_folder(folder: Path) -> None:
    """Delete a folder and all that is in it, as far as that can be done."""
    files = [Path(at, name) for at, _, names in os.walk(folder) for name in names]
    with ThreadPoolExecutor(DELETING) as pool:
        list(pool.map(_delete_file, files))
    shutil.rmtree(folder, ignore_errors=True)


def _delete_file(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def disk_is_full(error: BaseException) -> bool:
    """Tell it from an error of the system's, of Arrow's or of DuckDB's (which has no number)."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    return "no space left on device" in str(error).lower()
