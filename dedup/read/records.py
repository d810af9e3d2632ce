"""Records as readers yield them, and the batches of documents that they make."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from dedup import schema
from dedup.buffers import text_array, text_buffers
from dedup.read.source import Source

MAX_ROWS = 16_384
"""A batch is closed with so many rows even if they are short."""

MAX_CONTENT = 1 << 30
"""Bytes of UTF-8 in one document; a batch holds less than 2 GiB."""

HOST = re.compile(
    r"\s*[a-z][a-z0-9+.-]*:[/\\]{2}(?:[^/?#\\]*@)?(\[[^\]/]*\]|[^/?#\\:\s]*)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Record:
    """One document, or why there is none at this place of its source."""

    offset: int
    # UTF-8
    content: bytes = b""
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
        size = len(record.content)
        if size > MAX_CONTENT:
            reason = f"the text has {size:,} bytes in UTF-8"
            held.append(replace(record, content=b"", rejected=reason))
        else:
            held.append(record)
            n_bytes += size + len(record.title or "") + len(record.url or "")
        if n_bytes >= batch_bytes or len(held) >= MAX_ROWS:
            yield make_batch(held, source)
            held, n_bytes = [], 0
    if held:
        yield make_batch(held, source)


def make_batch(records: Sequence[Record], source: Source) -> pa.RecordBatch:
    """Make one batch of schema.DOCUMENTS."""
    ends = np.cumsum([0, *(len(r.content) for r in records)], dtype=np.int64)
    joined = np.frombuffer(b"".join(r.content for r in records), np.uint8)
    content = text_array(joined, ends)
    columns = {
        "id": [r.id for r in records],
        "offset": [r.offset for r in records],
        "url": [r.url for r in records],
        "date": [r.date for r in records],
        "title": [r.title for r in records],
        "kind": [r.kind for r in records],
        "n_bytes": [r.n_bytes for r in records],
        "rejected": [r.rejected for r in records],
    }
    return documents(source, content, columns)


def documents(
    source: Source, content: pa.StringArray, columns: Mapping[str, Any]
) -> pa.RecordBatch:
    """Add to the columns of a batch those that follow from them: its numbers, ids, sites.

    Parameters
    ----------
    columns: lists or arrays of schema.DOCUMENTS but for `document`, `source`, `site` and
        `content`; an `id` of None is derived.
    """
    given = {
        name: column if isinstance(column, pa.Array) else pa.array(column, _type_of(name))
        for name, column in columns.items()
    }
    made = {
        **given,
        "document": document_numbers(source, given["offset"], given["rejected"]),
        "id": _ids(source, content, given),
        "source": pa.repeat(source.name, len(content)),
        "site": _sites(source, given["url"]),
        "content": content,
    }
    return pa.RecordBatch.from_arrays(
        [made[name] for name in schema.DOCUMENTS.names], schema=schema.DOCUMENTS
    )


def _type_of(name: str) -> pa.DataType:
    return schema.DOCUMENTS.field(name).type


def document_numbers(source: Source, offsets: pa.Array, rejected: pa.Array) -> pa.Array:
    """Hash the places of records; what is rejected at a place differs from what is read there.

    Returns
    -------
    int64[n]. A source's places have different numbers: each step can be undone (the
    finalizer of SplitMix64; Steele, Lea and Flood 2014).
    """
    numbers = offsets.to_numpy(zero_copy_only=False).astype(np.uint64)
    numbers ^= np.uint64(_hash(source.address.encode("utf-8", "surrogateescape")))
    for row in np.flatnonzero(rejected.is_valid().to_numpy(zero_copy_only=False)):
        numbers[row] ^= np.uint64(_hash(b"\0" + rejected[int(row)].as_py().encode()))
    numbers += np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return pa.array((numbers ^ (numbers >> np.uint64(31))).view(np.int64))


def _hash(value: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(value, digest_size=8).digest(), "little")


def _sites(source: Source, urls: pa.Array) -> pa.Array:
    if urls.null_count == len(urls):
        return pa.repeat(source.site, len(urls))
    return pa.array([site_of(url) or source.site for url in urls.to_pylist()], pa.string())


def _ids(source: Source, content: pa.StringArray, columns: Mapping[str, pa.Array]) -> pa.Array:
    """Take the records' own ids, else hash source, url and content (without one, the place)."""
    if columns["id"].null_count == 0:
        return columns["id"]
    ids, urls, offsets = (columns[name].to_pylist() for name in ("id", "url", "offset"))
    data, bounds = text_buffers(content)
    view, ends = memoryview(data.data), bounds.tolist()
    name = source.name.encode() + b"\0"
    for row, own in enumerate(ids):
        if own is not None:
            continue
        digest = hashlib.blake2b(name, digest_size=8)
        digest.update((urls[row] or "").encode() + b"\0")
        begin, end = ends[row], ends[row + 1]
        if end > begin:
            digest.update(view[begin:end])
        else:
            digest.update(b"\0%d" % offsets[row])
        digest.update(b"\0")
        ids[row] = digest.hexdigest()
    return pa.array(ids, pa.string())


def site_of(url: str | None) -> str | None:
    """Take the host of an address, in small letters, without "www.", port and user.

    Examples
    --------
    >>> site_of("https://me@www.Example.org:8080/a?b")
    'example.org'
    >>> site_of("nonsense") is None
    True
    """
    found = HOST.match(url) if url else None
    if found is None:
        return None
    return found[1].lower().rstrip(".").removeprefix("www.") or None


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
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        return None
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
