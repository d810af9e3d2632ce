"""Records as readers yield them, and the batches of documents that they make."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pyarrow as pa

from dedup import schema
from dedup.read.sources import Source

MAX_ROWS = 16_384
"""A batch is closed with so many rows even if they are short."""


@dataclass(frozen=True)
class Record:
    """One document, or why there is none at this place of its source."""

    offset: int
    content: str = ""
    kind: str = schema.TEXT
    n_bytes: int = 0
    url: str | None = None
    id: str | None = None
    date: datetime | None = None
    title: str | None = None
    rejected: str | None = None


def make_batches(
    records: Iterable[Record], source: Source, batch_bytes: int
) -> Iterator[pa.RecordBatch]:
    """Gather records to batches of schema.DOCUMENTS of about `batch_bytes` of content."""
    held: list[Record] = []
    n_bytes = 0
    for record in records:
        held.append(record)
        n_bytes += len(record.content)
        if n_bytes >= batch_bytes or len(held) >= MAX_ROWS:
            yield make_batch(held, source)
            held, n_bytes = [], 0
    if held:
        yield make_batch(held, source)


def make_batch(records: list[Record], source: Source) -> pa.RecordBatch:
    """Make one batch of schema.DOCUMENTS."""
    columns = {
        "document": [document_number(source, r) for r in records],
        "id": [r.id or derived_id(source, r) for r in records],
        "source": [source.name] * len(records),
        "offset": [r.offset for r in records],
        "site": [site_of(r.url) or source.site for r in records],
        "url": [r.url for r in records],
        "date": [r.date for r in records],
        "title": [r.title for r in records],
        "kind": [r.kind for r in records],
        "n_bytes": [r.n_bytes for r in records],
        "content": [r.content for r in records],
        "rejected": [r.rejected for r in records],
    }
    arrays = [pa.array(columns[field.name], field.type) for field in schema.DOCUMENTS]
    return pa.RecordBatch.from_arrays(arrays, schema=schema.DOCUMENTS)


def document_number(source: Source, record: Record) -> int:
    """Hash the place of a record; what is rejected at a place differs from what is read there."""
    place = f"{source.name}\0{record.offset}\0{record.rejected or ''}"
    digest = hashlib.blake2b(place.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def derived_id(source: Source, record: Record) -> str:
    """Hash source, url and content (and the place of a record that has none) to an id."""
    digest = hashlib.blake2b(digest_size=8)
    parts = (source.name, record.url or "", record.content or f"\0{record.offset}")
    for part in parts:
        digest.update(part.encode("utf-8", "surrogateescape"))
        digest.update(b"\0")
    return digest.hexdigest()


def site_of(url: str | None) -> str | None:
    """Take the host of an address, without "www." and port.

    Examples
    --------
    >>> site_of("https://www.Example.org:8080/a?b")
    'example.org'
    >>> site_of("nonsense") is None
    True
    """
    if not url:
        return None
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return host.removeprefix("www.") or None if host else None


def parse_date(value: object) -> datetime | None:
    """Read a date or an ISO 8601 text; what is neither is no date.

    Examples
    --------
    >>> parse_date("2026-01-02T03:04:05Z").isoformat()
    '2026-01-02T03:04:05+00:00'
    >>> parse_date("last week") is None
    True
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
