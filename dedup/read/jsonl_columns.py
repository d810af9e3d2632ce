"""JSON lines, read column by column by Arrow where that gives the same as line by line.

Arrow reads three times as fast as Python's own parser. It says less about what is broken, and
takes and refuses other things than Python: what it refuses, and what it might misread, is
read line by line.
"""

import json
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json as arrow_json

from dedup.errors import BadInput
from dedup.read.columns import missing_columns
from dedup.read.compression import InputStream
from dedup.read.detect import PREFIX_BYTES
from dedup.read.json_lines import Lines, cut_lines
from dedup.read.jsonl import Seen, is_no_jsonl, read_lines
from dedup.read.records import MAX_ROWS, Record, make_batch, make_batches
from dedup.read.rows import COLUMNS, documents_of
from dedup.read.source import Source
from dedup.settings import ReadSettings

PIECE = 8 << 20
SMALL = 1 << 17
"""Bytes; what is smaller and was refused is not halved again: a call costs 0.1 ms."""

TYPES = {int: pa.int64(), bool: pa.bool_()}


class Part(NamedTuple):
    """Lines from one to before another, and their columns, if they could be read so."""

    first: int
    last: int
    columns: pa.RecordBatch | None


def read_jsonl(
    stream: InputStream, source: Source, settings: ReadSettings
) -> Iterator[pa.RecordBatch]:
    """Read the documents of a file of JSON lines; an offset is a byte after decompression.

    Yields
    ------
    schema.DOCUMENTS. A broken line is a row with its reason.

    Raises
    ------
    BadInput: no object has the column of text or HTML, and the user named this source.
    """
    if (wrong := is_no_jsonl(stream.peek_bytes(PREFIX_BYTES))) is not None:
        yield make_batch([Record(0, rejected=wrong)], source)
        return
    seen = Seen()
    yield from _joined(_documents(stream, seen, source, settings), settings.batch_bytes)
    if seen.is_given_up:
        return
    if stream.broken is not None:
        offset = stream.n_read if seen.cut is None else seen.cut
        yield make_batch([Record(offset, rejected=stream.broken)], source)
    elif source.named and seen.names and not seen.has_content:
        raise BadInput(source.name, missing_columns(list(seen.names), settings))


def _documents(
    stream: InputStream, seen: Seen, source: Source, settings: ReadSettings
) -> Iterator[pa.RecordBatch]:
    types = _text_types(settings)
    n_bytes = min(PIECE, settings.batch_bytes)
    for lines in cut_lines(stream, n_bytes, settings.max_record_bytes):
        for part in _parts(lines, types, settings):
            if part.columns is not None:
                yield from _rows(lines, part.first, part.columns, seen, source, settings)
                continue
            singles = lines.singly(range(part.first, part.last))
            records = read_lines(singles, seen, settings)
            yield from make_batches(records, source, settings.batch_bytes)
            if seen.is_given_up:
                return


def _text_types(settings: ReadSettings) -> dict[str, pa.DataType]:
    """Name the columns that documents are made of, as texts; none if Arrow can't name one."""
    names = [getattr(settings, f"{kind}_column") for kind in COLUMNS]
    try:
        "".join(names).encode()
    except UnicodeEncodeError:
        return {}
    return dict.fromkeys(names, pa.string())


def _parts(lines: Lines, types: dict[str, pa.DataType], settings: ReadSettings) -> Iterator[Part]:
    """Part lines into those that Arrow reads as Python does, and others.

    Parameters
    ----------
    types: the columns and what they hold; changed where other types turn out to fit.
    """
    n_lines = len(lines.begins)
    refused: Part | None = None
    for first in range(0, n_lines, MAX_ROWS):
        for part in _halved(lines, first, min(first + MAX_ROWS, n_lines), types, settings):
            if part.columns is None:
                refused = Part(refused.first if refused else part.first, part.last, None)
                continue
            if refused is not None:
                yield refused
                refused = None
            yield part
    if refused is not None:
        yield refused


