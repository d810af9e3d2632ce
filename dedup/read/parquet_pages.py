"""How large the dictionaries of a Parquet file are, which its metadata does not say."""

from collections.abc import Sequence
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

HEADER_BYTES = 24
"""A page's header begins with its type and its uncompressed size: two numbers of 5 bytes."""

_I32 = 0x15
"""In thrift's compact protocol: the next field, a 32-bit integer."""

_DATA_PAGES, _DICTIONARY_PAGE = (0, 3), 2
_UNKNOWN = 1 << 62


def largest_dictionary(
    file: BinaryIO | pa.NativeFile, about: pq.FileMetaData, names: Sequence[str]
) -> int:
    """Give the bytes of the largest dictionary of some columns, 0 if they have none.

    No text that stands in a dictionary is longer. A column whose pages cannot be understood
    counts as if it had a large one. Where the metadata names no dictionary, one may still
    stand first.
    """
    sizes = []
    for group in range(about.num_row_groups):
        row_group = about.row_group(group)
        for place in range(row_group.num_columns):
            column = row_group.column(place)
            if column.path_in_schema in names and column.num_values:
                sizes.append(_first_page(file, column))
    return max(sizes, default=0)


def largest_delta(about: pq.FileMetaData, names: Sequence[str]) -> int:
    """Give the bytes of the largest chunk of some columns that stores texts as differences, or 0.

    There a text is stored as the end that it does not share with the one before it: none is
    longer than the whole chunk.
    """
    columns = (
        about.row_group(group).column(place)
        for group in range(about.num_row_groups)
        for place in range(about.num_columns)
    )
    return max(
        (
            int(column.total_uncompressed_size)
            for column in columns
            if column.path_in_schema in names and "DELTA_BYTE_ARRAY" in column.encodings
        ),
        default=0,
    )


def _first_page(file: BinaryIO | pa.NativeFile, column: pq.ColumnChunkMetaData) -> int:
    named = column.dictionary_page_offset if column.has_dictionary_page else None
    try:
        file.seek(column.data_page_offset if named is None else named)
        return dictionary_bytes(file.read(HEADER_BYTES))
    except (OSError, ValueError, OverflowError):
        # the place is wrong: whoever reads the row group will say so
        return _UNKNOWN


def dictionary_bytes(header: bytes) -> int:
    """Read the uncompressed size of a dictionary page from its header (Parquet's PageHeader).

    A page of data is a dictionary of 0 bytes.

    Examples
    --------
    >>> dictionary_bytes(bytes.fromhex("150415c4a5b60315e0cb"))
    3590498
    """
    at = 0
    numbers = []
    for _ in range(2):
        if header[at : at + 1] != bytes([_I32]):
            return _UNKNOWN
        number, at = _varint(header, at + 1)
        numbers.append((number >> 1) ^ -(number & 1))
    kind, size = numbers
    if kind in _DATA_PAGES:
        return 0
    return size if kind == _DICTIONARY_PAGE and size >= 0 else _UNKNOWN


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Read seven bits a byte, the lowest first, until one has no eighth bit."""
    number = shift = 0
    while at < len(data) and shift < 35:
        number |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            break
    return number, at
