"""One page captured as HTML and as text: the markup's evidence serves both.

A crawl may hold a page twice, as a WARC's response and as a WET's conversion. What the
text alone leaves in doubt the markup often tells, so a block of the text takes the label
of the same words in the HTML of the same address. DuckDB and Spark both run the statement;
the frames it names are tables of `dedup.schema`, and LABEL_ROWS.
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

LABELS = """
WITH captures AS (SELECT document, url, kind FROM pages WHERE url IS NOT NULL),
twins AS (
  SELECT t.document, h.document AS html FROM captures t JOIN captures h ON t.url = h.url
  WHERE t.kind = 'text' AND h.kind = 'html'),
told AS (
  SELECT t.document, k.key, max(r.probability) AS probability, bool_or(r.body) AS body
  FROM twins t
  JOIN block_keys k ON k.document = t.html
  JOIN label_rows r ON r.document = k.document AND r."index" = k."index"
  GROUP BY t.document, k.key),
listed AS (
  SELECT r.document,
         list(coalesce(t.probability, r.probability) ORDER BY r."index") AS probability,
         list(coalesce(t.body, r.body) ORDER BY r."index") AS body,
         list(CASE WHEN t.key IS NOT NULL AND r.why IS NOT NULL
              THEN 'judged as in the HTML of this address' ELSE r.why END ORDER BY r."index") AS why
  FROM label_rows r
  JOIN block_keys k ON k.document = r.document AND k."index" = r."index"
  LEFT JOIN told t ON t.document = r.document AND t.key = k.key
  GROUP BY r.document)
SELECT n.document, coalesce(l.probability, []) AS probability, coalesce(l.body, []) AS body,
       coalesce(l.why, []) AS why
FROM names n LEFT JOIN listed l ON n.document = l.document
"""


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
