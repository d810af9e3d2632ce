"""Between tables with one row a page and tables with one row a block."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup import schema
from dedup.buffers import list_parts

FLAGS = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        pa.field("index", pa.int32(), nullable=False),
        pa.field("flag", pa.bool_(), nullable=False),
    ]
)
"""One row a block: is it body, does it stay."""

TOLD_LISTS = pa.schema([schema.EVIDENCE.field(n) for n in ("document", "keys", "teaser")])

TOLD = """
SELECT k.document, k."index",
       CASE WHEN {counts} THEN k.key ELSE CAST(k."index" AS BIGINT) END AS keys,
       t.document IS NOT NULL AND {counts} AS teaser
FROM block_keys k {counted}
LEFT JOIN teasers t ON k.document = t.document AND k."index" = t."index"
ORDER BY document, "index"
"""
"""One row a block: rows of TOLD_LISTS."""

EVIDENCE = """
SELECT r.document, l.body, coalesce(t.keys, []) AS keys, r.n_words, r.site_pages,
       coalesce(t.teaser, []) AS teaser
FROM repetition r
JOIN labels l ON r.document = l.document
LEFT JOIN told t ON r.document = t.document
"""
ALL_COUNT = {"counts": "TRUE", "counted": ""}
SOME_COUNT = {
    "counts": "m.key IS NOT NULL",
    "counted": "LEFT JOIN counted m ON k.key = m.key",
}
"""Whether all that stands twice counts as repeated, or only what is listed in `counted`."""

VERDICTS = """
SELECT f.document, f."index", f.flag AND d.keep AS flag
FROM flags f JOIN decisions d ON f.document = d.document
"""
"""Which blocks stand in the clean text of a document that is kept."""


def body_flags(labels: pa.RecordBatch) -> pa.RecordBatch:
    """Turn schema.LABELS into one row a block: is it body."""
    return _flat_rows(labels, "body", _same)


def stay_flags(resolved: pa.RecordBatch) -> pa.RecordBatch:
    """Turn schema.RESOLVED into one row a block: does it stay."""
    return _flat_rows(resolved, "reasons", _is_negative)


def _same(values: pa.Array) -> pa.Array:
    return values


def _is_negative(values: pa.Array) -> pa.Array:
    return pc.less(values, 0)


def _flat_rows(
    table: pa.RecordBatch, column: str, flag: Callable[[pa.Array], pa.Array]
) -> pa.RecordBatch:
    values, offsets = list_parts(table.column(column))
    row = np.repeat(np.arange(table.num_rows), np.diff(offsets))
    index = (np.arange(len(row)) - offsets[:-1][row]).astype(np.int32)
    return pa.RecordBatch.from_arrays(
        [table.column("document").take(pa.array(row)), pa.array(index), flag(values)],
        schema=FLAGS,
    )
