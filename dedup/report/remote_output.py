"""A result for another file system: made whole on this machine, then copied there by fsspec.

A store of objects knows no renaming: what tells a whole result from a part of one is its
manifest, which is copied last, and taken away first where an older result is replaced.
"""

import hashlib
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dedup.errors import BadSettings, DedupError, OutputExists, cause
from dedup.report.output import (
    CONTENTS,
    MANIFEST,
    check_free,
    delete_folder,
    is_header,
    local_path,
)

_PROBE, _COPYING = ".dedup-probe", ".dedup-copying"
"""Files at the target: written and taken away at once, and there as long as a result is copied."""


@dataclass(frozen=True)
class Target:
    """A folder of another file system: fsspec's object for it, the path there, and its name."""

    system: Any
    path: str
    shown: str


@dataclass(frozen=True)
class Destination:
    """Where a result is made on this machine, and where it is copied then, if anywhere."""

    local: Path
    target: Target | None
    overwrite: bool


def is_remote(address: str | Path) -> bool:
    """Tell an address of another file system from a path.

    Examples
    --------
    >>> is_remote("s3://bucket/cleaned"), is_remote("cleaned"), is_remote("file:///srv/cleaned")
    (True, False, False)
    """
    return isinstance(address, str) and bool(
        re.match(r"(?!file:)[a-z][a-z0-9+.-]*(::[a-z][a-z0-9+.-]*)*://", address, re.IGNORECASE)
    )


def shown_address(address: str | Path) -> str:
    """Write an address without what may be a secret in it.

    Examples
    --------
    >>> shown_address("s3://key:secret@bucket/cleaned/"), shown_address("cleaned")
    ('s3://bucket/cleaned', 'cleaned')
    """
    if not is_remote(address):
        return str(address)
    shown = re.sub(r"//[^/@]*@", "//", str(address)).rstrip("/")
    return shown if "://" in shown else f"{shown}//"


def choose_destination(
    address: str | Path, *, overwrite: bool = False, temp: str | None = None
) -> Destination:
    """Check that a result may be written at an address, and can; say where it is made.

    Parameters
    ----------
    address: a path, or what fsspec knows.
    overwrite: a result of `dedup` may stand there.
    temp: the folder in which a result for another file system is made; the system's if None.

    Raises
    ------
    OutputExists: something stands there that may not be replaced.
    BadSettings: it cannot be written, or nothing is known of such addresses.
    """
    if not is_remote(address):
        place = local_path(_path(address))
        check_free(place, overwrite=overwrite)
        return Destination(place, None, overwrite)
    target, staging = _open_target(str(address)), _staging(str(address), temp)
    if staging.exists():
        raise OutputExists(
            f"{staging} holds a result that could not be copied to {target.shown}; "
            "copy it there or delete it"
        )
    _check_target(target, overwrite=overwrite)
    _probe(target)
    return Destination(staging, target, overwrite)


def deliver(destination: Destination) -> None:
    """Copy a whole result to its target, if that is elsewhere, and delete it here.

    Raises
    ------
    OutputExists: something came there meanwhile that may not be replaced.
    DedupError: it could not be copied. It stays on this machine.
    """
    target = destination.target
    if target is None:
        return
    try:
        replaced = _check_target(target, overwrite=destination.overwrite)
        _copy(destination.local, target, replaced=replaced)
    except BaseException as error:
        kept = f"the result is whole in {destination.local}"
        if isinstance(error, DedupError) or not isinstance(error, Exception):
            error.add_note(kept)
            raise
        raise DedupError(f"{target.shown}: cannot be written: {cause(error)}; {kept}") from error
    delete_folder(destination.local)


def _path(address: str | Path) -> str | Path:
    """Take the path out of an address that is a local file after all."""
    if isinstance(address, str):
        return re.sub(r"^file://(localhost(?=/))?", "", address, flags=re.IGNORECASE)
    return address


