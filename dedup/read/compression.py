"""Compressed streams, recognised by their first bytes; a cut or broken one ends early.

What came before a break is read; `broken` then says what happened. Output is bounded, so
that a small file that expands without end is read piece by piece like any other.
"""

import bz2
import io
import lzma
import re
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any, BinaryIO, cast

import zstandard

from dedup.errors import cause

PIECE = 1 << 16
OUT_PIECE = 1 << 20
ZSTD_PIECE = 1 << 12
"""A zstd block of four bytes may expand to 128 KiB, and its decompressor takes no limit."""

MAX_LAYERS = 3
"""Servers and tools now and then compress what is compressed; nobody does it more often."""

MAGIC: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\x1f\x8b\x08"), "gzip"),
    # a frame, or one of the frames to be skipped that parallel compressors begin with
    (re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"), "zstd"),
    (re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), "bzip2"),
    (re.compile(rb"\xfd7zXZ\x00"), "xz"),
)
MAGIC_BYTES = 10


def compression_of(prefix: bytes) -> str | None:
    """Name the compression of a stream that begins with `prefix`.

    Examples
    --------
    >>> compression_of(b"BZh91AY&SY")
    'bzip2'
    """
    return next((name for magic, name in MAGIC if magic.match(prefix)), None)


class InputStream(io.RawIOBase):
    """The bytes of a file, decompressed if need be.

    Attributes
    ----------
    broken: why the stream ended before its time; None if it did not.
    compressed: whether it is decompressed.
    n_read: decompressed bytes that were taken.
    """

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self.broken: str | None = None
        self.compressed = False
        self.n_read = 0
        self._left = b""
        self._at = 0
        self._pieces = self._raw()
        for _ in range(MAX_LAYERS):
            kind = compression_of(self.peek_bytes(MAGIC_BYTES))
            if kind is None:
                break
            self.compressed = True
            self._pieces = self._decompressed(chain([self._left], self._pieces), kind)
            self._left = b""

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as the next piece goes; 0 at the end."""
        if not self._hold():
            return 0
        # a piece may be large and the buffer small, so what is left is not copied each time
        n = min(len(buffer), len(self._left) - self._at)
        buffer[:n] = memoryview(self._left)[self._at : self._at + n]
        self._at += n
        self.n_read += n
        return n

    def take_piece(self) -> bytes:
        """Take bytes as they come, not more than some megabytes; none at the end."""
        self._hold()
        piece = self._left[self._at :] if self._at else self._left
        self._left, self._at = b"", 0
        self.n_read += len(piece)
        return piece

    def peek_bytes(self, n: int) -> bytes:
        """Look at the next n bytes, or as many as there are; nothing may have been taken."""
        while len(self._left) < n and (piece := next(self._pieces, None)) is not None:
            self._left += piece
        return self._left[:n]

    @contextmanager
    def whole_file(self, max_bytes: int) -> Iterator[BinaryIO | None]:
        """Give all bytes as a file in which one can go back and forth.

        A stream that cannot is copied to a temporary file. None if it is compressed and
        expands beyond `max_bytes`. Nothing may have been taken before.
        """
        if not self.compressed and self._file.seekable():
            self._file.seek(0)
            yield self._file
            return
        with tempfile.TemporaryFile() as stored:
            while piece := self.take_piece():
                if self.compressed and self.n_read > max_bytes:
                    yield None
                    return
                stored.write(piece)
            stored.seek(0)
            yield cast(BinaryIO, stored)

    def _hold(self) -> bool:
        while self._at == len(self._left):
            piece = next(self._pieces, None)
            if piece is None:
                return False
            self._left, self._at = piece, 0
        return True

    def _raw(self) -> Iterator[bytes]:
        try:
            while piece := self._file.read(PIECE):
                yield piece
        except Exception as error:  # a remote file system may raise anything
            self.broken = f"reading failed: {cause(error)}"

    def _decompressed(self, pieces: Iterator[bytes], kind: str) -> Iterator[bytes]:
        """Decompress member after member; bytes after the last one that are no member end it."""
        decompressor = None
        size = ZSTD_PIECE if kind == "zstd" else PIECE
        try:
            for data in _cut(pieces, size):
                while data:
                    if decompressor is None:
                        data = data.lstrip(b"\0")  # noqa: PLW2901 - padding after a member
                        if not data:
                            break
                        decompressor = _start(kind)
                    yield from _expand(decompressor, data)
                    data = b""  # noqa: PLW2901
                    if decompressor.eof:
                        data, decompressor = decompressor.unused_data, None  # noqa: PLW2901
        except (zlib.error, OSError, EOFError, lzma.LZMAError, zstandard.ZstdError) as error:
            self.broken = f"the {kind} stream is broken: {error}"
            return
        if decompressor is not None and self.broken is None:
            self.broken = f"the {kind} stream is cut off"


def _cut(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    for piece in pieces:
        if len(piece) <= size:
            yield piece
        else:
            yield from (piece[at : at + size] for at in range(0, len(piece), size))


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
    if isinstance(decompressor, bz2.BZ2Decompressor | lzma.LZMADecompressor):
        yield decompressor.decompress(data, OUT_PIECE)
        while not decompressor.eof and not decompressor.needs_input:
            yield decompressor.decompress(b"", OUT_PIECE)
    elif hasattr(decompressor, "copy"):
        # zlib: what the limit left over is handed back
        yield decompressor.decompress(data, OUT_PIECE)
        while decompressor.unconsumed_tail and not decompressor.eof:
            yield decompressor.decompress(decompressor.unconsumed_tail, OUT_PIECE)
    else:
        yield decompressor.decompress(data)
