"""Addresses of other file systems, by way of fsspec."""

import glob
from collections.abc import Iterator
from typing import Any

from dedup.errors import BadInput, cause
from dedup.read.detect import bare_ending, is_other
from dedup.read.source import Source, shown

PAGES_ONLY = {"http", "https"}
"""There are no folders, and "?" is no pattern."""


def local_path(address: str) -> str | None:
    """Take the path out of an address that is a local file after all.

    Examples
    --------
    >>> local_path("file:///srv/crawl"), local_path("s3://crawls/2026")
    ('/srv/crawl', None)
    """
    for protocol in ("file://", "local://"):
        if address.startswith(protocol) and "::" not in address:
            return address.removeprefix(protocol)
    return None


def expand_remote(address: str) -> Iterator[Source]:
    """List the files of an address: one file, a folder and all in it, or what a pattern matches.

    Raises
    ------
    BadInput: there is nothing, the file system is unknown, or it does not let us in.
    """
    import fsspec  # noqa: PLC0415 - local files need it not

    try:
        system, path = fsspec.url_to_fs(address)
        files, named = _files(system, path, address)
    except ImportError as missing:
        raise BadInput(address, f"cannot be opened: {missing}") from None
    except Exception as error:  # each file system has its own errors
        raise BadInput(address, f"cannot be opened: {cause(error)}") from None
    if not files:
        raise BadInput(address, "there is nothing at this address")
    _, link, chain = address.partition("::")
    pages = [each for each in sorted(files) if each == path or _is_page(each, path)]
    if not pages:
        raise BadInput(address, "there are no pages at this address")
    for each in pages:
        # what is opened goes through the same file systems, one within the other
        name = f"{system.unstrip_protocol(each)}{link}{chain}"
        size = files[each].get("size")
        yield Source(name, shown(address), None if size is None else int(size), named)


def _files(system: Any, path: str, address: str) -> tuple[dict[str, dict[str, Any]], bool]:
    """Find files and what is known of them, and whether they were named, not walked to."""
    if address.partition("://")[0] in PAGES_ONLY:
        return ({path: {}} if system.exists(path) else {}), True
    if glob.has_magic(path) and not system.exists(path):
        found = system.glob(path, detail=True)
        return {name: info for name, info in found.items() if info.get("type") == "file"}, True
    if system.isdir(path):
        return dict(system.find(path, detail=True)), False
    return ({path: system.info(path)} if system.exists(path) else {}), True


def _is_page(path: str, base: str) -> bool:
    """Tell whether a file below a folder or pattern is no picture or such, and not hidden."""
    parts = base.rstrip("/").split("/")
    n_plain = next((n for n, part in enumerate(parts) if glob.has_magic(part)), len(parts))
    if any(part.startswith(".") for part in path.split("/")[n_plain:]):
        return False
    return not is_other(path) or bare_ending(path) == bare_ending(base)
