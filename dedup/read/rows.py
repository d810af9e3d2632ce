"""Rows of a table as documents: the texts go through column by column, not one by one."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup import schema
from dedup.buffers import text_buffers
from dedup.read.jsonl import text_of
from dedup.read.records import MAX_CONTENT, documents, parse_date
from dedup.read.source import Source
from dedup.settings import ReadSettings

Numbers = npt.NDArray[np.int64]

COLUMNS = ("text", "html", "id", "url", "date", "title")
FIRST_DAY, LAST_DAY = -62_135_596_800_000_000, 253_402_300_799_999_999
"""Microseconds from 1970 to the years 1 and 9999, beyond which Python knows no dates."""


def wanted_columns(names: Sequence[str], settings: ReadSettings) -> list[str]:
    """Pick the columns that documents are made of."""
    wanted = [getattr(settings, f"{kind}_column") for kind in COLUMNS]
    return [name for name in dict.fromkeys(wanted) if name in names]


def documents_of(
    batch: pa.RecordBatch,
    offsets: Numbers,
    source: Source,
    settings: ReadSettings,
    n_bytes: Numbers | None = None,
) -> Iterator[pa.RecordBatch]:
    """Make documents of rows.

    Parameters
    ----------
    offsets: int64[n], where they stand in their source.
    n_bytes: int64[n], how large they are there; if not given, as large as their texts.

    Yields
    ------
    schema.DOCUMENTS, each of about `batch_bytes` of content.
    """
    sizes = np.zeros(batch.num_rows, np.int64)
    for name in (settings.text_column, settings.html_column):
        sizes += _lengths(batch, name)
    stored = sizes if n_bytes is None else n_bytes
    begin = 0
    ends = np.cumsum(sizes)
    while begin < batch.num_rows:
        before = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, before + settings.batch_bytes)) + 1)
        end = min(end, batch.num_rows)
        part, rows = batch.slice(begin, end - begin), slice(begin, end)
        yield _documents(part, offsets[rows], stored[rows], sizes[rows], source, settings)
        begin = end


def _documents(
    batch: pa.RecordBatch,
    offsets: Numbers,
    n_bytes: Numbers,
    sizes: Numbers,
    source: Source,
    settings: ReadSettings,
) -> pa.RecordBatch:
    limit = min(settings.max_record_bytes, MAX_CONTENT)
    html = _texts(batch, settings.html_column, limit)
    text = _texts(batch, settings.text_column, limit)
    if html.null_count == len(html):
        is_html, content = pc.is_valid(html), text
    else:
        no_html = pc.equal(pc.fill_null(pc.binary_length(html), 0), 0)
        is_html = pc.or_(pc.invert(no_html), pc.and_(pc.is_valid(html), pc.is_null(text)))
        content = pc.if_else(is_html, html, text)
    rejected = _reasons(batch, content, sizes, limit, settings)
    columns = {
        "offset": pa.array(offsets),
        "kind": pc.if_else(is_html, schema.HTML, schema.TEXT),
        "n_bytes": pa.array(n_bytes),
        "rejected": rejected,
        "date": _dates(batch, settings.date_column),
        **{
            kind: _names(batch, getattr(settings, f"{kind}_column"))
            for kind in ("id", "url", "title")
        },
    }
    return documents(source, _filled(content).cast(pa.string()), columns)


def _filled(texts: pa.Array) -> pa.Array:
    """Make empty texts of nulls; without any, nothing is copied."""
    return pc.fill_null(texts, "") if texts.null_count else texts


def _stored_column(batch: pa.RecordBatch, name: str) -> pa.Array | None:
    """Take a column by its name, the first of several; None if there is none."""
    place = next((n for n, field in enumerate(batch.schema) if field.name == name), None)
    return None if place is None else batch.column(place)


def _column(batch: pa.RecordBatch, name: str) -> pa.Array | None:
    """Take a column, its dictionary written out."""
    column = _stored_column(batch, name)
    if column is not None and pa.types.is_dictionary(column.type):
        # a file's dictionary grows from batch to batch: only what is used of it is touched
        return column.dictionary.take(column.indices)
    return column


def _value_type(column: pa.Array) -> pa.DataType:
    return column.type.value_type if pa.types.is_dictionary(column.type) else column.type


def is_text(type_: pa.DataType) -> bool:
    """Tell whether a column holds texts, or bytes that may be texts."""
    kinds = pa.types
    return any(
        test(type_)
        for test in (
            kinds.is_string, kinds.is_large_string, kinds.is_string_view,
            kinds.is_binary, kinds.is_large_binary, kinds.is_binary_view,
        )
    )  # fmt: skip


def _as_binary(column: pa.Array) -> pa.Array:
    return column.cast(pa.large_binary())


def _lengths(batch: pa.RecordBatch, name: str) -> Numbers:
    """Tell how long texts are; those of a dictionary are not written out for that."""
    column = _stored_column(batch, name)
    if column is None or not is_text(_value_type(column)):
        return np.zeros(batch.num_rows, np.int64)
    if pa.types.is_dictionary(column.type):
        lengths = _value_lengths(column.dictionary).take(column.indices)
    else:
        lengths = _value_lengths(column)
    sizes: Numbers = pc.fill_null(lengths, 0).to_numpy(zero_copy_only=False).astype(np.int64)
    return sizes


def _value_lengths(column: pa.Array) -> pa.Array:
    is_view = pa.types.is_string_view(column.type) or pa.types.is_binary_view(column.type)
    return pc.binary_length(_as_binary(column) if is_view else column)


def _texts(batch: pa.RecordBatch, name: str, limit: int) -> pa.Array:
    """Take a column as valid UTF-8 without NULs; null where it is no text, or too long."""
    column = _column(batch, name)
    if column is None or not is_text(column.type):
        return pa.nulls(batch.num_rows, pa.large_string())
    data = _as_binary(column)
    too_long = pc.greater(pc.binary_length(data), limit)
    if pc.any(too_long).as_py():
        data = pc.if_else(too_long, None, data)
    try:
        texts = data.cast(pa.large_string())
    except pa.ArrowInvalid:
        decoded = [v if v is None else v.decode("utf-8", "replace") for v in data.to_pylist()]
        texts = pa.array(decoded, pa.large_string())
    held, offsets = text_buffers(texts)
    held = held[offsets[0] : offsets[-1]]
    # the smallest byte is found ten times as fast as a substring
    return pc.replace_substring(texts, "\0", "") if len(held) and not held.min() else texts


def _reasons(
    batch: pa.RecordBatch,
    content: pa.Array,
    sizes: Numbers,
    limit: int,
    settings: ReadSettings,
) -> pa.Array:
    """Say why rows have no content; null for those that have."""
    if not content.null_count:
        return pa.nulls(batch.num_rows, pa.string())
    reasons: list[str | None] = [None] * batch.num_rows
    wanted = (settings.html_column, settings.text_column)
    there = " or ".join(name for name in wanted if _column(batch, name) is not None)
    is_null = np.ones(batch.num_rows, bool)
    for column in (_column(batch, name) for name in wanted):
        if column is not None:
            is_null &= column.is_null().to_numpy(zero_copy_only=False)
    for row in np.flatnonzero(content.is_null().to_numpy(zero_copy_only=False)).tolist():
        if sizes[row] > limit:
            reasons[row] = f"the record has {sizes[row]:,} bytes"
        else:
            reasons[row] = f"the column {there} {'is null' if is_null[row] else 'is no text'}"
    return pa.array(reasons, pa.string())


def _names(batch: pa.RecordBatch, name: str) -> pa.Array:
    """Take texts, and numbers as texts; null for anything else, and for empty texts."""
    column = _column(batch, name)
    if column is None:
        return pa.nulls(batch.num_rows, pa.string())
    if is_text(column.type):
        column = _as_binary(column)
        if _is_plain(column):
            texts = column.cast(pa.string())
            return pc.if_else(pc.equal(pc.binary_length(texts), 0), None, texts)
    elif pa.types.is_integer(column.type):
        return column.cast(pa.string())
    elif not pa.types.is_floating(column.type):
        return pa.nulls(batch.num_rows, pa.string())
    return pa.array([text_of(value) for value in column.to_pylist()], pa.string())


def _is_plain(column: pa.Array) -> bool:
    """Tell whether all texts are ASCII without NULs."""
    data, offsets = text_buffers(column)
    held = data[offsets[0] : offsets[-1]]
    return not len(held) or bool(held.min() > 0 and held.max() < 0x80)


def _dates(batch: pa.RecordBatch, name: str) -> pa.Array | list[Any]:
    column = _column(batch, name)
    if column is None or column.null_count == len(column):
        return [None] * batch.num_rows
    if pa.types.is_temporal(column.type) and not pa.types.is_time(column.type):
        if pa.types.is_duration(column.type):
            return [None] * batch.num_rows
        moments = column.cast(pa.timestamp("us"), safe=False)
        numbers = moments.cast(pa.int64())
        known = pc.and_(pc.greater_equal(numbers, FIRST_DAY), pc.less_equal(numbers, LAST_DAY))
        return pc.if_else(known, moments, None).cast(pa.timestamp("us", tz="UTC"))
    if not is_text(column.type):
        return [None] * batch.num_rows
    return [parse_date(text_of(value)) for value in _as_binary(column).to_pylist()]
