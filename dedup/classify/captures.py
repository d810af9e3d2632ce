"""One page captured as HTML and as text: the markup's evidence serves both.

A crawl may hold a page twice, as a WARC's response and as a WET's conversion. What the
text alone leaves in doubt the markup often tells, so a block of the text takes the label
of the same words in the HTML of the same address. DuckDB and Spark both run the statements;
the frames they name are tables of `dedup.schema`, TWIN_ROWS and LABEL_ROWS.
"""

import numpy as np
import pyarrow as pa

from dedup import schema
from dedup.buffers import list_parts

LABEL_ROWS = pa.schema(
    [
        *(schema.BLOCK_KEYS.field(name) for name in ("document", "index")),
        pa.field("probability", pa.float32(), nullable=False),
        pa.field("body", pa.bool_(), nullable=False),
        pa.field("why", pa.string()),
    ]
)
"""schema.LABELS with one row a block."""

TWINS = """
WITH captures AS (SELECT document, url, kind FROM pages WHERE url IS NOT NULL)
SELECT t.document, h.document AS html FROM captures t JOIN captures h ON t.url = h.url
WHERE t.kind = 'text' AND h.kind = 'html'
"""
TWIN_ROWS = pa.schema([pa.field(name, pa.int64(), nullable=False) for name in ("document", "html")])
"""A page as text, and the same as HTML."""

LABELS = """
WITH told AS (
  SELECT t.document, k.key, max(r.probability) AS probability, bool_or(r.body) AS body
  FROM twins t
  JOIN block_keys k ON k.document = t.html
  JOIN label_rows r ON r.document = k.document AND r."index" = k."index"
  GROUP BY t.document, k.key),
judged AS (
  SELECT r.document, r."index", coalesce(t.probability, r.probability) AS probability,
         coalesce(t.body, r.body) AS body,
         CASE WHEN t.key IS NOT NULL AND r.why IS NOT NULL
              THEN 'judged as in the HTML of this address' ELSE r.why END AS why
  FROM label_rows r
  JOIN block_keys k ON k.document = r.document AND k."index" = r."index"
  LEFT JOIN told t ON t.document = r.document AND t.key = k.key)
SELECT n.document, j."index", j.probability, j.body, j.why
FROM names n LEFT JOIN judged j ON n.document = j.document
ORDER BY document, "index"
"""
"""One row a block, and one a page without blocks: rows of schema.LABELS."""


def label_rows(labels: pa.RecordBatch) -> pa.RecordBatch:
    """Turn schema.LABELS into LABEL_ROWS."""
    probability, offsets = list_parts(labels.column("probability"))
    row = np.repeat(np.arange(labels.num_rows), np.diff(offsets))
    index = (np.arange(len(row)) - offsets[:-1][row]).astype(np.int32)
    return pa.RecordBatch.from_arrays(
        [
            labels.column("document").take(pa.array(row)),
            pa.array(index),
            probability,
            *(list_parts(labels.column(name))[0] for name in ("body", "why")),
        ],
        schema=LABEL_ROWS,
    )
