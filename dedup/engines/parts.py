"""Files that a step of the local engine writes as its batches come, one after the other."""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa

from dedup.engines.files import Part, write_part

PART_BYTES = 64 << 20
"""A part file is closed once it holds this much; one part is one unit of DuckDB's scan."""


class PartFiles:
    """Files of about PART_BYTES each, one after the other, to which batches are added."""

    def __init__(self, schema: pa.Schema, folder: Path, name: str) -> None:
        self._schema, self._folder, self._name = schema, folder, name
        self._parts: list[Part] = []
        self._open: tuple[pa.OSFile, pa.RecordBatchFileWriter] | None = None
        self._batches = self._rows = self._bytes = self._filled = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Write a batch, and close its file if that is full."""
        if self._open is None:
            file = pa.OSFile(str(self._path()), "wb")
            self._open = file, pa.ipc.new_file(file, self._schema)
        self._open[1].write_batch(batch)
        self._batches += 1
        self._rows += batch.num_rows
        self._bytes += batch.get_total_buffer_size() if batch.num_rows else 0
        self._filled += batch.nbytes
        if self._filled >= PART_BYTES:
            self._finish()

    def close(self) -> tuple[Part, ...]:
        """Close the last file; at least one is there."""
        if self._open is not None:
            self._finish()
        if not self._parts:
            self._parts.append(write_part([], self._schema, self._path()))
        return tuple(self._parts)

    def _path(self) -> Path:
        return self._folder / f"{self._name}-{len(self._parts):05d}.arrow"

    def _finish(self) -> None:
        assert self._open is not None
        file, writer = self._open
        self._open = None
        with file:
            writer.close()
        self._parts.append(Part(self._path(), self._batches, self._rows, self._bytes))
        self._batches = self._rows = self._bytes = self._filled = 0


def write_parts(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, folder: Path, name: str
) -> tuple[Part, ...]:
    """Write batches as files of about PART_BYTES each; at least one file."""
    files = PartFiles(schema, folder, name)
    try:
        for batch in batches:
            files.add(batch)
    finally:
        parts = files.close()
    return parts


def write_parts_beside(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, folder: Path, name: str
) -> tuple[Part, ...]:
    """Do the same from a thread: a batch is written while the next one is made."""
    files = PartFiles(schema, folder, name)
    try:
        with ThreadPoolExecutor(1) as thread:
            writing: Future[None] | None = None
            for batch in batches:
                if writing is not None:
                    writing.result()
                writing = thread.submit(files.add, batch)
            if writing is not None:
                writing.result()
    finally:
        parts = files.close()
    return parts
