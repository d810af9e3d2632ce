"""One file to open."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

STDIN = "-"


@dataclass(frozen=True)
class Source:
    """One file to open. It can be sent to another process.

    Attributes
    ----------
    address: what is opened; "-" is standard input.
    site: stands for the site of records that have no url: the input as it was named, or the
        folder that was walked.
    n_bytes: its size as it is stored; None if it cannot be known.
    named: False for a file that was found by walking a folder.
    problem: why it cannot be read, if that was seen when it was found.
    """

    address: str
    site: str
    n_bytes: int | None = None
    named: bool = True
    problem: str | None = None

    @property
    def name(self) -> str:
        """The address as it stands in DOCUMENTS.source."""
        return shown(self.address)

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the file, as it is; compression is another matter.

        Raises
        ------
        Exception: it cannot be opened; file systems of other machines raise what they like.
        """
        if self.address == STDIN:
            # it is not ours to close
            yield sys.stdin.buffer
        elif "://" in self.address:
            import fsspec  # noqa: PLC0415 - local files need it not

            # an archive is closed as soon as nobody holds the file system that it is
            with fsspec.open(self.address, "rb") as file:
                yield file
        else:
            with Path(self.address).open("rb") as file:
                yield file


def shown(address: str) -> str:
    r"""Write an address so that every table can hold it; bytes that are no UTF-8 are spelled out.

    Examples
    --------
    >>> shown("caf\udce9.txt")
    'caf\\udce9.txt'
    """
    return address.encode("utf-8", "backslashreplace").decode()
