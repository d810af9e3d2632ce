"""WARC and WET files, record by record; a broken record is named and the next one found.

Our own reading of the format (ISO 28500): the libraries for it stop at the first broken
record, and what comes after it would be lost.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader

from dedup import schema
from dedup.read.compression import InputStream
from dedup.read.detect import HTML_BEGIN, is_binary
from dedup.read.encoding import decode_html, decode_text
from dedup.read.http import BadHTTP, Response, parse_headers, parse_response
from dedup.read.records import Record, parse_date
from dedup.settings import ReadSettings

VERSION = re.compile(rb"WARC/[0-9.]{1,8}\r?\n")
NEXT = re.compile(rb"\nWARC/[0-9.]{1,8}\r?\nWARC-Type:", re.IGNORECASE)
"""What a record that follows a broken one begins with."""

MAX_HEAD = 1 << 18
PIECE = 1 << 20
HTML_TYPES = ("text/html", "application/xhtml")
WITH_PAGES = {"response", "resource", "conversion"}


@dataclass(frozen=True)
class Head:
    """Headers of a record, names in small letters, and how long its content claims to be."""

    headers: dict[str, str]
    n_bytes: int


def read_warc(stream: InputStream, settings: ReadSettings) -> Iterator[Record]:
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
        offset, head = found
        wanted = head.headers.get("warc-type", "").lower() in WITH_PAGES
        if not wanted:
            whole = tape.skip(head.n_bytes)
            content = b""
        elif head.n_bytes > settings.max_record_bytes:
            yield Record(offset, rejected=f"the record has {head.n_bytes:,} bytes")
            whole = tape.skip(head.n_bytes)
            wanted = False
        else:
            content = tape.take(head.n_bytes)
            whole = len(content) == head.n_bytes
        cut = NEXT.search(content) if not (whole and tape.at_record()) else None
        if cut is not None:
            # its length is too long: it has swallowed the records after it
            tape.back(content[cut.start() + 1 :])
            content, whole = content[: cut.start()], False
        url = head.headers.get("warc-target-uri", "").strip("<>") or None
        if not whole:
            yield Record(offset, url=url, rejected=_cut_off(stream, tape))
        elif wanted:
            yield from _read_page(offset, head, content, settings.max_record_bytes)
    if stream.broken is not None:
        yield Record(tape.offset, rejected=stream.broken)


class Tape:
    """A stream of records that can be put back a little."""

    def __init__(self, stream: InputStream) -> None:
        self._stream = BufferedReader(stream, PIECE)
        self._held = b""
        self.offset = 0

    def peek(self, n: int) -> bytes:
        """Look at the next n bytes, or as many as there are."""
        if len(self._held) < n:
            self._held += self._stream.read(n - len(self._held))
        return self._held[:n]

    def take(self, n: int) -> bytes:
        """Take n bytes, or as many as there are."""
        if len(self._held) < n:
            data = self._held + self._stream.read(n - len(self._held))
            self._held = b""
        else:
            data, self._held = self._held[:n], self._held[n:]
        self.offset += len(data)
        return data

    def skip(self, n: int) -> bool:
        """Pass over n bytes; False if there are fewer."""
        while n > 0:
            data = self.take(min(n, PIECE))
            if not data:
                return False
            n -= len(data)
        return True

    def back(self, data: bytes) -> None:
        """Put back what was taken last."""
        self._held = data + self._held
        self.offset -= len(data)

    def at_record(self) -> bool:
        """Tell whether the next record, or the end, is next after blank lines."""
        following = self.peek(64).lstrip(b"\r\n")
        return not following or VERSION.match(following) is not None


def _next_head(tape: Tape) -> tuple[int, Head] | Record | None:
    """Read the next record's head; a Record tells of bytes that are none; None is the end."""
    while tape.peek(1) in {b"\r", b"\n"}:
        tape.take(1)
    offset = tape.offset
    if not tape.peek(1):
        return None
    data = tape.peek(4096)
    match = re.search(rb"\r?\n\r?\n", data)
    if match is None and len(data) == 4096:
        data = tape.peek(MAX_HEAD)
        match = re.search(rb"\r?\n\r?\n", data)
    if VERSION.match(data) is None or match is None:
        return _resume(tape, offset, "no WARC record begins here")
    lines = data[: match.start()].decode("utf-8", "replace").splitlines()
    headers = parse_headers(lines[1:])
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) < 16):
        return _resume(tape, offset, "the record's header does not tell its length")
    tape.take(match.end())
    return offset, Head(headers, int(length))


def _resume(tape: Tape, offset: int, reason: str) -> Record:
    """Pass over bytes until a record begins, and say why."""
    tape.take(1)
    while True:
        data = tape.peek(PIECE)
        found = NEXT.search(data)
        if found is not None:
            tape.take(found.start() + 1)
            break
        # what may be the beginning of a record at the end of the piece is looked at again
        tape.take(max(len(data) - 64, 1) if len(data) == PIECE else len(data))
        if not tape.peek(1):
            break
    return Record(offset, n_bytes=tape.offset - offset, rejected=reason)


def _cut_off(stream: InputStream, tape: Tape) -> str:
    if tape.peek(1):
        return "the record's length does not fit: another record begins within it"
    return f"the record is cut off; {stream.broken or 'the file ends within it'}"


def _read_page(offset: int, head: Head, content: bytes, max_bytes: int) -> Iterator[Record]:
    """Make the document of a record's content, if it is HTML or plain text."""
    url = head.headers.get("warc-target-uri", "").strip("<>") or None
    date = parse_date(head.headers.get("warc-date"))
    content_type = head.headers.get("content-type", "").lower()
    if "application/http" in content_type or (
        head.headers["warc-type"].lower() == "response" and content.startswith(b"HTTP/")
    ):
        try:
            response = parse_response(content, max_bytes)
        except BadHTTP as error:
            yield Record(offset, url=url, date=date, rejected=str(error))
            return
        content, content_type = response.body, response.headers.get("content-type", "")
        if (reason := _refused(response)) is not None:
            if _kind(content_type, content) is not None:
                yield Record(offset, url=url, date=date, rejected=reason)
            return
    kind = _kind(content_type, content)
    if kind is None:
        return
    decode = decode_html if kind == schema.HTML else decode_text
    yield Record(
        offset,
        content=decode(content, content_type),
        kind=kind,
        n_bytes=len(content),
        url=url,
        date=date,
    )


def _refused(response: Response) -> str | None:
    """Say why a response is no page: an error, a redirect."""
    return None if 200 <= response.status < 300 else f"HTTP status {response.status}"


def _kind(content_type: str, content: bytes) -> str | None:
    """Tell whether content is HTML, plain text or something else; without a type, look at it."""
    name = content_type.partition(";")[0].strip().lower()
    if name.startswith(HTML_TYPES):
        return schema.HTML
    if name == "text/plain":
        return schema.HTML if HTML_BEGIN.match(content[:4096]) else schema.TEXT
    if name in {"", "unknown", "application/unknown"} and not is_binary(content[:4096]):
        return schema.HTML if HTML_BEGIN.match(content[:4096]) else schema.TEXT
    return None
