"""Ours: the stages of `dedup extract`, from the strings of a batch of pages to their bodies."""

from collections.abc import Sequence

import pyarrow as pa

from benchmarks.extractors.exchange import Extract
from dedup import schema
from dedup.classify import load_model
from dedup.pipeline.extract import extract_bodies
from dedup.settings import Settings


def load(variant: str) -> Extract:
    """Give the extraction from `html` or from plain `text`."""
    model, settings = load_model(None), Settings()
    kind = {"html": schema.HTML, "text": schema.TEXT}[variant]

    def extract(pages: Sequence[str]) -> list[str | None]:
        bodies = extract_bodies(_documents(pages, kind), model=model, settings=settings)
        return bodies.column("text").to_pylist()

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