def _open_target(address: str) -> Target:
    shown = shown_address(address)
    if re.match("https?:", address):
        raise BadSettings(f"{shown}: a web server takes no result; name a folder or a bucket")
    import fsspec  # noqa: PLC0415 - local results need it not

    try:
        system, path = fsspec.url_to_fs(address)
    except Exception as error:  # each file system has its own errors
        # what a library says of an address may hold its secrets
        raise BadSettings(f"{shown}: cannot be opened: {type(error).__name__}") from None
    return Target(system, path.rstrip("/"), shown)


def _staging(address: str, temp: str | None) -> Path:
    """Choose where a result is made: the same place for the same address, so that it goes on."""
    name = re.sub(r"[^A-Za-z0-9._-]", "-", address.rstrip("/").rsplit("/", 1)[-1])[:60]
    mark = hashlib.blake2b(address.rstrip("/").encode(), digest_size=6).hexdigest()
    # with Spark, the folder for temporary files may be an address itself
    folder = tempfile.gettempdir() if temp is None or "://" in temp else temp
    return Path(folder).resolve() / f"dedup-{name}-{mark}"


def _check_target(target: Target, *, overwrite: bool) -> bool:
    """Check that nothing stands there but what may be replaced; tell whether something does.

    That is a result, or the part of one whose copying stopped.
    """
    try:
        target.system.invalidate_cache()
        if target.system.isfile(target.path):
            raise OutputExists(f"{target.shown} is a file; name a folder that does not exist")
        names = _names(target) if target.system.exists(target.path) else set()
        whole = MANIFEST in names and is_header(target.system.cat_file(f"{target.path}/{MANIFEST}"))
    except DedupError:
        raise
    except Exception as error:
        raise BadSettings(f"{target.shown}: cannot be opened: {cause(error)}") from None
    if not names:
        return False
    if not (whole or _COPYING in names) or names - CONTENTS - {_COPYING}:
        raise OutputExists(
            f"{target.shown} holds other files than a result of dedup; name another folder"
        )
    if not overwrite:
        held = "a result" if whole else "part of a result, whose copying stopped"
        raise OutputExists(f"{target.shown} holds {held}; --overwrite replaces it")
    return True


def _names(target: Target) -> set[str]:
    """Name what lies in a folder; some stores list an object for the folder itself, too."""
    listed = (str(name).rstrip("/") for name in target.system.ls(target.path, detail=False))
    own = target.path.strip("/")
    return {name.rsplit("/", 1)[-1] for name in listed if name.strip("/") != own} - {_PROBE}


def _probe(target: Target) -> None:
    """Write a small file and take it away: a run of hours should not end with a refusal."""
    place = f"{target.path}/{_PROBE}"
    try:
        target.system.makedirs(target.path, exist_ok=True)
        target.system.pipe_file(place, b"dedup")
        target.system.rm_file(place)
    except Exception as error:
        raise BadSettings(f"{target.shown}: cannot be written: {cause(error)}") from None


def _copy(staging: Path, target: Target, *, replaced: bool) -> None:
    """Copy a result, its manifest last; what is replaced goes."""
    system = target.system
    files = sorted(path.relative_to(staging) for path in staging.rglob("*") if path.is_file())
    mark, manifest = f"{target.path}/{_COPYING}", f"{target.path}/{MANIFEST}"
    places = {f"{target.path}/{path.as_posix()}": staging / path for path in files}
    system.makedirs(target.path, exist_ok=True)
    system.pipe_file(mark, b"dedup")
    if replaced:
        stay = {place.strip("/") for place in (mark, *places) if place != manifest}
        for old in system.find(target.path):
            if old.strip("/") not in stay:
                system.rm_file(old)
    for place, path in sorted(places.items(), key=lambda item: item[0] == manifest):
        system.makedirs(place.rpartition("/")[0], exist_ok=True)
        system.put_file(str(path), place)
    system.rm_file(mark)
