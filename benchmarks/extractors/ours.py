"""Ours: the stages of `dedup extract`, from the strings of a batch of pages to their bodies."""

from collections.abc import Sequence

import pyarrow as pa

from benchmarks.extractors.exchange import Extract
from dedup import schema
from dedup.classify import load_model
from dedup.pipeline.compiling import FOR_MUCH_HTML, compile_part
from dedup.pipeline.extract import extract_bodies
from dedup.settings import Settings

AT_ONCE = 32
"""Pages of a batch; with more, they do not stay in the processor's cache."""


def load(variant: str) -> Extract:
    """Give the extraction from `html` or from plain `text`."""
    model, settings = load_model(None), Settings()
    kind = {"html": schema.HTML, "text": schema.TEXT}[variant]
    # as for a crawl: of less HTML the command leaves this to the parser
    for part in FOR_MUCH_HTML:
        compile_part(part)

    def extract(pages: Sequence[str]) -> list[str | None]:
        texts: list[str | None] = []
        for first in range(0, len(pages), AT_ONCE):
            some = _documents(pages[first : first + AT_ONCE], kind)
            bodies = extract_bodies(some, model=model, settings=settings)
            texts += bodies.column("text").to_pylist()
        return texts

    return extract


def _documents(pages: Sequence[str], kind: str) -> pa.RecordBatch:
    n = len(pages)
    known = {
        "document": pa.array(range(n), pa.int64()),
        "id": pa.array(map(str, range(n)), pa.string()),
        "source": pa.array(["labelled"] * n, pa.string()),
        # each page is its site's only one
        "site": pa.array(map(str, range(n)), pa.string()),
        "offset": pa.array(range(n), pa.int64()),
        "kind": pa.array([kind] * n, pa.string()),
        "n_bytes": pa.array(map(len, pages), pa.int64()),
        # Arrow takes longer to encode them itself
        "content": pa.array([page.encode() for page in pages], pa.binary()),
    }
    columns = [
        known[field.name].cast(field.type) if field.name in known else pa.nulls(n, field.type)
        for field in schema.DOCUMENTS
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema.DOCUMENTS)
