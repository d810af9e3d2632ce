"""JSON lines: one object a line; a broken line is named and the next one read."""

import json
from collections.abc import Iterator
from io import BufferedReader
from typing import Any

from dedup import schema
from dedup.read.columns import NoSuchColumn, missing_columns
from dedup.read.compression import InputStream
from dedup.read.records import Record, parse_date
from dedup.settings import ReadSettings

PIECE = 1 << 20
MAX_NAMES = 20


def read_jsonl(stream: InputStream, settings: ReadSettings) -> Iterator[Record]:
    """Read the documents of a file of JSON lines.

    Raises
    ------
    NoSuchColumn: no object in the whole file has the column of text or HTML.
    """
    names: dict[str, None] = {}
    found = False
    for offset, line, whole in _lines(BufferedReader(stream, PIECE), settings.max_record_bytes):
        if not whole:
            yield Record(offset, rejected=f"the line has more than {len(line):,} bytes")
            continue
        record, keys = _read_line(offset, line, settings)
        if record is None:
            continue
        if len(names) < MAX_NAMES:
            names.update(dict.fromkeys(keys))
        found = found or record.rejected is None
        yield record
    if stream.broken is not None:
        yield Record(stream.n_read, rejected=stream.broken)
    elif names and not found and not _has_column(names, settings):
        raise NoSuchColumn(missing_columns(list(names), settings))


def _lines(stream: BufferedReader, max_bytes: int) -> Iterator[tuple[int, bytes, bool]]:
    """Yield each line with its offset, and whether it is whole; of a longer one a part."""
    offset = 0
    while line := stream.readline(max_bytes + 1):
        begin, whole = offset, len(line) <= max_bytes or line.endswith(b"\n")
        offset += len(line)
        yield begin, line, whole
        while not line.endswith(b"\n") and not whole and (line := stream.readline(PIECE)):
            offset += len(line)


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
    return record_of(value, offset, len(line), settings), list(value)


def record_of(row: dict[str, Any], offset: int, n_bytes: int, settings: ReadSettings) -> Record:
    """Make the record of an object or row."""
    html, text = row.get(settings.html_column), row.get(settings.text_column)
    kind, content = (schema.HTML, html) if html else (schema.TEXT, text)
    if not isinstance(content, str):
        column = settings.html_column if html else settings.text_column
        what = "is no text" if column in row and content is not None else "is missing"
        return Record(offset, n_bytes=n_bytes, rejected=f"the column {column} {what}")
    if len(content) > settings.max_record_bytes:
        return Record(offset, n_bytes=n_bytes, rejected=f"the text has {len(content):,} characters")
    return Record(
        offset,
        content=clean_text(content),
        kind=kind,
        n_bytes=n_bytes,
        url=_text_of(row.get(settings.url_column)),
        id=_text_of(row.get(settings.id_column)),
        date=parse_date(row.get(settings.date_column)),
        title=_text_of(row.get(settings.title_column)),
    )


def clean_text(text: str) -> str:
    """Drop NULs, and put U+FFFD for halves of surrogate pairs, which no UTF-8 can hold."""
    text = text.replace("\0", "") if "\0" in text else text
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _text_of(value: object) -> str | None:
    """Take a text or a number as a text; anything else, and an empty text, is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return clean_text(str(value)) or None


def _has_column(names: dict[str, None], settings: ReadSettings) -> bool:
    return settings.text_column in names or settings.html_column in names
