"""Between Arrow arrays and numpy; the only module that calls `.buffers()`.

Kernels take `(data: uint8[n], offsets: int64[d + 1])` for texts and
`(values: T[m], offsets: int64[d + 1])` for lists. What makes Arrow's memory awkward
(slices, nulls, empty arrays without buffers, 32- and 64-bit offsets) ends here.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]


def text_buffers(array: pa.Array) -> tuple[Bytes, Offsets]:
    """View the UTF-8 bytes of a string or binary array; a null is an empty text.

    Returns
    -------
    data: uint8[n], not copied, never writable, so that kernels are compiled for one kind of
    array; offsets: int64[len(array) + 1] into it.

    Examples
    --------
    >>> data, offsets = text_buffers(pa.array(["a", None, "né"]))
    >>> bytes(data).decode(), offsets.tolist()
    ('ané', [0, 1, 1, 4])
    """
    if pa.types.is_string_view(array.type) or pa.types.is_dictionary(array.type):
        array = array.cast(pa.large_string())
    if array.null_count:
        array = array.fill_null(b"" if pa.types.is_binary(array.type) else "")
    wide = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    _, offsets, data = array.buffers()
    if offsets is None or len(array) == 0:
        return _bytes(None), np.zeros(len(array) + 1, np.int64)
    stored = np.frombuffer(offsets, np.int64 if wide else np.int32)
    ends = stored[array.offset : array.offset + len(array) + 1].astype(np.int64)
    return _bytes(data), ends


def _bytes(buffer: pa.Buffer | None) -> Bytes:
    data = np.zeros(0, np.uint8) if buffer is None else np.frombuffer(buffer, np.uint8)
    data.flags.writeable = False
    return data


def buffer_places(array: pa.Array, whole: pa.Buffer) -> list[int] | None:
    """Tell where the buffers of an array lie in the one that it was read from.

    Returns
    -------
    The place of each but for validity: of numbers one, of texts and lists that of their offsets and
    that of their bytes or values; 0 for one without bytes. None if there are nulls.

    Examples
    --------
    >>> whole = pa.py_buffer(b"none" + np.array([7, 8], np.int32).tobytes())
    >>> buffer_places(pa.Array.from_buffers(pa.int32(), 2, [None, whole.slice(4)]), whole)
    [4]
    """
    nested = array.values if pa.types.is_list(array.type) else None
    if array.null_count or (nested is not None and nested.null_count):
        return None
    # a list has a validity of its own, and its values have one
    stored = array.buffers()[1:] if nested is None else array.buffers()[1:4:2]
    return [buffer.address - whole.address if buffer and buffer.size else 0 for buffer in stored]


def text_array(data: Bytes, offsets: Offsets, type_: pa.DataType | None = None) -> pa.Array:
    """Make a string array (or one of `type_`) over `data`; offsets must start at 0.

    Raises
    ------
    OverflowError: more bytes than 32-bit offsets can address.
    """
    if offsets[-1] > np.iinfo(np.int32).max:
        raise OverflowError(f"a batch of {offsets[-1]:,} bytes of text; the limit is 2 GiB")
    buffers = [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(data)]
    return pa.Array.from_buffers(type_ or pa.string(), len(offsets) - 1, buffers)


def cut_texts(data: Bytes, begins: Offsets, ends: Offsets) -> pa.Array:
    """Cut texts out of UTF-8 bytes.

    Parameters
    ----------
    data: uint8[n]. begins, ends: int64[t], spans in order, of which none reaches into the next.

    Examples
    --------
    >>> data, _ = text_buffers(pa.array(["one two three"]))
    >>> cut_texts(data, np.array([0, 8]), np.array([3, 13])).to_pylist()
    ['one', 'three']
    """
    # each text, and what lies between it and the next one, are neighbours in one array
    bounds = np.stack([begins, ends], axis=1).ravel().astype(np.int32)
    buffers = [None, pa.py_buffer(bounds), pa.py_buffer(data)]
    if not len(begins):
        return pa.array([], pa.string())
    every = pa.Array.from_buffers(pa.string(), len(bounds) - 1, buffers)
    return every.take(pa.array(np.arange(0, len(bounds), 2)))


def list_buffers(array: pa.ListArray) -> tuple[pa.Array, Offsets]:
    """View a list array as (flat values, int64 offsets into them); a null is an empty list.

    Examples
    --------
    >>> values, offsets = list_buffers(pa.array([[1, 2], [], [3]]).slice(1))
    >>> values.to_pylist(), offsets.tolist()
    ([1, 2, 3], [2, 2, 3])
    """
    if array.null_count:
        empty = pa.array([[]], array.type)[0]
        array = array.fill_null(empty)
    if len(array) == 0:
        return array.values, np.zeros(1, np.int64)
    return array.values, array.offsets.to_numpy(zero_copy_only=False).astype(np.int64)


def list_parts(array: pa.ListArray) -> tuple[pa.Array, Offsets]:
    """Give the flat values of a list array alone, and int64 offsets into them, from 0 on.

    Examples
    --------
    >>> values, offsets = list_parts(pa.array([[1, 2], [], [3]]).slice(1))
    >>> values.to_pylist(), offsets.tolist()
    ([3], [0, 0, 1])
    """
    values, offsets = list_buffers(array)
    return values.slice(offsets[0], offsets[-1] - offsets[0]), offsets - offsets[0]


def list_array(values: pa.Array | npt.NDArray[np.generic], offsets: Offsets) -> pa.ListArray:
    """Make a list array from flat values and offsets that start at 0."""
    items = values if isinstance(values, pa.Array) else pa.array(values)
    return pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), items)


def as_signed(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """See 64-bit hashes as the int64 that tables hold."""
    return hashes.view(np.int64)


def as_hashes(column: pa.Array) -> npt.NDArray[np.uint64]:
    """See a table's int64 column as 64-bit hashes."""
    hashes: npt.NDArray[np.uint64] = column.to_numpy(zero_copy_only=False).view(np.uint64)
    return hashes


class _NoPandas(MetaPathFinder):
    """Finds no pandas, even where it is installed."""

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See MetaPathFinder."""
        if fullname == "pandas":
            raise ModuleNotFoundError(f"no {fullname} for Arrow", name=fullname)
        return None


def leave_pandas_out() -> None:
    """Let Arrow believe that there is no pandas, for processes in which nobody uses it.

    With the first array that it makes Arrow imports pandas, if it is installed, to ask whether
    the values are pandas': 0.2 seconds. It asks once; pandas itself can be imported later on.
    """
    if "pandas" in sys.modules:
        return
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(finder)
