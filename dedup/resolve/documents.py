"""Which copy of a document stays: the SQL between the bodies and the decisions.

DuckDB and Spark both run these statements; the frames they name are tables of
`dedup.schema`.
"""

import hashlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup import schema
from dedup.settings import ResolveSettings, Scope

NAMES = """
WITH numbered AS (
  SELECT document, id, row_number() OVER (
    PARTITION BY id ORDER BY rejected IS NOT NULL, source, "offset", document) AS n
  FROM pages),
repeated AS (
  SELECT document, concat(id, '-', CAST(n AS VARCHAR)) AS id FROM numbered WHERE n > 1)
SELECT document, id FROM numbered WHERE n = 1
UNION ALL
SELECT r.document,
       CASE WHEN o.id IS NULL THEN r.id ELSE concat(r.id, '-', CAST(r.document AS VARCHAR)) END
FROM repeated r LEFT JOIN (SELECT DISTINCT id FROM pages) o ON r.id = o.id
"""
"""One row a document, rejected ones included. What comes with an id that is taken gets a number
after it; if the input has that name as well, the document's own number too."""

BY_NAME = "SELECT document, id FROM names ORDER BY id, document"
NUMBERED_NAMES = schema.NAMES.append(pa.field("place", pa.int64(), nullable=False))
"""schema.NAMES in their order, each with its place."""

HEADS = "SELECT key, rank FROM ranks WHERE rank = key_rank ORDER BY key"
HEAD_ROWS = pa.schema([schema.RANKS.field(name) for name in ("key", "rank")])
"""One row a distinct body, sorted by key."""

DECISIONS = """
WITH placed AS (
  SELECT r.document, r.rank, n.id,
         coalesce(c.keeper, r.key) AS head,
         coalesce(c.similarity, 1.0) AS similarity,
         coalesce(c.containment, 1.0) AS containment
  FROM ranks r JOIN names n ON r.document = n.document LEFT JOIN clusters c ON r.key = c.key),
sized AS (
  SELECT *, count(*) OVER (PARTITION BY head) AS n,
         row_number() OVER (PARTITION BY head ORDER BY rank) AS place,
         first_value(id) OVER (PARTITION BY head ORDER BY rank) AS keeper
  FROM placed)
SELECT n.document,
       coalesce(s.place = 1 OR s.n < {size}, FALSE) AS keep,
       CASE WHEN s.place IS NULL THEN 'no body'
            WHEN s.place > 1 AND s.n >= {size} THEN 'duplicate' END AS reason,
       CASE WHEN s.n >= {size} THEN s.keeper END AS cluster,
       CASE WHEN s.n >= {size} THEN s.keeper END AS keeper,
       CASE WHEN s.n >= {size} THEN s.similarity END AS similarity,
       CASE WHEN s.n >= {size} THEN s.containment END AS containment
FROM names n LEFT JOIN sized s ON n.document = s.document
"""
"""A cluster has at least `size` documents, 2 or more; of smaller ones every document stays."""

_ORDERS = {
    "longest": "n_characters DESC, date NULLS LAST, id",
    "first": 'date NULLS LAST, source, "offset"',
    "newest": "date DESC NULLS LAST, n_characters DESC, id",
    "source-priority": "priority, n_characters DESC, id",
}
ORDERED = pa.schema(
    [
        *(schema.BODIES.field(name) for name in ("document", "key", "n_characters")),
        *(schema.PAGES.field(name) for name in ("date", "id", "source", "offset")),
        pa.field("priority", pa.int32(), nullable=False),
    ]
)
"""One row a document that has words, and what it is ranked by."""

NUMBERED = ORDERED.append(schema.RANKS.field("rank"))

RANKS = """
WITH firsts AS (SELECT key, min(rank) AS key_rank FROM numbered GROUP BY key)
SELECT n.document, n.key, n.rank, f.key_rank FROM numbered n JOIN firsts f ON n.key = f.key
"""


def order_sql(settings: ResolveSettings) -> str:
    """Order all documents that have words by the keep policy, best first: ORDERED.

    A source's priority is the place of the first of `source_priority` that its address
    contains; sources that contain none come last.
    """
    cases = " ".join(
        f"WHEN contains(g.source, {_quoted(part)}) THEN {place}"
        for place, part in enumerate(settings.source_priority)
    )
    priority = f"CASE {cases} ELSE {len(settings.source_priority)} END" if cases else "0"
    return f"""
SELECT b.document, b.key, b.n_characters, g.date, g.id, g.source, g."offset",
       {priority} AS priority
FROM bodies b JOIN pages g ON b.document = g.document WHERE b.n_words > 0
ORDER BY {_ORDERS[settings.keep]}, document
"""


def scope_hashes(pages: pa.RecordBatch, scope: Scope) -> npt.NDArray[np.int64]:
    """Hash what bounds the comparison of each page: nothing, its site or its source.

    Returns
    -------
    int64[n]; 0 where the whole crawl is one scope. Pages that are their own scope take
    the document's own number.
    """
    if scope == "crawl":
        return np.zeros(pages.num_rows, np.int64)
    if scope == "page":
        own: npt.NDArray[np.int64] = pages.column("document").to_numpy(zero_copy_only=False)
        return own
    return np.fromiter(
        (_hash(value) for value in pages.column(scope).to_pylist()), np.int64, pages.num_rows
    )


def scoped_keys(
    keys: npt.NDArray[np.int64], scopes: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Mix scopes into keys, so that texts of two scopes never meet; int64[n] each."""
    mixed = keys.view(np.uint64) ^ (scopes.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    return mixed.view(np.int64)


def _hash(value: str) -> int:
    digest = hashlib.blake2b(value.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def _quoted(value: str) -> str:
    # as read.shown writes an address that is no UTF-8
    shown = value.encode("utf-8", "backslashreplace").decode()
    return "'" + shown.replace("'", "''") + "'"
