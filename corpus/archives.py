"""WARC and WET records, the same bytes each time."""

import gzip
import hashlib
import uuid

from corpus.parts import Page, to_html, to_text

DATE = "2026-01-15T06:{:02}:00Z"


def record(kind: str, url: str, number: int, content: bytes, content_type: str) -> bytes:
    """Make one WARC record, compressed as a member of its own."""
    name = uuid.UUID(bytes=hashlib.sha256(f"{kind} {url} {number}".encode()).digest()[:16])
    lines = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        f"WARC-Target-URI: {url}",
        f"WARC-Date: {DATE.format(number % 60)}",
        f"WARC-Record-ID: <urn:uuid:{name}>",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(content)}",
    ]
    raw = "\r\n".join(lines).encode() + b"\r\n\r\n" + content + b"\r\n\r\n"
    return gzip.compress(raw, 9, mtime=0)


def response(page: Page, number: int) -> bytes:
    """Make the response of a page; some are chunked, some compressed, as servers do."""
    body = to_html(page).encode(page.charset, "xmlcharrefreplace")
    headers = ["HTTP/1.1 200 OK", f"Content-Type: text/html; charset={page.charset}"]
    if number % 3 == 1:
        headers.append("Transfer-Encoding: chunked")
        body = b"".join(_chunk(body[at : at + 4000]) for at in range(0, len(body), 4000))
        body += b"0\r\n\r\n"
    elif number % 3 == 2:
        headers.append("Content-Encoding: gzip")
        body = gzip.compress(body, 9, mtime=0)
    content = "\r\n".join(headers).encode() + b"\r\n\r\n" + body
    return record("response", page.url, number, content, "application/http; msgtype=response")


def not_found(url: str, number: int) -> bytes:
    """Make the response of a page that is not there."""
    content = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<h1>Not found</h1>"
    return record("response", url, number, content, "application/http; msgtype=response")


def conversion(page: Page, number: int) -> bytes:
    """Make the record of a WET file: the page's text, menus and all."""
    return record("conversion", page.url, number, to_text(page).encode(), "text/plain")


def warcinfo(number: int) -> bytes:
    """Make the record that opens a file."""
    content = b"software: corpus.build\r\nformat: WARC File Format 1.0\r\n"
    return record("warcinfo", "corpus", number, content, "application/warc-fields")


def _chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"
