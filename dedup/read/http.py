"""HTTP responses as they stand in a WARC: head, and body with its codings undone."""

import zlib
from dataclasses import dataclass
from typing import Any

import brotli
import zstandard

MAX_HEAD = 1 << 18


class BadHTTP(Exception):
    """A response that is none, or whose body cannot be decoded."""


@dataclass(frozen=True)
class Response:
    """Status, headers (names in small letters; the first of equal names), decoded body."""

    status: int
    headers: dict[str, str]
    body: bytes


def parse_response(message: bytes, max_bytes: int) -> Response:
    """Parse a response; chunks are joined and content codings undone.

    A body whose chunks or codings are said but absent is taken as it is: many crawlers store
    decoded bodies under their first headers.

    Raises
    ------
    BadHTTP: there is no status line, or a coding is broken, unknown or expands beyond
        `max_bytes`.
    """
    end = message.find(b"\r\n\r\n", 0, MAX_HEAD)
    skip = 4
    if end < 0:
        end, skip = message.find(b"\n\n", 0, MAX_HEAD), 2
    if end < 0:
        raise BadHTTP("the HTTP header does not end")
    lines = message[:end].decode("latin-1").splitlines()
    parts = lines[0].split(None, 2) if lines else []
    if len(parts) < 2 or not parts[0].startswith("HTTP/") or not parts[1].isdigit():
        raise BadHTTP("the record holds no HTTP response")
    headers = parse_headers(lines[1:])
    body = message[end + skip :]
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = join_chunks(body)
    for coding in reversed(headers.get("content-encoding", "").lower().split(",")):
        body = undo_coding(body, coding.strip(), max_bytes)
    return Response(int(parts[1][:3]), headers, body)


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
    return headers


def join_chunks(body: bytes) -> bytes:
    r"""Join the chunks of a body; of a broken or cut one, those that came whole.

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
        end = body.find(b"\r\n", at, at + 1024)
        try:
            size = int(body[at:end].split(b";")[0], 16) if end > at else -1
        except ValueError:
            size = -1
        if size < 0:
            return b"".join(chunks) if chunks else body
        if size == 0:
            break
        chunks.append(body[end + 2 : end + 2 + size])
        at = end + 2 + size + 2
    return b"".join(chunks)


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
            return _inflate(body, 31, max_bytes) if body.startswith(b"\x1f\x8b") else body
        if coding == "deflate":
            return _inflate_raw_or_wrapped(body, max_bytes)
        if coding == "br":
            return _bounded(brotli.Decompressor(), body, max_bytes)
        if coding == "zstd":
            decompressor = zstandard.ZstdDecompressor().stream_reader(body)
            return _checked(decompressor.read(max_bytes + 1), max_bytes)
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        if looks_like_text(body):
            return body
        raise BadHTTP(f"the {coding} body is broken: {error}") from None
    raise BadHTTP(f"the body is coded as {coding[:40]!r}")


def looks_like_text(body: bytes) -> bool:
    """Tell whether a body stands there decoded already: it begins as a page would."""
    return body.lstrip()[:1] == b"<"


def _inflate(body: bytes, wbits: int, max_bytes: int) -> bytes:
    """Inflate; a stream that is cut off gives what came before."""
    return _checked(zlib.decompressobj(wbits).decompress(body, max_bytes + 1), max_bytes)


def _inflate_raw_or_wrapped(body: bytes, max_bytes: int) -> bytes:
    """Servers mean either by "deflate"."""
    try:
        return _inflate(body, 15, max_bytes)
    except zlib.error:
        return _inflate(body, -15, max_bytes)


def _bounded(decompressor: Any, body: bytes, max_bytes: int) -> bytes:
    pieces = []
    size = 0
    for at in range(0, len(body), 4096):
        pieces.append(decompressor.process(body[at : at + 4096]))
        size += len(pieces[-1])
        if size > max_bytes:
            break
    return _checked(b"".join(pieces), max_bytes)


def _checked(body: bytes, max_bytes: int) -> bytes:
    if len(body) > max_bytes:
        raise BadHTTP(f"the body expands beyond {max_bytes:,} bytes")
    return body
