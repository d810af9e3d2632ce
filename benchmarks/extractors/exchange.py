"""What extractors are given and what they give back: pages in, texts out, with what it cost."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

Extract = Callable[[Sequence[str]], list[str | None]]
"""Texts of pages, in their order; None where a tool failed."""


@dataclass(frozen=True)
class Extracted:
    """The texts of all pages; what extracting them took, and what making them plain text took."""

    texts: list[str | None]
    cpu_seconds: float
    strip_cpu_seconds: float
    # of the first page on which the tool failed
    first_error: str | None


class PageByPage:
    """Calls a tool page by page; a page on which it raises an error counts as failed."""

    def __init__(self, extract: Callable[[str], str | None]) -> None:
        self.extract = extract
        self.first_error: str | None = None

    def __call__(self, pages: Sequence[str]) -> list[str | None]:
        """Extract each page; nothing found is an empty text."""
        return [self._one(page) for page in pages]

    def _one(self, page: str) -> str | None:
        try:
            return self.extract(page) or ""
        # tools raise whatever their parsers raise
        except Exception as error:
            self.first_error = self.first_error or f"{type(error).__name__}: {error}"[:200]
            return None


def write(out: Path, extracted: Extracted) -> None:
    """Write the texts, and the rest beside them."""
    rest = asdict(extracted)
    # a tool may leave halves of surrogate pairs
    clean = [
        None if text is None else text.encode("utf-8", "replace").decode()
        for text in rest.pop("texts")
    ]
    out.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"text": pa.array(clean, pa.string())}), out / "texts.parquet")
    (out / "cost.json").write_text(json.dumps(rest), encoding="utf-8")


def read(out: Path) -> Extracted:
    """Read what `write` wrote."""
    texts = pq.read_table(out / "texts.parquet")["text"].to_pylist()
    return Extracted(texts, **json.loads((out / "cost.json").read_text(encoding="utf-8")))
