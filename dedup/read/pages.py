"""Files that are one page: HTML or plain text."""

from collections.abc import Callable, Iterator

from dedup import schema
from dedup.read.compression import InputStream
from dedup.read.detect import is_binary
from dedup.read.encoding import decode_html, decode_text
from dedup.read.records import Record
from dedup.settings import ReadSettings


def read_html(stream: InputStream, settings: ReadSettings) -> Iterator[Record]:
    """Read one HTML page."""
    yield _read_page(stream, settings, decode_html, schema.HTML)


def read_text(stream: InputStream, settings: ReadSettings) -> Iterator[Record]:
    """Read one plain text."""
    yield _read_page(stream, settings, decode_text, schema.TEXT)


def page_record(
    data: bytes, settings: ReadSettings, decode: Callable[[bytes], str], kind: str
) -> Record:
    """Make the record of a page's bytes."""
    if len(data) > settings.max_record_bytes:
        return Record(0, rejected=f"the page has more than {settings.max_record_bytes:,} bytes")
    if not data:
        return Record(0, rejected="the file is empty")
    if is_binary(data[:4096]):
        return Record(0, n_bytes=len(data), rejected="the file is binary data")
    return Record(0, content=decode(data), kind=kind, n_bytes=len(data))


def _read_page(
    stream: InputStream, settings: ReadSettings, decode: Callable[[bytes], str], kind: str
) -> Record:
    pieces = []
    n_bytes = 0
    while n_bytes <= settings.max_record_bytes and (piece := stream.read(1 << 20)):
        pieces.append(piece)
        n_bytes += len(piece)
    if stream.broken is not None:
        return Record(0, n_bytes=n_bytes, rejected=stream.broken)
    return page_record(b"".join(pieces), settings, decode, kind)
