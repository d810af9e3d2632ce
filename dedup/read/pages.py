"""Files that are one page: HTML or plain text."""

from collections.abc import Callable, Iterator

from dedup import schema
from dedup.read.compression import InputStream
from dedup.read.detect import is_binary
from dedup.read.encoding import html_as_utf8, text_as_utf8
from dedup.read.records import Record
from dedup.read.source import Source
from dedup.settings import ReadSettings


def read_html(stream: InputStream, source: Source, settings: ReadSettings) -> Iterator[Record]:  # noqa: ARG001
    """Read one HTML page."""
    yield from _read_page(stream, settings.max_record_bytes, html_as_utf8, schema.HTML)


def read_text(stream: InputStream, source: Source, settings: ReadSettings) -> Iterator[Record]:  # noqa: ARG001
    """Read one plain text."""
    yield from _read_page(stream, settings.max_record_bytes, text_as_utf8, schema.TEXT)


def _read_page(
    stream: InputStream, max_bytes: int, decode: Callable[[bytes], bytes], kind: str
) -> Iterator[Record]:
    """Yield the page, or what there is of it before its stream breaks and then the break."""
    pieces = []
    while stream.n_read <= max_bytes and (piece := stream.take_piece()):
        pieces.append(piece)
    data = b"".join(pieces)
    if len(data) > max_bytes:
        yield Record(0, rejected=f"the page has more than {max_bytes:,} bytes")
    elif is_binary(data[:4096]):
        yield Record(0, n_bytes=len(data), rejected="the file is binary data")
    elif data:
        yield Record(0, content=decode(data), kind=kind, n_bytes=len(data))
    if stream.broken is not None:
        yield Record(len(data), rejected=stream.broken)