def _halved(
    lines: Lines, first: int, last: int, types: dict[str, pa.DataType], settings: ReadSettings
) -> Iterator[Part]:
    """Halve lines that are refused together, until few are left."""
    is_plain = bool(types) and bool(lines.is_plain[first:last].all())
    columns = _columns(lines, first, last, types, settings) if is_plain else None
    n_bytes = lines.ends[last - 1] - lines.begins[first]
    if columns is not None or last - first == 1 or n_bytes < SMALL:
        yield Part(first, last, columns)
        return
    middle = (first + last) // 2
    yield from _halved(lines, first, middle, types, settings)
    yield from _halved(lines, middle, last, types, settings)


def _columns(
    lines: Lines, first: int, last: int, types: dict[str, pa.DataType], settings: ReadSettings
) -> pa.RecordBatch | None:
    """Read lines together, as the types that fitted last, or else those of the first line."""
    begin, end = int(lines.begins[first]), int(lines.ends[last - 1])
    data = memoryview(lines.data)[begin:end]
    table = _parsed(data, types)
    if table is None:
        other = _types_of(lines.data[begin : int(lines.ends[first])], settings)
        if other == types or (table := _parsed(data, other)) is None:
            return None
        types.update(other)
    # two objects in one line are two rows
    if table.num_rows != last - first:
        return None
    return table.combine_chunks().to_batches()[0]


def _parsed(data: memoryview, types: dict[str, pa.DataType]) -> pa.Table | None:
    try:
        return arrow_json.read_json(
            pa.BufferReader(data),
            arrow_json.ReadOptions(use_threads=False, block_size=len(data) + 1),
            arrow_json.ParseOptions(
                explicit_schema=pa.schema(types), unexpected_field_behavior="ignore"
            ),
        )
    except pa.ArrowException:
        return None


def _types_of(line: bytes, settings: ReadSettings) -> dict[str, pa.DataType]:
    """Take a column for what it is in a line; texts are wanted of text and HTML."""
    types = _text_types(settings)
    try:
        row = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return types
    for name in types:
        if name not in (settings.text_column, settings.html_column):
            types[name] = TYPES.get(type(row.get(name)), pa.string())
    return types


def _rows(
    lines: Lines,
    first: int,
    columns: pa.RecordBatch,
    seen: Seen,
    source: Source,
    settings: ReadSettings,
) -> Iterator[pa.RecordBatch]:
    """Make documents of columns; the lines without content are read one by one, for the reason."""
    rows = slice(first, first + columns.num_rows)
    offsets, n_bytes = lines.offset + lines.begins[rows], lines.ends[rows] - lines.begins[rows]
    has_content = pc.or_(
        *(columns.column(name).is_valid() for name in (settings.text_column, settings.html_column))
    ).to_numpy(zero_copy_only=False)
    n_good = int(np.count_nonzero(has_content))
    seen.n_good += n_good
    seen.has_content = seen.has_content or n_good > 0
    if n_good == len(offsets):
        yield from documents_of(columns, offsets, source, settings, n_bytes)
        return
    places = first + np.flatnonzero(~has_content)
    records = read_lines(lines.singly(places.tolist()), seen, settings)
    good = columns.filter(pa.array(has_content))
    batches = [
        *documents_of(good, offsets[has_content], source, settings, n_bytes[has_content]),
        *make_batches(records, source, settings.batch_bytes),
    ]
    batch = pa.concat_batches(batches)
    yield batch.take(pc.sort_indices(batch.column("offset")))


def _joined(batches: Iterator[pa.RecordBatch], n_bytes: int) -> Iterator[pa.RecordBatch]:
    """Join batches that are much smaller than they may be."""
    held: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        if held and (size + batch.nbytes > n_bytes or rows + batch.num_rows > MAX_ROWS):
            yield pa.concat_batches(held)
            held, rows, size = [], 0, 0
        held.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if size > n_bytes // 2 or rows > MAX_ROWS // 2:
            yield held[0] if len(held) == 1 else pa.concat_batches(held)
            held, rows, size = [], 0, 0
    if held:
        yield pa.concat_batches(held)
