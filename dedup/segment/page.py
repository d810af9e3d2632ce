"""One segmented page, before it becomes a row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Strings = tuple[bytes, Ints]
"""UTF-8 bytes of strings in a row, and int64[n + 1] offsets into them."""


@dataclass(frozen=True)
class Page:
    """Text and blocks of one page.

    text: UTF-8. start, end: int64[n], spans in it. paths, hints: of the n blocks.
    counts: int64[n, 4]: link bytes, links, inline elements, 1 if hidden.
    """

    text: bytes
    start: Ints
    end: Ints
    paths: Strings
    hints: Strings
    counts: Ints
    title: str | None = None

    def titled_by_heading(self) -> "Page":
        """Take the first h1 for the title."""
        data, ends = self.paths
        for i in range(len(self.start)):
            if data[ends[i] : ends[i + 1]].endswith(b"h1"):
                title = self.text[self.start[i] : self.end[i]].decode("utf-8", "replace")
                return replace(self, title=" ".join(title.split())[:1000])
        return self

    def with_added(self, texts: Sequence[tuple[str, str]], *, max_blocks: int) -> "Page":
        """Add texts at the end, each a block, given with its path."""
        texts = texts[: max(0, max_blocks - len(self.start))]
        if not texts:
            return self
        text = self.text
        starts, ends = [*self.start], [*self.end]
        for _, added in texts:
            text += b"\n\n" if text else b""
            starts.append(len(text))
            text += added.encode("utf-8", "replace")
            ends.append(len(text))
        paths = [path.encode() for path, _ in texts]
        path_ends = np.concatenate(
            [self.paths[1], self.paths[1][-1] + np.cumsum([*map(len, paths)])]
        )
        hint_ends = np.concatenate([self.hints[1], np.full(len(texts), self.hints[1][-1])])
        return replace(
            self,
            text=text,
            start=np.array(starts, np.int64),
            end=np.array(ends, np.int64),
            paths=(self.paths[0] + b"".join(paths), path_ends),
            hints=(self.hints[0], hint_ends),
            counts=np.concatenate([self.counts, np.zeros((len(texts), 4), np.int64)]),
        )


def plain_page(text: bytes, start: Ints, end: Ints) -> Page:
    """Make the page of a plain text: its blocks have no path and no hints."""
    none = (b"", np.zeros(len(start) + 1, np.int64))
    return Page(text, start, end, none, none, np.zeros((len(start), 4), np.int64))


def no_page() -> Page:
    """Make the page of nothing."""
    return plain_page(b"", np.zeros(0, np.int64), np.zeros(0, np.int64))
