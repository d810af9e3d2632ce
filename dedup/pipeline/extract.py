"""Body extraction page by page: every stage on one batch, nothing known of other pages."""

import numpy as np
import pyarrow as pa

from dedup import schema
from dedup.buffers import list_array, list_parts
from dedup.classify import Model, classify
from dedup.match.repetition import alone
from dedup.report import rows
from dedup.resolve import resolve_blocks
from dedup.segment import segment
from dedup.settings import Settings
from dedup.sketch import block_keys

EXTRACTED_BLOCK = pa.struct(
    [
        schema.BLOCKS_OUT.field(n)
        for n in ("start", "end", "text", "label", "probability", "why", "reason")
    ]
)

EXTRACTED = pa.schema(
    [
        *(schema.DOCUMENTS_OUT.field(n) for n in ("id", "source", "url", "title")),
        pa.field("text", pa.string(), nullable=False),
        pa.field("blocks", pa.list_(EXTRACTED_BLOCK), nullable=False),
        # where the record stands, and why it could not be read
        *(schema.PAGES.field(n) for n in ("offset", "rejected")),
    ]
)
"""One row a document, rejected ones included."""


def extract_bodies(
    documents: pa.RecordBatch, *, model: Model, settings: Settings
) -> pa.RecordBatch:
    """Segment pages, label their blocks and join the body of each.

    Parameters
    ----------
    documents: schema.DOCUMENTS.

    Returns
    -------
    EXTRACTED, in the order of `documents`.
    """
    pages = segment(documents, settings.segment)
    keys = block_keys(pages)
    repetition = alone(pages.column("document"), keys)
    labels = classify(pages, repetition, model=model, settings=settings.classify)
    evidence = _evidence(labels, repetition, keys.column("key"))
    resolved = resolve_blocks(pages, evidence)
    return pa.RecordBatch.from_arrays(
        [
            *(pages.column(n) for n in ("id", "source", "url", "title")),
            resolved.column("text"),
            _blocks(pages, labels, resolved),
            *(pages.column(n) for n in ("offset", "rejected")),
        ],
        schema=EXTRACTED,
    )


def _evidence(labels: pa.RecordBatch, repetition: pa.RecordBatch, keys: pa.Array) -> pa.RecordBatch:
    _, offsets = list_parts(labels.column("body"))
    no_teaser = list_array(np.zeros(offsets[-1], bool), offsets)
    return pa.RecordBatch.from_arrays(
        [
            labels.column("document"),
            labels.column("body"),
            list_array(keys, offsets),
            *(repetition.column(n) for n in ("n_words", "site_pages")),
            no_teaser,
        ],
        schema=schema.EVIDENCE,
    )


def _blocks(pages: pa.RecordBatch, labels: pa.RecordBatch, resolved: pa.RecordBatch) -> pa.Array:
    table = rows.page_blocks(pages, labels, resolved.column("reasons"))
    columns = [table[field.name] for field in EXTRACTED_BLOCK]
    _, offsets = list_parts(pages.column("blocks"))
    made = pa.StructArray.from_arrays(columns, fields=list(EXTRACTED_BLOCK))
    return list_array(made, offsets)
