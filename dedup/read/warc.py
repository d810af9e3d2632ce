"""WARC and WET files, record by record; a broken record is named and the next one found.

Our own reading of the format (ISO 28500): the libraries for it stop at the first broken
record, and what comes after it would be lost.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dedup import schema
from dedup.read.compression import InputStream
from dedup.read.detect import HTML_BEGIN, WARC_BEGIN, is_binary
from dedup.read.encoding import charset_of, html_as_utf8, text_as_utf8
from dedup.read.http import HEAD_END, LINE_END, BadHTTP, parse_headers, parse_response
from dedup.read.records import Record, parse_date
from dedup.read.source import Source
from dedup.read.tape import Tape
from dedup.settings import ReadSettings

NEXT = re.compile(rb"\nWARC/[0-9.]{1,8}\r?\n[A-Za-z-]{2,40}:")
"""What a record that follows a broken one begins with."""

MAX_HEAD = 1 << 18
FIRST_LOOK = 4096
HTML_TYPES = ("text/html", "application/xhtml")
WITHOUT_TYPE = {"", "unknown", "application/unknown", "unknown/unknown"}
WITH_PAGES = {"response", "resource", "conversion"}


@dataclass(frozen=True)
class Head:
    """Where a record begins, its headers (names in small letters), how long it claims to be."""

    offset: int
    headers: dict[str, str]
    n_bytes: int

    @property
    def kind(self) -> str:
        """The type of the record."""
        return self.headers["warc-type"].lower()

    @property
    def url(self) -> str | None:
        """The address of what was captured."""
        return self.headers.get("warc-target-uri", "").strip("<>") or None


def read_warc(stream: InputStream, source: Source, settings: ReadSettings) -> Iterator[Record]:  # noqa: ARG001
    """Read the pages of a WARC or WET file.

    A response, resource or conversion of HTML or plain text is a document; other kinds of
    records, and other types of content, are passed over. A response of another status than 2xx
    is rejected with its status.
    """
    tape = Tape(stream)
    while (found := _next_head(tape)) is not None:
        if isinstance(found, Record):
            yield found
            continue
        content, fault = _content(tape, found, settings.max_record_bytes)
        if fault is not None:
            n_bytes = tape.offset - found.offset
            yield Record(found.offset, n_bytes=n_bytes, url=found.url, rejected=fault)
        elif found.kind in WITH_PAGES:
            record = _page(found, content, settings.max_record_bytes)
            if record is not None:
                yield record
    if stream.broken is not None:
        yield Record(tape.offset, rejected=stream.broken)


def _next_head(tape: Tape) -> Head | Record | None:
    """Read the next record's head; a Record tells of bytes that are none; None is the end."""
    tape.skip_blank()
    offset = tape.offset
    if not tape.fill(1):
        return None
    end = tape.search(HEAD_END, min(tape.fill(FIRST_LOOK), FIRST_LOOK))
    if end is None:
        end = tape.search(HEAD_END, min(tape.fill(MAX_HEAD), MAX_HEAD))
    if end is None or not tape.is_at(WARC_BEGIN):
        return _resume(tape, offset, "no WARC record begins here")
    lines = LINE_END.split(tape.take(end[0]).decode("utf-8", "replace"))
    # but for its last line end, with which the next record may begin if this one is broken
    tape.drop(end[1] - end[0] - 1)
    headers = parse_headers(lines[1:])
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) < 16):
        return _resume(tape, offset, "the record's header does not tell its length")
    if "warc-type" not in headers:
        return _resume(tape, offset, "the record's header does not tell its type")
    tape.drop(1)
    return Head(offset, headers, int(length))


def _resume(tape: Tape, offset: int, reason: str) -> Record:
    """Pass over bytes until a record begins, and say why."""
    tape.skip_to(NEXT)
    return Record(offset, n_bytes=tape.offset - offset, rejected=reason)


def _content(tape: Tape, head: Head, max_bytes: int) -> tuple[bytes, str | None]:
    """Take a record's content, or say what is wrong with it; the tape is then at the next one."""
    n_bytes = head.n_bytes
    if n_bytes > max_bytes:
        whole = tape.skip_to(NEXT, n_bytes)
        reason = f"the record has {n_bytes:,} bytes" if whole else _cut_off(tape)
        # a picture or an archive is no page, however large
        return b"", reason if head.kind in WITH_PAGES or not whole else None
    held = tape.fill(n_bytes + FIRST_LOOK)
    if held < n_bytes or not tape.ends_at(n_bytes, WARC_BEGIN):
        swallowed = tape.search(NEXT, n_bytes)
        if swallowed is not None:
            tape.drop(swallowed[0] + 1)
            return b"", _cut_off(tape)
    if held < n_bytes:
        tape.drop(held)
        return b"", _cut_off(tape)
    if head.kind not in WITH_PAGES:
        tape.drop(n_bytes)
        return b"", None
    return tape.take(n_bytes), None


def _cut_off(tape: Tape) -> str:
    if tape.fill(1):
        return "the record's length does not fit: another record begins within it"
    return f"the record is cut off; {tape.broken or 'the file ends within it'}"


def _page(head: Head, content: bytes, max_bytes: int) -> Record | None:
    """Make the document of a record's content, if it is HTML or plain text."""
    url, date = head.url, parse_date(head.headers.get("warc-date"))
    content_type = head.headers.get("content-type", "")
    refused = None
    if "application/http" in content_type.lower() or (
        head.kind == "response" and content.startswith(b"HTTP/")
    ):
        try:
            response = parse_response(content)
            content_type = response.headers.get("content-type", "")
            if not _may_be_page(content_type):
                return None
            if not 200 <= response.status < 300:
                refused = f"HTTP status {response.status}"
            content = response.body(max_bytes)
        except BadHTTP as error:
            refused = refused or str(error)
            return Record(head.offset, n_bytes=head.n_bytes, url=url, date=date, rejected=refused)
    kind = _kind(content_type, content)
    if kind is None:
        return None
    n_bytes = len(content)
    if refused is None and _is_no_text(content, content_type):
        refused = f"binary data, called {content_type[:80]}"
    if refused is not None:
        return Record(head.offset, n_bytes=n_bytes, url=url, date=date, rejected=refused)
    decode = html_as_utf8 if kind == schema.HTML else text_as_utf8
    text = decode(content, content_type)
    return Record(head.offset, content=text, kind=kind, n_bytes=n_bytes, url=url, date=date)


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _may_be_page(content_type: str) -> bool:
    name = _media_type(content_type)
    return name.startswith(HTML_TYPES) or name == "text/plain" or name in WITHOUT_TYPE


def _kind(content_type: str, content: bytes) -> str | None:
    """Tell whether content is HTML, plain text or something else; without a type, look at it."""
    name = _media_type(content_type)
    if name.startswith(HTML_TYPES):
        return schema.HTML
    if name == "text/plain" or (name in WITHOUT_TYPE and not is_binary(content[:4096])):
        return schema.HTML if HTML_BEGIN.match(content[:4096]) else schema.TEXT
    return None


def _is_no_text(content: bytes, content_type: str) -> bool:
    wide = (charset_of(content_type) or "").lower().startswith(("utf-16", "utf-32"))
    return not wide and is_binary(content[:4096])
