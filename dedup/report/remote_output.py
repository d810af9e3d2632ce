"""A result for another file system: made whole on this machine, then copied there by fsspec.

A store of objects knows no renaming: what tells a whole result from a part of one is its
manifest, which is copied last, and taken away first where an older result is replaced.
"""

import hashlib
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dedup.errors import BadSettings, DedupError, OutputExists
from dedup.report.output import (
    CONTENTS,
    MANIFEST,
    check_free,
    delete_folder,
    local_path,
    open_output,
)

_PROBE = ".dedup-probe"


@dataclass(frozen=True)
class Target:
    """A folder of another file system: fsspec's object for it, the path there, and its name."""

    system: Any
    path: str
    shown: str


def is_remote(address: str | Path) -> bool:
    """Tell an address of another file system from a path.

    Examples
    --------
    >>> is_remote("s3://bucket/cleaned"), is_remote("cleaned"), is_remote("file:///srv/cleaned")
    (True, False, False)
    """
    return isinstance(address, str) and bool(
        re.match(r"(?!file:)[a-z][a-z0-9+.-]*(::|://)", address, re.IGNORECASE)
    )


def check_place(address: str | Path, *, overwrite: bool, temp: str | None = None) -> None:
    """Check that a result may be written at an address, and can.

    Raises
    ------
    OutputExists: something stands there that may not be replaced.
    BadSettings: it cannot be written, or nothing is known of such addresses.
    """
    if not is_remote(address):
        check_free(local_path(_path(address)), overwrite=overwrite)
        return
    target = _open_target(str(address))
    _check_staging(_staging(str(address), temp), target)
    _check_target(target, overwrite=overwrite)
    _probe(target)


@contextmanager
def open_place(
    address: str | Path, *, overwrite: bool = False, temp: str | None = None
) -> Iterator[Path]:
    """Open a local folder for a result that is at `address` when all has gone well.

    Parameters
    ----------
    address: a path, for which see open_output; or an address of another file system, to which the
        result is copied when it is whole.
    overwrite: a result of `dedup` may stand there.
    temp: the folder in which a result for another file system is made; the system's if None.

    Yields
    ------
    The folder to write into.

    Raises
    ------
    OutputExists, BadSettings: see check_place.
    DedupError: the disk is full; or the result could not be copied, and stays on this machine.
    """
    if not is_remote(address):
        with open_output(_path(address), overwrite=overwrite) as folder:
            yield folder
        return
    target, staging = _open_target(str(address)), _staging(str(address), temp)
    _check_staging(staging, target)
    with open_output(staging) as folder:
        yield folder
    try:
        _check_target(target, overwrite=overwrite)
        _copy(staging, target)
    except BaseException as error:
        kept = f"the result is whole in {staging}"
        if isinstance(error, DedupError) or not isinstance(error, Exception):
            error.add_note(kept)
            raise
        raise DedupError(f"{target.shown}: cannot be written: {_cause(error)}; {kept}") from error
    delete_folder(staging)


def _path(address: str | Path) -> str | Path:
    return address.removeprefix("file://") if isinstance(address, str) else address


def _open_target(address: str) -> Target:
    # what stands before an "@" may be a secret
    shown = re.sub(r"//[^/@]*@", "//", address)
    if re.match("https?:", address):
        raise BadSettings(f"{shown}: a web server takes no result; name a folder or a bucket")
    import fsspec  # noqa: PLC0415 - local results need it not

    try:
        system, path = fsspec.url_to_fs(address)
    except Exception as error:  # each file system has its own errors
        raise BadSettings(f"{shown}: cannot be opened: {_cause(error)}") from None
    return Target(system, path.rstrip("/"), shown.rstrip("/"))


def _staging(address: str, temp: str | None) -> Path:
    """Choose where a result is made: the same place for the same address, so that it goes on."""
    name = re.sub(r"[^A-Za-z0-9._-]", "-", address.rstrip("/").rsplit("/", 1)[-1])[:60]
    mark = hashlib.blake2b(address.rstrip("/").encode(), digest_size=6).hexdigest()
    # with Spark, the folder for temporary files may be an address itself
    folder = tempfile.gettempdir() if temp is None or "://" in temp else temp
    return Path(folder).resolve() / f"dedup-{name}-{mark}"


def _check_staging(staging: Path, target: Target) -> None:
    if staging.exists():
        raise OutputExists(
            f"{staging} holds a result that could not be copied to {target.shown}; "
            "copy it there or delete it"
        )


def _check_target(target: Target, *, overwrite: bool) -> None:
    """Check that nothing stands there but a result that may be replaced."""
    try:
        target.system.invalidate_cache()
        if target.system.isfile(target.path):
            raise OutputExists(f"{target.shown} is a file; name a folder that does not exist")
        names = _names(target) if target.system.exists(target.path) else set()
        known = MANIFEST in names and _is_manifest(target)
    except DedupError:
        raise
    except Exception as error:
        raise BadSettings(f"{target.shown}: cannot be opened: {_cause(error)}") from None
    if not names:
        return
    if not known or names - CONTENTS:
        raise OutputExists(
            f"{target.shown} holds other files than a result of dedup; name another folder"
        )
    if not overwrite:
        raise OutputExists(f"{target.shown} holds a result; --overwrite replaces it")


def _names(target: Target) -> set[str]:
    listed = target.system.ls(target.path, detail=False)
    names = {str(name).rstrip("/").rsplit("/", 1)[-1] for name in listed}
    # some stores have an object for the folder itself
    return names - {target.path.rsplit("/", 1)[-1], "", _PROBE}


def _is_manifest(target: Target) -> bool:
    try:
        manifest = json.loads(target.system.cat_file(f"{target.path}/{MANIFEST}"))
    except ValueError:
        return False
    return isinstance(manifest, dict) and isinstance(manifest.get("dedup"), str)


def _probe(target: Target) -> None:
    """Write a small file and take it away: a run of hours should not end with a refusal."""
    place = f"{target.path}/{_PROBE}"
    try:
        target.system.makedirs(target.path, exist_ok=True)
        target.system.pipe_file(place, b"dedup")
        target.system.rm_file(place)
    except Exception as error:
        raise BadSettings(f"{target.shown}: cannot be written: {_cause(error)}") from None


def _copy(staging: Path, target: Target) -> None:
    """Copy a result, its manifest last; what an older one had beyond it goes."""
    system = target.system
    files = sorted(path.relative_to(staging) for path in staging.rglob("*") if path.is_file())
    system.makedirs(target.path, exist_ok=True)
    if system.exists(f"{target.path}/{MANIFEST}"):
        system.rm_file(f"{target.path}/{MANIFEST}")
    new = {f"{target.path}/{path.as_posix()}".strip("/") for path in files}
    for old in system.find(target.path):
        if old.strip("/") not in new:
            system.rm_file(old)
    for path in sorted(files, key=lambda path: path.name == MANIFEST):
        place = f"{target.path}/{path.as_posix()}"
        system.makedirs(place.rpartition("/")[0], exist_ok=True)
        system.put_file(str(staging / path), place)


def _cause(error: Exception) -> str:
    told = error.strerror if isinstance(error, OSError) else None
    return (str(told or error).splitlines() or [type(error).__name__])[0][:200]
