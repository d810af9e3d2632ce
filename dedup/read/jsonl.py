"""JSON lines: one object a line; a broken line is named and the next one read."""

import json
from collections.abc import Iterator
from io import BufferedReader
from typing import Any

from dedup import schema
from dedup.errors import BadInput
from dedup.read.columns import missing_columns
from dedup.read.compression import InputStream
from dedup.read.detect import JSON_ARRAY, PREFIX_BYTES, is_binary
from dedup.read.encoding import str_as_utf8
from dedup.read.records import Record, parse_date
from dedup.read.source import Source
from dedup.settings import ReadSettings

PIECE = 1 << 20
MAX_NAMES = 20
MAX_BROKEN = 1000
"""A file that begins with so many broken lines and no good one is no file of JSON lines."""


def read_jsonl(stream: InputStream, source: Source, settings: ReadSettings) -> Iterator[Record]:
    """Read the documents of a file of JSON lines; an offset is a byte after decompression.

    Raises
    ------
    BadInput: no object has the column of text or HTML, and the user named this source.
    """
    if (wrong := _is_no_jsonl(stream.peek_bytes(PREFIX_BYTES))) is not None:
        yield Record(0, rejected=wrong)
        return
    names: dict[str, None] = {}
    n_broken = n_good = 0
    cut: int | None = None
    for offset, line, whole in _lines(BufferedReader(stream, PIECE), settings.max_record_bytes):
        record, keys = (
            _read_line(offset, line, settings) if whole else (_too_long(offset, line), [])
        )
        if record is None:
            continue
        if len(names) < MAX_NAMES:
            names.update(dict.fromkeys(keys))
        n_good, n_broken = n_good + bool(keys), n_broken + (not keys)
        if not keys and stream.broken is not None and not line.endswith(b"\n"):
            cut = offset
            continue
        yield record
        if n_broken == MAX_BROKEN and not n_good:
            reason = f"no JSON lines: none of the first {MAX_BROKEN:,} is an object"
            yield Record(offset + len(line), rejected=reason)
            return
    if stream.broken is not None:
        yield Record(stream.n_read if cut is None else cut, rejected=stream.broken)
    elif source.named and names and not {settings.text_column, settings.html_column} & set(names):
        raise BadInput(source.name, missing_columns(list(names), settings))


def _is_no_jsonl(prefix: bytes) -> str | None:
    if JSON_ARRAY.match(prefix):
        return "a JSON array, not JSON lines: write one object a line"
    return "binary data, not JSON lines" if is_binary(prefix) else None


def _lines(stream: BufferedReader, max_bytes: int) -> Iterator[tuple[int, bytes, bool]]:
    """Yield each line with its offset, and whether it is whole; of a longer one a part."""
    offset = 0
    while line := stream.readline(max_bytes + 1):
        begin, whole = offset, len(line) <= max_bytes or line.endswith(b"\n")
        offset += len(line)
        yield begin, line, whole
        while not line.endswith(b"\n") and not whole and (line := stream.readline(PIECE)):
            offset += len(line)


def _too_long(offset: int, line: bytes) -> Record:
    return Record(offset, rejected=f"the line has more than {len(line) - 1:,} bytes")


def _read_line(offset: int, line: bytes, settings: ReadSettings) -> tuple[Record | None, list[str]]:
    """Make the record of a line, and tell its keys; None for an empty line."""
    line = line.strip().removeprefix(b"\xef\xbb\xbf")
    if not line:
        return None, []
    try:
        # bytes that are no UTF-8 are worth a sign in the text, not the loss of the document
        value = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        return Record(offset, n_bytes=len(line), rejected=f"no JSON: {error}"), []
    if not isinstance(value, dict):
        return Record(offset, n_bytes=len(line), rejected="the line holds no JSON object"), []
    return record_of(value, offset, len(line), settings), list(value) or ["{}"]


def record_of(row: dict[str, Any], offset: int, n_bytes: int, settings: ReadSettings) -> Record:
    """Make the record of an object; HTML is preferred to text unless it is empty."""
    html, text = row.get(settings.html_column), row.get(settings.text_column)
    kind, content = (schema.HTML, html) if html or text is None else (schema.TEXT, text)
    if not isinstance(content, str):
        reason = _wrong_content(row, content, settings)
        return Record(offset, n_bytes=n_bytes, rejected=reason)
    return Record(
        offset,
        content=str_as_utf8(content),
        kind=kind,
        n_bytes=n_bytes,
        url=text_of(row.get(settings.url_column)),
        id=text_of(row.get(settings.id_column)),
        date=parse_date(row.get(settings.date_column)),
        title=text_of(row.get(settings.title_column)),
    )


def _wrong_content(row: dict[str, Any], content: object, settings: ReadSettings) -> str:
    there = [name for name in (settings.html_column, settings.text_column) if name in row]
    if not there:
        return missing_columns(list(row), settings)
    what = "is null" if content is None else "is no text"
    return f"the column {' or '.join(there)} {what}"


def text_of(value: object) -> str | None:
    """Take a text or a number as a text; anything else, and an empty text, is none."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value)
    if text.isascii() and "\0" not in text:
        return text or None
    return str_as_utf8(text).decode() or None
