"""Small results made up row by row, and written by the project's own writers."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from dedup import schema
from dedup.report.manifest import Manifest, count_result, write_manifest
from dedup.report.rejected import write_rejected
from dedup.report.rows import REJECTED_RECORDS
from dedup.report.tables import write_table
from dedup.settings import Settings

Rows = Iterable[Mapping[str, object]]

SCHEMAS = {
    "documents": schema.DOCUMENTS_OUT,
    "blocks": schema.BLOCKS_OUT,
    "clusters": schema.CLUSTERS_OUT,
    "passages": schema.PASSAGES_OUT,
}


def document(id_: str, **known: object) -> dict[str, object]:
    """A kept document of its own, but for what is `known`."""
    given = {"source": "crawl.warc.gz", "offset": 0, "site": "lake.example", "n_characters": 100}
    return given | {"id": id_, "keep": "reason" not in known} | known


def block(document_: str, index: int, text: str, start: int, **known: object) -> dict[str, object]:
    """A kept block of body that stands nowhere else, but for what is `known`."""
    body = known.get("reason") in (None, "duplicate document", "repeated in page")
    given = {
        "label": "body" if body else "boilerplate",
        "probability": 0.9 if body else 0.1,
        "keep": "reason" not in known,
        "site_pages": 1,
        "crawl_pages": 1,
    }
    place = {"document": document_, "index": index, "start": start, "end": start + len(text)}
    return given | place | {"text": text} | known


def member(cluster: str, document_: str, **known: object) -> dict[str, object]:
    """A member of a cluster, its keeper where the name says so."""
    place = document_ if known.get("block") is None else f"{document_}#{known['block']}"
    given = {
        "kind": "document" if known.get("block") is None else "block",
        "keeper": place == cluster,
        "similarity": 1.0,
        "containment": 1.0,
        "indexed": False,
    }
    return given | {"cluster": cluster, "document": document_} | known


def write_result(
    folder: Path,
    tables: Mapping[str, Rows | pa.Table],
    *,
    settings: Settings | None = None,
    rejected: Rows = (),
    format_: str = "parquet",
    **manifest: object,
) -> Path:
    """Write tables, given as sorted rows, and the manifest that belongs to them."""
    folder.mkdir(parents=True)
    for name, rows in tables.items():
        columns = SCHEMAS[name]
        table = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows), columns)
        write_table(table.to_batches(), columns, folder / name, format_)
    broken = pa.Table.from_pylist(list(rejected), REJECTED_RECORDS)
    write_rejected(broken.to_batches(), folder / "rejected.jsonl")
    counts = count_result(folder, read=len(list(rejected)), rejected=broken.num_rows)
    made = Manifest(
        dedup="0.1.0",
        command="find" if "documents" not in tables else "clean",
        format=format_,
        started="2026-10-03T17:00:00+00:00",
        seconds=1.0,
        bytes_read=1000,
        inputs=("crawl",),
        settings=settings or Settings(),
        counts=counts,
        versions={},
    )
    write_manifest(folder, replace(made, **manifest))
    return folder
