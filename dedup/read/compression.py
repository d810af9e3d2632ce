"""Compressed streams, recognised by their first bytes; a cut or broken one ends early.

What came before a break is read; `broken` then says what happened. Output is bounded, so
that a small file that expands without end is read piece by piece like any other.
"""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import zstandard

PIECE = 1 << 16
ZSTD_PIECE = 1 << 12
"""A zstd block of four bytes may expand to 128 KiB, and its decompressor takes no limit."""

MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
)


def compression_of(prefix: bytes) -> str | None:
    """Name the compression of a stream that begins with `prefix`.

    Examples
    --------
    >>> compression_of(b"BZh91AY&SY")
    'bzip2'
    """
    return next((name for magic, name in MAGIC if prefix.startswith(magic)), None)


class InputStream(io.RawIOBase):
    """The bytes of a file, decompressed if need be.

    Attributes
    ----------
    broken: why the stream ended before its time; None if it did not.
    n_read: decompressed bytes that were taken.
    """

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self.broken: str | None = None
        self.n_read = 0
        self._left = b""
        prefix = file.read(8)
        kind = compression_of(prefix)
        raw = self._raw(prefix, PIECE if kind != "zstd" else ZSTD_PIECE)
        self._pieces = raw if kind is None else self._decompressed(raw, kind)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as the next piece goes; 0 at the end."""
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece
        n = min(len(buffer), len(self._left))
        buffer[:n] = self._left[:n]
        self._left = self._left[n:]
        self.n_read += n
        return n

    def peek_bytes(self, n: int) -> bytes:
        """Look at the next n bytes, or as many as there are."""
        while len(self._left) < n and (piece := next(self._pieces, None)) is not None:
            self._left += piece
        return self._left[:n]

    def close(self) -> None:
        """Close the file too."""
        self._file.close()
        super().close()

    def _raw(self, prefix: bytes, size: int) -> Iterator[bytes]:
        if prefix:
            yield prefix
        try:
            while piece := self._file.read(size):
                yield piece
        except OSError as error:
            self.broken = f"reading failed: {error.strerror or error}"

    def _decompressed(self, raw: Iterator[bytes], kind: str) -> Iterator[bytes]:
        """Decompress member after member; bytes after the last one that are no member end it."""
        decompressor = None
        try:
            for piece in raw:
                data = piece
                while data:
                    if decompressor is None:
                        data = data.lstrip(b"\0")
                        if not data:
                            break
                        decompressor = _start(kind)
                    yield from _expand(decompressor, data)
                    data = b""
                    if decompressor.eof:
                        data, decompressor = decompressor.unused_data, None
        except (zlib.error, OSError, EOFError, lzma.LZMAError, zstandard.ZstdError) as error:
            self.broken = f"the {kind} stream is broken: {error}"
            return
        if decompressor is not None and self.broken is None:
            self.broken = f"the {kind} stream is cut off"


def _start(kind: str) -> Any:
    starts: dict[str, Callable[[], Any]] = {
        "gzip": lambda: zlib.decompressobj(wbits=31),
        "zstd": lambda: zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj(),
        "bzip2": bz2.BZ2Decompressor,
        "xz": lambda: lzma.LZMADecompressor(memlimit=1 << 30),
    }
    return starts[kind]()


def _expand(decompressor: Any, data: bytes) -> Iterator[bytes]:
    """Yield what `data` expands to, at most a megabyte at a time where that can be asked for."""
    limit = 1 << 20
    if isinstance(decompressor, bz2.BZ2Decompressor | lzma.LZMADecompressor):
        yield decompressor.decompress(data, limit)
        while not decompressor.eof and not decompressor.needs_input:
            yield decompressor.decompress(b"", limit)
    elif hasattr(decompressor, "copy"):
        # zlib: what the limit left over is handed back
        yield decompressor.decompress(data, limit)
        while decompressor.unconsumed_tail and not decompressor.eof:
            yield decompressor.decompress(decompressor.unconsumed_tail, limit)
    else:
        yield decompressor.decompress(data)
