"""HTTP responses as they stand in a WARC: head, and body with its codings undone."""

import re
import zlib
from dataclasses import dataclass
from typing import Any

import brotli
import zstandard

from dedup.read.detect import is_binary

MAX_HEAD = 1 << 18
MAX_CODINGS = 4
PIECE = 1 << 13
"""Steps are small: zlib throws away what a call had inflated before a break."""

HEAD_END = re.compile(rb"\r?\n\r?\n")
LINE_END = re.compile(r"\r?\n")


class BadHTTP(Exception):
    """A response that is none, or whose body cannot be decoded."""


@dataclass(frozen=True)
class Response:
    """Status, headers (names in small letters; the first of equal names), body as it is stored."""

    status: int
    headers: dict[str, str]
    stored: bytes

    def body(self, max_bytes: int) -> bytes:
        """Join the chunks of the body and undo its codings.

        A body whose chunks or codings are said but absent is taken as it is: many crawlers
        store decoded bodies under their first headers. Of a broken one, what came before the
        break is taken.

        Raises
        ------
        BadHTTP: a coding is broken from the start, unknown, or expands beyond `max_bytes`.
        """
        body = self.stored
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            body = join_chunks(body)
        said = self.headers.get("content-encoding", "").lower().split(",")
        if len(said) > MAX_CODINGS:
            raise BadHTTP(f"the body is said to be coded {len(said)} times")
        for coding in reversed(said):
            body = undo_coding(body, coding.strip(), max_bytes)
        return body


def parse_response(message: bytes) -> Response:
    """Parse the head of a response.

    Raises
    ------
    BadHTTP: there is no status line, or no end of the head.
    """
    end = HEAD_END.search(message, 0, MAX_HEAD)
    if end is None:
        raise BadHTTP("the HTTP header does not end")
    lines = LINE_END.split(message[: end.start()].decode("latin-1"))
    parts = lines[0].split(None, 2)
    status = parts[1][:3] if len(parts) > 1 and parts[0].startswith("HTTP/") else ""
    if not (status.isascii() and status.isdigit()):
        raise BadHTTP("the record holds no HTTP response")
    return Response(int(status), parse_headers(lines[1:]), message[end.end() :])


def parse_headers(lines: list[str]) -> dict[str, str]:
    """Parse header lines; one that begins with a blank goes on with the one before."""
    headers: dict[str, str] = {}
    name = ""
    for line in lines:
        if line[:1] in {" ", "\t"} and name:
            headers[name] += " " + line.strip()
            continue
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        if colon and name not in headers:
            headers[name] = value.strip()
        else:
            name = ""
    return headers


def join_chunks(body: bytes) -> bytes:
    r"""Join the chunks of a body; where they are broken, the rest is taken as it stands.

    Examples
    --------
    >>> join_chunks(b"5\r\nHello\r\n1;note\r\n!\r\n0\r\n\r\n")
    b'Hello!'
    >>> join_chunks(b"<html>no chunks</html>")
    b'<html>no chunks</html>'
    """
    chunks: list[bytes] = []
    at = 0
    while at < len(body):
        end = body.find(b"\n", at, at + 1024)
        size = _chunk_size(body[at:end]) if end > at else -1
        if size == 0:
            break
        begin, at = (end + 1, end + 1 + size) if size > 0 else (at, len(body))
        if not chunks and size > 0 and not _is_chunk(body, end, at):
            return body
        chunks.append(body[begin:at])
        at += 2 if body[at : at + 2] == b"\r\n" else body[at : at + 1] == b"\n"
    return b"".join(chunks)


def _chunk_size(line: bytes) -> int:
    """Read the size before a chunk; -1 if it is none."""
    try:
        return int(line.split(b";")[0], 16)
    except ValueError:
        return -1


def _is_chunk(body: bytes, line_end: int, end: int) -> bool:
    """Tell whether what looks like a size is one: a text may begin with "Add" or "Cafe"."""
    cut_off = end >= len(body) and body[line_end - 1 : line_end] == b"\r"
    return cut_off or body[end : end + 1] in {b"\r", b"\n"}


def undo_coding(body: bytes, coding: str, max_bytes: int) -> bytes:
    """Undo one content coding; a body that is not coded so is given back as it is.

    Raises
    ------
    BadHTTP: the coding is unknown or broken, or the body expands beyond `max_bytes`.
    """
    if not body or coding in {"", "identity", "none", "utf-8"}:
        return body
    try:
        if coding in {"gzip", "x-gzip"}:
            return _inflate(body, 31, max_bytes)
        if coding == "deflate":
            return _inflate_raw_or_wrapped(body, max_bytes)
        if coding == "br":
            return _unbrotli(body, max_bytes)
        if coding == "zstd":
            decompressor = zstandard.ZstdDecompressor().stream_reader(body)
            return _checked(decompressor.read(max_bytes + 1), max_bytes)
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        if looks_like_text(body):
            return body
        raise BadHTTP(f"the {coding} body is broken: {error}") from None
    raise BadHTTP(f"the body is coded as {coding[:40]!r}")


def looks_like_text(body: bytes) -> bool:
    """Tell whether a body stands there decoded already: a tag, or UTF-8 without control codes."""
    begin = body[:4096]
    if is_binary(begin):
        return False
    if begin.lstrip()[:1] == b"<":
        return True
    try:
        begin.decode()
    except UnicodeDecodeError as error:
        return error.start > len(begin) - 4
    return True


def _inflate(body: bytes, wbits: int, max_bytes: int) -> bytes:
    """Inflate member after member; what is broken or cut off gives what came before.

    Raises
    ------
    zlib.error: nothing came before.
    """
    pieces: list[bytes] = []
    size = at = 0
    data = b""
    decompressor = zlib.decompressobj(wbits)
    try:
        while size <= max_bytes and (data or at < len(body)):
            if not data:
                data, at = body[at : at + PIECE], at + PIECE
            pieces.append(decompressor.decompress(data, PIECE))
            size += len(pieces[-1])
            data = decompressor.unconsumed_tail
            if decompressor.eof:
                data = decompressor.unused_data
                if not (data + body[at : at + 2]).startswith(b"\x1f\x8b"):
                    break
                decompressor = zlib.decompressobj(wbits)
    except zlib.error:
        if not size:
            raise
    return _checked(b"".join(pieces), max_bytes)


def _inflate_raw_or_wrapped(body: bytes, max_bytes: int) -> bytes:
    """Servers mean either by "deflate"."""
    try:
        return _inflate(body, 15, max_bytes)
    except zlib.error:
        return _inflate(body, -15, max_bytes)


def _unbrotli(body: bytes, max_bytes: int) -> bytes:
    decompressor: Any = brotli.Decompressor()
    pieces = [decompressor.process(body, output_buffer_limit=PIECE)]
    size = len(pieces[0])
    while size <= max_bytes and not decompressor.can_accept_more_data():
        pieces.append(decompressor.process(b"", output_buffer_limit=PIECE))
        size += len(pieces[-1])
    return _checked(b"".join(pieces), max_bytes)


def _checked(body: bytes, max_bytes: int) -> bytes:
    if len(body) > max_bytes:
        raise BadHTTP(f"the body expands beyond {max_bytes:,} bytes")
    return body
