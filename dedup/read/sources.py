"""What the user names, as a list of things to open: files, folders, globs, addresses."""

import difflib
import glob
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from dedup.errors import BadInput
from dedup.read.detect import bare_ending, is_other
from dedup.settings import ReadSettings

STDIN = "-"


@dataclass(frozen=True)
class Source:
    """One file to open. It can be sent to another process.

    `name` is what stands in DOCUMENTS.source; `site` what stands for the site of records that
    have no url: the input as it was named, or the folder that was walked. `named` is False for
    a file that was found by walking or by a pattern.
    """

    name: str
    site: str
    n_bytes: int = 0
    named: bool = True

    def open(self) -> BinaryIO:
        """Open the file, as it is; compression is another matter.

        Raises
        ------
        OSError: it cannot be opened.
        """
        if self.name == STDIN:
            return sys.stdin.buffer
        if "://" in self.name:
            import fsspec  # noqa: PLC0415 - local files need it not

            return cast(BinaryIO, fsspec.open(self.name, "rb").open())
        return Path(self.name).open("rb")


def expand(inputs: Sequence[str], settings: ReadSettings) -> list[Source]:  # noqa: ARG001
    """List the files that inputs stand for, sorted by name, each once.

    Folders are walked; hidden files, and files that by their names are no pages (pictures,
    style sheets), are passed over there. Links to folders are not followed.

    Raises
    ------
    BadInput: an input leads nowhere.
    """
    sources: dict[str, Source] = {}
    for text in inputs:
        for source in _expand_one(text):
            known = sources.get(source.name)
            # a file that is named and also walked keeps its folder as its site, in any order
            if known is None or (source.named, source.site) < (known.named, known.site):
                sources[source.name] = source
    return sorted(sources.values(), key=lambda source: source.name)


def _expand_one(text: str) -> Iterator[Source]:
    if text == STDIN:
        yield Source(STDIN, STDIN)
    elif "://" in text:
        yield from _remote(text)
    else:
        yield from _local(os.path.normpath(text))


def _local(text: str) -> Iterator[Source]:
    if Path(text).is_dir():
        yield from _some(text, "the folder holds no pages", _walk(text))
    elif Path(text).exists():
        yield Source(text, text, os.stat(text).st_size)  # noqa: PTH116 - the name stays as given
    elif glob.has_magic(text):
        names = glob.iglob(text, recursive=True)  # noqa: PTH207 - Path.glob has no absolute patterns
        found = (path for path in names if not is_hidden(path))
        yield from _some(text, "no file matches", _matched(text, sorted(found)))
    else:
        raise BadInput(text, f"there is no such file{_near(text)}")


def _some(text: str, otherwise: str, sources: Iterator[Source]) -> Iterator[Source]:
    """Pass sources on; if there is none, the input leads nowhere."""
    first = next(sources, None)
    if first is None:
        raise BadInput(text, otherwise)
    yield first
    yield from sources


def _walk(folder: str) -> Iterator[Source]:
    site = folder.rstrip("/") or "/"
    for path, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            full = os.path.join(path, name)  # noqa: PTH118 - Path would drop a leading "./"
            if name.startswith(".") or is_other(name) or not os.path.isfile(full):  # noqa: PTH113
                continue
            yield Source(full, site, os.stat(full).st_size, named=False)  # noqa: PTH116


def _matched(pattern: str, paths: Sequence[str]) -> Iterator[Source]:
    for path in paths:
        if is_other(path) and bare_ending(path) != bare_ending(pattern):
            continue
        if os.path.isfile(path):  # noqa: PTH113
            yield Source(path, pattern, os.stat(path).st_size, named=False)  # noqa: PTH116
        elif "**" not in pattern:
            yield from _walk(path)


def is_hidden(path: str) -> bool:
    """Tell whether a file or one of its folders has a name that begins with a dot.

    Examples
    --------
    >>> is_hidden("a/.git/config"), is_hidden("../a/b.txt")
    (True, False)
    """
    return any(part.startswith(".") and part.strip(".") for part in path.split("/"))


def _remote(address: str) -> Iterator[Source]:
    import fsspec  # noqa: PLC0415 - local files need it not

    try:
        system, path = fsspec.url_to_fs(address)
        if glob.has_magic(address):
            found, named = sorted(system.glob(path)), False
        elif system.isdir(path):
            found, named = sorted(system.find(path)), False
        else:
            found, named = ([path] if system.exists(path) else []), True
        sizes = [int(system.info(each).get("size") or 0) for each in found]
    except ImportError as missing:
        raise BadInput(address, f"cannot be opened: {missing}") from None
    except (OSError, ValueError) as error:
        raise BadInput(address, f"cannot be opened: {error}") from None
    if not found:
        raise BadInput(address, "there is nothing at this address")
    for each, size in zip(found, sizes, strict=True):
        name = str(system.unstrip_protocol(each))
        if named or not (is_other(name) or is_hidden(each)):
            yield Source(name, address, size, named)


def _near(text: str) -> str:
    """Suggest a file beside the missing one whose name is like it."""
    path = Path(text)
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return ""
    near = difflib.get_close_matches(path.name, names, 1, 0.75)
    return f"; did you mean {path.with_name(near[0])}?" if near else ""
