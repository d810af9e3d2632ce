"""JSON lines, read column by column by Arrow where that gives the same as line by line.

Arrow reads three times as fast as Python's own parser. It says less about what is broken, and
takes and refuses other things than Python: what it refuses, and what it might misread, is
read line by line.
"""

import json
import re
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
SMALL = 1 << 15
"""Bytes; what is smaller is read line by line, for a call costs 0.2 ms."""

FEW = 8
"""Lines that are read line by line from one on that was refused."""

REFUSED = re.compile(r" in row (\d{1,15})$")

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
    refused: Part | None = None
    for part in _tried(lines, types, settings):
        if part.columns is None:
            refused = Part(refused.first if refused else part.first, part.last, None)
            continue
        if refused is not None:
            yield refused
            refused = None
        yield part
    if refused is not None:
        yield refused


def _tried(lines: Lines, types: dict[str, pa.DataType], settings: ReadSettings) -> Iterator[Part]:
    """Try to read lines by columns, and pass over some where a line is refused.

    Over twice as many each time, until some can be read: so a file that is refused throughout
    costs little more than line by line.
    """
    n_lines, n_passed = len(lines.begins), FEW
    odd = np.append(np.flatnonzero(~lines.is_plain), n_lines) if types else np.arange(n_lines)
    at = 0
    while at < n_lines:
        end = min(int(odd[np.searchsorted(odd, at)]), at + MAX_ROWS)
        if end == at or lines.n_bytes(at, end) < SMALL:
            passed = end + 1
        else:
            columns = _columns(lines, at, end, types, settings)
            if isinstance(columns, int) and columns and lines.n_bytes(at, at + columns) >= SMALL:
                end = at + columns
                columns = _columns(lines, at, end, types, settings)
            if not isinstance(columns, int):
                yield Part(at, end, columns)
                at, n_passed = end, FEW
                continue
            passed = at + max(columns + 1, n_passed)
            n_passed *= 2
        yield Part(at, min(passed, n_lines), None)
        at = passed


def _columns(
    lines: Lines, first: int, last: int, types: dict[str, pa.DataType], settings: ReadSettings
) -> pa.RecordBatch | int:
    """Read lines together, as the types that fitted last, or else those of the first line.

    Returns
    -------
    Their columns; or, if they are refused, how many lines before some refused one there may be.
    """
    begin, end = int(lines.begins[first]), int(lines.ends[last - 1])
    data = memoryview(lines.data)[begin:end]
    table = _parsed(data, types)
    if isinstance(table, int):
        other = _types_of(lines.data[begin : int(lines.ends[first])], settings)
        if other != types and not isinstance(again := _parsed(data, other), int):
            table = again
            types.update(other)
    if isinstance(table, int):
        return min(table, last - first - 1)
    # two objects in one line are two rows
    if table.num_rows != last - first:
        return (last - first) // 2
    return table.combine_chunks().to_batches()[0]


def _parsed(data: memoryview, types: dict[str, pa.DataType]) -> pa.Table | int:
    """Let Arrow read lines; if it refuses one, take its number as far as it is told."""
    try:
        return arrow_json.read_json(
            pa.BufferReader(data),
            arrow_json.ReadOptions(use_threads=False, block_size=len(data) + 1),
            arrow_json.ParseOptions(
                explicit_schema=pa.schema(types), unexpected_field_behavior="ignore"
            ),
        )
    except pa.ArrowException as error:
        found = REFUSED.search(str(error))
        return int(found[1]) if found else 0


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
