"""A file as a transaction: a whole one under its final name, or none."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from dedup.errors import BadSettings, DedupError
from dedup.report.output import disk_is_full


@contextmanager
def open_file(place: Path) -> Iterator[BinaryIO]:
    """Open a file under a temporary name beside its own, and rename it when all is done.

    On an error the temporary file goes and what stood there before stays.

    Raises
    ------
    BadSettings: the file's folder is not there or cannot be written.
    DedupError: the disk is full; nothing is left of the new file.
    """
    partial = place.with_name(f".{place.name}.partial-{os.getpid()}")
    try:
        file = partial.open("wb")
    except OSError as error:
        raise BadSettings(f"{place}: cannot be written: {error.strerror}") from None
    try:
        with file:
            yield file
        partial.replace(place)
    except Exception as error:
        if disk_is_full(error):
            raise DedupError(
                f"{place}: no space is left on the disk; nothing new was kept"
            ) from error
        raise
    finally:
        partial.unlink(missing_ok=True)
