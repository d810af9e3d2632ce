"""A stream that is looked ahead into, so that a wrong length can be found out before it is read."""

import re

from dedup.read.compression import InputStream

PIECE = 1 << 20
OVERLAP = 128
"""What is looked for is shorter, so it is not missed where two pieces meet."""


class Tape:
    """Bytes held ahead of a place in a stream.

    Attributes
    ----------
    offset: the place, in decompressed bytes from the stream's beginning.
    """

    def __init__(self, stream: InputStream) -> None:
        self._stream = stream
        # grows at its end and is cut off at its beginning, both without copying all of it
        self._held = bytearray()
        self._at = 0
        self.offset = 0

    @property
    def broken(self) -> str | None:
        """Why the stream ended before its time."""
        return self._stream.broken

    def fill(self, n: int) -> int:
        """Hold at least n bytes ahead, or as many as there are; tell how many."""
        while len(self._held) - self._at < n:
            piece = self._stream.take_piece()
            if not piece:
                break
            if self._at > PIECE:
                del self._held[: self._at]
                self._at = 0
            self._held += piece
        return len(self._held) - self._at

    def take(self, n: int) -> bytes:
        """Take n bytes that are held."""
        with memoryview(self._held) as held:
            data = bytes(held[self._at : self._at + n])
        self.drop(n)
        return data

    def drop(self, n: int) -> None:
        """Pass over n bytes that are held."""
        self._at += n
        self.offset += n

    def search(self, pattern: re.Pattern[bytes], n: int) -> tuple[int, int] | None:
        """Find a pattern among the next n bytes that are held: where it begins and ends."""
        found = pattern.search(self._held, self._at, self._at + n)
        return None if found is None else (found.start() - self._at, found.end() - self._at)

    def is_at(self, pattern: re.Pattern[bytes]) -> bool:
        """Tell whether the pattern stands next."""
        return pattern.match(self._held, self._at) is not None

    def ends_at(self, n: int, pattern: re.Pattern[bytes]) -> bool:
        """Tell whether after n bytes, and blank lines, the pattern stands, or nothing more."""
        begin = self._at + n
        following = bytes(self._held[begin : begin + OVERLAP]).lstrip(b"\r\n")
        return not following or pattern.match(following) is not None

    def skip_blank(self) -> None:
        """Pass over line ends."""
        while self.fill(1):
            begin = bytes(self._held[self._at : self._at + OVERLAP])
            n_blank = len(begin) - len(begin.lstrip(b"\r\n"))
            self.drop(n_blank)
            if n_blank < len(begin):
                break

    def skip_to(self, pattern: re.Pattern[bytes], n: int | None = None) -> bool:
        """Pass over n bytes, or all; False if a line that begins the pattern, or the end, is first.

        The tape is then after that line end.
        """
        left = n
        while left is None or left > 0:
            held = self.fill(PIECE)
            span = held if left is None else min(held, left)
            if not span:
                return False
            found = self.search(pattern, span)
            if found is not None:
                self.drop(found[0] + 1)
                return False
            if held >= PIECE and span == held:
                span -= OVERLAP
            self.drop(span)
            left = None if left is None else left - span
        return True
