"""Rows taken straight from mapped files, by where the buffers of each batch lie in them.

Rows that are looked up by a hash lie in all batches: of each batch a few are needed, and again for
the next piece. To open its file as Arrow's and take them would cost more than to copy them.
"""

import mmap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.buffers import buffer_places, list_array, text_array
from dedup.engines.files import Part
from dedup.engines.layout_kernels import copy_spans

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Found:
    """Of rows: batch and row of each in its frame, and the bytes of its column of variable width.

    batches, rows: int32[n]; sizes: int64[n].
    """

    batches: npt.NDArray[np.int32]
    rows: npt.NDArray[np.int32]
    sizes: Numbers


def can_lay_out(schema: pa.Schema) -> bool:
    """Tell whether all columns are numbers, but for one of texts or of lists of numbers at most.

    Examples
    --------
    >>> can_lay_out(pa.schema({"key": pa.int64(), "text": pa.string()}))
    True
    >>> can_lay_out(pa.schema({"keep": pa.bool_()}))
    False
    """
    varied = [kind for kind in schema.types if not _is_number(kind)]
    return len(varied) <= 1 and all(
        pa.types.is_string(kind) or (pa.types.is_list(kind) and _is_number(kind.value_type))
        for kind in varied
    )


def lay_out(parts: Sequence[Part], schema: pa.Schema) -> Numbers | None:
    """Find out where the buffers of some columns lie in the files of a frame.

    Returns
    -------
    int64[batches, buffers], bytes from the beginning of each file; None if there are no batches,
    a column has nulls, or is of a kind of which rows are not taken so.
    """
    if not can_lay_out(schema):
        return None
    places: list[list[int]] = []
    for part in parts:
        buffer = pa.py_buffer(_mapped(part))
        reader = pa.ipc.open_file(buffer)
        for number in range(reader.num_record_batches):
            batch = reader.get_batch(number).select(schema.names)
            found = [buffer_places(column, buffer) for column in batch.columns]
            if None in found:
                return None
            places.append([place for some in found if some is not None for place in some])
    return np.array(places, np.int64) if places else None


def take_rows(
    parts: Sequence[Part], schema: pa.Schema, layout: Numbers, found: Found
) -> pa.RecordBatch:
    """Take rows of a frame, in the order of `found`.

    Parameters
    ----------
    layout: what `lay_out` tells of these parts and this schema.
    """
    n = len(found.rows)
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(found.sizes)])
    fixed = {f.name: np.empty(n, _dtype(f.type)) for f in schema if _is_number(f.type)}
    varied = np.empty(ends[-1], np.uint8)
    for part, _, needed in by_part(parts, found.batches):
        data = _mapped(part)
        for number, here in needed:
            rows, buffers = found.rows[here], iter(layout[number].tolist())
            for field in schema:
                if _is_number(field.type):
                    values = _view(data, next(buffers), fixed[field.name].dtype)
                    fixed[field.name][here] = values[rows]
                else:
                    offsets = _view(data, next(buffers), np.dtype(np.int32))[rows].astype(np.int64)
                    begins = next(buffers) + offsets * value_bytes(field.type)
                    copy_spans(data, begins, found.sizes[here], varied, ends[here])
    columns = [
        pa.array(fixed[field.name], field.type)
        if field.name in fixed
        else _array(varied, ends, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def by_part(
    parts: Iterable[Part], batches: npt.NDArray[np.int32]
) -> Iterator[tuple[Part, int, list[tuple[int, Numbers]]]]:
    """Group the places of an array by the batch that each names.

    Yields
    ------
    Each part that has some of the batches, the number of its first batch, and for each of those
    that are named its number and the places: int64[k], ascending.
    """
    order = np.argsort(batches, kind="stable")
    named, begins = np.unique(batches[order], return_index=True)
    places = dict(zip(named.tolist(), np.split(order, begins)[1:], strict=True))
    first = 0
    for part in parts:
        numbers = range(first, first + part.n_batches)
        if needed := [(number, places[number]) for number in numbers if number in places]:
            yield part, first, needed
        first += part.n_batches


def _mapped(part: Part) -> Bytes:
    """View a file, which stays mapped as long as somebody refers to the view."""
    with part.path.open("rb") as file:
        return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)


def _view(data: Bytes, begin: int, dtype: np.dtype[np.generic]) -> npt.NDArray[np.generic]:
    """View all that follows in a file as numbers."""
    n = (len(data) - begin) // dtype.itemsize
    return np.frombuffer(data, dtype, n, begin)


def _array(data: Bytes, ends: Numbers, kind: pa.DataType) -> pa.Array:
    if pa.types.is_list(kind):
        values = data.view(_dtype(kind.value_type))
        return list_array(pa.array(values, kind.value_type), ends // value_bytes(kind)).cast(kind)
    return text_array(data, ends, kind)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _dtype(kind: pa.DataType) -> np.dtype[np.generic]:
    dtype: np.dtype[np.generic] = np.dtype(kind.to_pandas_dtype())
    return dtype


def value_bytes(kind: pa.DataType) -> int:
    """Tell how many bytes one value of a list takes, or one of a text; of other values, about."""
    if not pa.types.is_list(kind):
        return 1
    return kind.value_type.bit_width // 8 if _is_number(kind.value_type) else 8
