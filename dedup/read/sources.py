"""What the user names, as a list of things to open: files, folders, globs, addresses."""

import difflib
import glob
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from dedup.errors import BadInput, cause
from dedup.read.detect import bare_ending, is_other
from dedup.read.remote import expand_remote, local_path
from dedup.read.source import STDIN, Source, shown
from dedup.settings import ReadSettings

RESULT = {"manifest.json", "rejected.jsonl"}
"""By these a folder is known as a result of ours, of which only the documents are pages."""

MARKERS = ("_SUCCESS", "_metadata", "_common_metadata", "_committed_", "_started_")
"""What Spark and its kin leave beside their data."""


def expand(inputs: Sequence[str], settings: ReadSettings) -> list[Source]:  # noqa: ARG001
    """List the files that inputs stand for, sorted by address, each once.

    Folders are walked; hidden files, and files that by their names are no pages (pictures,
    style sheets), are passed over there. Links to folders are not followed.

    Raises
    ------
    BadInput: an input leads nowhere.
    """
    sources: dict[str, Source] = {}
    folders: dict[str, str] = {}
    for text in inputs:
        for source in _expand_one(text):
            key = _identity(source.address, folders)
            known = sources.get(key)
            # a file that is named and also walked keeps its folder as its site, in any order
            if known is None or _preference(source) < _preference(known):
                sources[key] = source
    return sorted(sources.values(), key=lambda source: source.address)


def _preference(source: Source) -> tuple[bool, str, str]:
    return source.named, source.site, source.address


def _identity(address: str, folders: dict[str, str]) -> str:
    """Name a file in one way, by whatever links and turns it was reached."""
    if address == STDIN or "://" in address:
        return address
    folder, name = os.path.split(address)
    if folder not in folders:
        folders[folder] = os.path.realpath(folder)
    linked = os.path.islink(address)  # noqa: PTH114 - as fast as can be, for millions of files
    return os.path.realpath(address) if linked else os.path.join(folders[folder], name)  # noqa: PTH118


def _expand_one(text: str) -> Iterator[Source]:
    if not text:
        raise BadInput("''", "an input without a name")
    if text == STDIN:
        yield Source(STDIN, STDIN)
    elif "://" not in text:
        yield from _local(os.path.normpath(text))
    elif (path := local_path(text)) is not None:
        yield from _local(os.path.normpath(path))
    else:
        yield from expand_remote(text)


def _local(text: str) -> Iterator[Source]:
    try:
        state = os.stat(text)  # noqa: PTH116 - the name stays as given
    except (FileNotFoundError, NotADirectoryError):
        if not glob.has_magic(text):
            raise BadInput(text, f"there is no such file{_near(text)}") from None
        yield from _some(text, "no file matches", _matched(text))
    except (OSError, ValueError) as error:
        raise BadInput(text[:200], f"cannot be opened: {cause(error)}") from None
    else:
        if stat.S_ISDIR(state.st_mode):
            yield from _some(text, "the folder holds no pages", _walk(text))
        else:
            size = state.st_size if stat.S_ISREG(state.st_mode) else None
            yield Source(text, shown(text), size)


def _some(text: str, otherwise: str, sources: Iterator[Source]) -> Iterator[Source]:
    """Pass sources on; if there is none, the input leads nowhere."""
    first = next(sources, None)
    if first is None:
        raise BadInput(text, otherwise)
    yield first
    yield from sources


def _walk(folder: str) -> Iterator[Source]:
    """List the pages of a folder; a folder within it that cannot be read is listed as such."""
    site = shown(folder.rstrip("/") or "/")
    errors: list[OSError] = []
    for path, folders, names in os.walk(folder, onerror=errors.append):
        if set(names) >= RESULT:
            folders[:], names[:] = [name for name in folders if name == "documents"], []
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            full = os.path.join(path, name)  # noqa: PTH118 - Path would drop a leading "./"
            if name.startswith((".", *MARKERS)) or is_other(name):
                continue
            size = _size(full)
            if size is not None:
                yield Source(full, site, size, named=False)
    for error in errors:
        if error.filename == folder:
            raise BadInput(folder, f"cannot be opened: {cause(error)}")
        problem = f"the folder cannot be opened: {cause(error)}"
        yield Source(str(error.filename), site, named=False, problem=problem)


def _size(path: str) -> int | None:
    """Tell a regular file's size; None for anything else, and for a link that leads nowhere."""
    try:
        state = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return state.st_size if stat.S_ISREG(state.st_mode) else None


def _matched(pattern: str) -> Iterator[Source]:
    """List the files that match; of folders that match, the pages."""
    for path in _paths(pattern):
        if is_other(path) and bare_ending(path) != bare_ending(pattern):
            continue
        size = _size(path)
        if size is not None:
            yield Source(path, shown(pattern), size)
        elif "**" not in pattern and Path(path).is_dir():
            yield from (replace(source, named=False) for source in _walk(path))


def _paths(pattern: str) -> list[str]:
    """Find what matches, without what is hidden; "**" does not follow links, so it ends."""
    parts = Path(pattern).parts
    n_plain = next(n for n, part in enumerate(parts) if glob.has_magic(part))
    rest = parts[n_plain:]
    if rest[-1] == "**":
        rest = (*rest, "*")
    shows_hidden = any(part.startswith(".") for part in rest)
    try:
        found = Path(*parts[:n_plain]).glob("/".join(rest))
        paths = [path for path in found if shows_hidden or not _is_hidden(path.parts[n_plain:])]
    except (OSError, ValueError, NotImplementedError) as error:
        raise BadInput(pattern, f"cannot be matched: {cause(error)}") from None
    return sorted(str(path) for path in paths)


def _is_hidden(parts: Sequence[str]) -> bool:
    return any(part.startswith(".") for part in parts)


def _near(text: str) -> str:
    """Suggest a file beside the missing one whose name is like it."""
    path = Path(text)
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return ""
    near = difflib.get_close_matches(path.name, names, 1, 0.75)
    return f"; did you mean {path.with_name(near[0])}?" if near else ""
