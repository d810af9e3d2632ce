"""JSON lines: one object a line; a broken line is named and the next one read."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from dedup import schema
from dedup.read.columns import missing_columns
from dedup.read.detect import JSON_ARRAY, is_binary
from dedup.read.encoding import str_as_utf8
from dedup.read.records import Record, parse_date
from dedup.settings import ReadSettings

MAX_NAMES = 20
MAX_BROKEN = 1000
"""A file that begins with so many broken lines and no good one is no file of JSON lines."""


@dataclass
class Seen:
    """What was seen of a file so far, for what can only be said of all of it.

    Attributes
    ----------
    names: keys of its objects, not many more than MAX_NAMES.
    has_content: an object has the column of text or HTML, be it null.
    n_good, n_broken: lines that are objects, and lines that are none.
    cut: where the line begins at which a broken stream ends, if it is no object.
    is_given_up: it is no file of JSON lines.
    """

    names: dict[str, None] = field(default_factory=dict)
    has_content: bool = False
    n_good: int = 0
    n_broken: int = 0
    cut: int | None = None
    is_given_up: bool = False


def read_lines(
    lines: Iterable[tuple[int, bytes, bool]], seen: Seen, settings: ReadSettings
) -> Iterator[Record]:
    """Make records of lines one by one, and note what was seen.

    Parameters
    ----------
    lines: each with its offset, and whether a broken stream ends within it. A line of
        more than `max_record_bytes` may be cut.
    """
    wanted = (settings.text_column, settings.html_column)
    for offset, line, is_cut_off in lines:
        record, keys = _read_line(offset, line, settings)
        if record is None:
            continue
        if len(seen.names) < MAX_NAMES:
            seen.names.update(dict.fromkeys(keys))
        seen.has_content = seen.has_content or any(name in keys for name in wanted)
        seen.n_good, seen.n_broken = seen.n_good + bool(keys), seen.n_broken + (not keys)
        if not keys and is_cut_off:
            seen.cut = offset
            continue
        yield record
        if seen.n_broken == MAX_BROKEN and not seen.n_good:
            reason = f"no JSON lines: none of the first {MAX_BROKEN:,} is an object"
            yield Record(offset + min(len(line), settings.max_record_bytes + 1), rejected=reason)
            seen.is_given_up = True
            return


def is_no_jsonl(prefix: bytes) -> str | None:
    """Say what a file is by its first bytes, if it is plainly no file of JSON lines."""
    if JSON_ARRAY.match(prefix):
        return "a JSON array, not JSON lines: write one object a line"
    return "binary data, not JSON lines" if is_binary(prefix) else None


def _read_line(offset: int, line: bytes, settings: ReadSettings) -> tuple[Record | None, list[str]]:
    """Make the record of a line, and tell its keys; None for an empty line."""
    if len(line) > settings.max_record_bytes + line.endswith(b"\n"):
        reason = f"the line has more than {settings.max_record_bytes:,} bytes"
        return Record(offset, rejected=reason), []
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
    date = row.get(settings.date_column)
    return Record(
        offset,
        content=str_as_utf8(content),
        kind=kind,
        n_bytes=n_bytes,
        url=text_of(row.get(settings.url_column)),
        id=text_of(row.get(settings.id_column)),
        date=parse_date(text_of(date)) if isinstance(date, str) else None,
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
