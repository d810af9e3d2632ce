"""Parquet files, row group by row group; only the columns that are needed."""

import io
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dedup.errors import BadInput, cause
from dedup.read.columns import missing_columns
from dedup.read.compression import InputStream
from dedup.read.parquet_pages import largest_delta, largest_dictionary
from dedup.read.records import Record, make_batch
from dedup.read.rows import documents_of, is_text, wanted_columns
from dedup.read.source import Source
from dedup.settings import ReadSettings

MAX_ROWS = 16_384
MIN_ROWS = 16
MAX_EXPANDED = 256 << 20
"""Bytes of a column that are held at once, if all its rows were the longest text there is."""

MAX_UNPACKED = 4 << 30
"""Parquet is read from its end, so a compressed file is unpacked to disk first: up to here."""


def read_parquet(
    stream: InputStream, source: Source, settings: ReadSettings
) -> Iterator[pa.RecordBatch]:
    """Read the documents of a Parquet file; a row's offset is its number.

    Yields
    ------
    schema.DOCUMENTS. A row group that is broken is one row with its reason.

    Raises
    ------
    BadInput: there is no column of text or HTML, and the user named this source.
    """
    with stream.whole_file(MAX_UNPACKED) as whole:
        if whole is None:
            reason = f"the file expands beyond {MAX_UNPACKED:,} bytes: unpack it first"
            yield make_batch([Record(0, rejected=reason)], source)
            return
        try:
            file = _native(whole)
            table, most = _open(file, settings)
            names = table.schema_arrow.names
        except Exception as error:  # a broken file may raise anything
            reason = stream.broken or f"no Parquet file: {cause(error)}"
            yield make_batch([Record(0, rejected=reason)], source)
            return
        if not {settings.text_column, settings.html_column} & set(names):
            reason = missing_columns(names, settings)
            if source.named:
                raise BadInput(source.name, reason)
            yield make_batch([Record(0, rejected=reason)], source)
            return
        yield from _groups(table, most, source, settings)


def _native(file: BinaryIO) -> BinaryIO | pa.NativeFile:
    """Let Arrow itself read a file of this machine: Python would copy each byte once more."""
    raw = getattr(file, "raw", None)
    if isinstance(raw, io.FileIO) and isinstance(raw.name, str):
        return pa.OSFile(raw.name)
    return file


def _open(file: BinaryIO | pa.NativeFile, settings: ReadSettings) -> tuple[pq.ParquetFile, int]:
    """Open a file so that neither a whole row group nor a text's thousand copies are held.

    Returns
    -------
    The file, and how many rows of it may be read at once. Where that would be too few, its
    texts come as dictionaries, which costs twice the time.
    """
    about = pq.read_metadata(file)
    stored = about.schema.to_arrow_schema()
    texts = [
        name
        for name in (settings.text_column, settings.html_column)
        if stored.names.count(name) == 1 and is_text(stored.field(name).type)
    ]
    largest = largest_dictionary(file, about, texts)
    n_rows = MAX_EXPANDED // max(largest, 1)
    dictionaries = texts if n_rows < MIN_ROWS else []
    if delta := largest_delta(about, texts):
        # Arrow makes no dictionaries of such texts
        n_rows, dictionaries = min(n_rows, MAX_EXPANDED // delta), []
    table = pq.ParquetFile(
        file, metadata=about, buffer_size=1 << 20, pre_buffer=False, read_dictionary=dictionaries
    )
    return table, MAX_ROWS if dictionaries else max(1, min(n_rows, MAX_ROWS))


def _groups(
    table: pq.ParquetFile, most: int, source: Source, settings: ReadSettings
) -> Iterator[pa.RecordBatch]:
    columns = wanted_columns(table.schema_arrow.names, settings)
    first = 0
    for group in range(table.num_row_groups):
        n_rows = table.metadata.row_group(group).num_rows
        offset = first
        size = _rows_at_a_time(table, group, columns, settings.batch_bytes)
        pieces = table.iter_batches(
            min(size, most), row_groups=[group], columns=columns, use_threads=False
        )
        try:
            for batch in _joined(pieces, size, settings.batch_bytes):
                rows = np.arange(offset, offset + batch.num_rows)
                yield from documents_of(batch, rows, source, settings)
                offset += batch.num_rows
        except (pa.ArrowException, OSError, ValueError) as error:
            reason = f"the file is broken here, for {first + n_rows - offset:,} rows"
            yield make_batch([Record(offset, rejected=f"{reason}: {cause(error)}")], source)
        first += n_rows


def _joined(
    pieces: Iterator[pa.RecordBatch], n_rows: int, n_bytes: int
) -> Iterator[pa.RecordBatch]:
    """Join pieces until they hold about so many rows or bytes; what came before an error first."""
    held: list[pa.RecordBatch] = []
    rows = size = 0
    try:
        for piece in pieces:
            held.append(piece)
            rows += piece.num_rows
            size += piece.nbytes
            if rows >= n_rows or size >= n_bytes:
                yield from _one(held)
                held, rows, size = [], 0, 0
    except (pa.ArrowException, OSError, ValueError):
        yield from _one(held)
        raise
    yield from _one(held)


def _one(pieces: list[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    if len(pieces) == 1:
        yield pieces[0]
    elif pieces:
        yield pa.concat_batches(pieces)


def _rows_at_a_time(table: pq.ParquetFile, group: int, columns: list[str], n_bytes: int) -> int:
    """Choose how many rows make a batch of at most about `n_bytes`; batches are alike."""
    about = table.metadata.row_group(group)
    size = 0
    for place in range(about.num_columns):
        column = about.column(place)
        if column.path_in_schema.partition(".")[0] in columns:
            size += column.total_uncompressed_size
    n_batches = max(1, -(-size // n_bytes))
    return max(1, min(MAX_ROWS, int(-(-about.num_rows // n_batches))))
