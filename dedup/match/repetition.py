"""How often a block stands elsewhere, and in which clusters: SQL over places.

DuckDB and Spark both run these statements; the frames they name are tables of
`dedup.schema`. A page that stands several times in the crawl counts once: a page is what
has the same address, or the same blocks in the same order.
"""

import numpy as np
import pyarrow as pa

from dedup import schema
from dedup.buffers import list_array

PLACED = pa.schema(
    [
        *(schema.BLOCK_KEYS.field(n) for n in ("document", "index")),
        schema.NAMES.field("id"),
        *(schema.CLUSTERS_OUT.field(n) for n in ("cluster", "keeper", "similarity", "containment")),
    ]
)
"""One row a place of a block that stands at least twice."""

FIRST_PLACES = """
WITH firsts AS (
  SELECT key, min(document) AS document, max(n_words) AS n_words
  FROM block_keys WHERE n_words >= {ngram} GROUP BY key)
SELECT k.document, min(k."index") AS "index", any_value(f.n_words) AS n_words, k.key
FROM block_keys k JOIN firsts f ON k.key = f.key AND k.document = f.document
GROUP BY k.key, k.document
ORDER BY n_words DESC, key
"""
"""One place of each distinct text of at least one shingle; the longest first, as it is the keeper
that is preferred."""

PLACE_ROWS = pa.schema(
    [schema.BLOCK_KEYS.field(name) for name in ("document", "index", "n_words", "key")]
)
RANKED_PLACES = PLACE_ROWS.append(schema.TEXTS.field("rank"))

TEXTS = """
SELECT k.key, k.scope, r.rank, k.text
FROM block_keys k JOIN ranked r ON k.document = r.document AND k."index" = r."index"
"""

REPETITION = """
WITH contents AS (
  SELECT document, bit_xor(hash(hash(key, "index"))) AS content FROM block_keys GROUP BY document),
told AS (
  SELECT c.document, c.content, p.url, p.site
  FROM contents c JOIN pages p ON c.document = p.document),
addresses AS (SELECT content, min(url) AS url FROM told GROUP BY content),
identified AS (
  SELECT t.document, t.site, coalesce(a.url, CAST(t.content AS VARCHAR)) AS page
  FROM told t JOIN addresses a ON t.content = a.content),
page_numbers AS (SELECT page, min(document) AS number FROM identified GROUP BY page),
site_numbers AS (SELECT site, min(document) AS number FROM identified GROUP BY site),
known AS (
  SELECT i.document, g.number AS page, s.number AS site
  FROM identified i
  JOIN page_numbers g ON i.page = g.page
  JOIN site_numbers s ON i.site = s.site),
placed AS (
  SELECT k.document, k."index", coalesce(c.keeper, k.key) AS cluster, k.n_words, t.site, t.page
  FROM block_keys k
  JOIN known t ON k.document = t.document
  LEFT JOIN clusters c ON k.key = c.key),
on_site AS (
  SELECT cluster, site, count(DISTINCT page) AS n FROM placed GROUP BY cluster, site),
in_crawl AS (SELECT cluster, count(DISTINCT page) AS n FROM placed GROUP BY cluster),
sites AS (SELECT site, count(DISTINCT page) AS n FROM known GROUP BY site),
crawl AS (SELECT count(DISTINCT page) AS n FROM known),
counted AS (
  SELECT p.document, p."index", p.cluster AS clusters, p.n_words, s.n AS site_pages,
         w.n AS crawl_pages, sites.n AS site_seen, crawl.n AS crawl_seen
  FROM placed p
  JOIN on_site s ON p.cluster = s.cluster AND p.site = s.site
  JOIN in_crawl w ON p.cluster = w.cluster
  JOIN sites ON p.site = sites.site
  CROSS JOIN crawl)
SELECT n.document, coalesce(c.site_seen, 0) AS site_seen, coalesce(c.crawl_seen, 0) AS crawl_seen,
       c.site_pages, c.crawl_pages, c.clusters, c.n_words, c."index"
FROM names n LEFT JOIN counted c ON n.document = c.document
ORDER BY document, "index"
"""
"""One row a block, and one a page without blocks: rows of schema.REPETITION. A page is numbered by
the first document that has its address, or its blocks; so is a site. Hashed once more, what DuckDB
makes of two values is no sum of theirs, in which places and repeated blocks would cancel out."""

TEASERS = """
WITH contained AS (
  SELECT CASE WHEN s.rank > t.rank THEN p.a ELSE p.b END AS small,
         CASE WHEN s.rank > t.rank THEN p.b ELSE p.a END AS large
  FROM pairs p JOIN texts s ON p.a = s.key JOIN texts t ON p.b = t.key
  WHERE p.similarity < {threshold}),
bodies AS (
  SELECT k.key, min(k.document) AS lowest, max(k.document) AS highest
  FROM block_keys k JOIN flags f ON k.document = f.document AND k."index" = f."index"
  WHERE f.flag GROUP BY k.key)
SELECT DISTINCT k.document, k."index"
FROM block_keys k
JOIN contained c ON k.key = c.small
JOIN bodies b ON c.large = b.key
WHERE b.lowest <> k.document OR b.highest <> k.document
"""
"""Blocks contained in a longer one that is body of another document."""

FLAGGED = """
SELECT k.* FROM block_keys k
JOIN flags f ON k.document = f.document AND k."index" = f."index" WHERE f.flag
"""
"""The rows of schema.PLACED_KEYS that a flag marks."""

ALL_STAY = '(SELECT document, "index", TRUE AS flag FROM block_keys)'

INDEX_BITS, NAME_BITS = schema.INDEX_BITS, 40
"""Of a place: above the names are two flags."""

PLACES = f"""
SELECT k.document, k."index", coalesce(c.keeper, k.key) AS head,
       CAST(CASE WHEN c.keeper IS NULL OR c.keeper = k.key THEN 0 ELSE 2 END
            + CASE WHEN v.flag THEN 0 ELSE 1 END AS BIGINT) * {1 << INDEX_BITS + NAME_BITS}
       + n.place * {1 << INDEX_BITS} + k."index" AS place,
       coalesce(c.similarity, 1.0) AS similarity, coalesce(c.containment, 1.0) AS containment
FROM block_keys k
JOIN names n ON k.document = n.document
JOIN {{stays}} v ON k.document = v.document AND k."index" = v."index"
LEFT JOIN clusters c ON k.key = c.key
WHERE k.n_words > 0
"""
PLACE_KEYS = pa.schema(
    [
        *(schema.BLOCK_KEYS.field(n) for n in ("document", "index")),
        pa.field("head", pa.int64(), nullable=False),
        # the lowest of a cluster is its keeper: the words of the head, then what stays, then by
        # the names of the documents
        pa.field("place", pa.int64(), nullable=False),
        *(schema.CLUSTERS_OUT.field(n) for n in ("similarity", "containment")),
    ]
)
"""One row a block that has words; numbers alone, of which a crawl has many."""

HEADS = """
SELECT head, min(place) AS first_place FROM placed GROUP BY head HAVING count(*) >= {size}
"""
HEAD_PLACES = pa.schema(
    [PLACE_KEYS.field("head"), PLACE_KEYS.field("place").with_name("first_place")]
)
"""One row a cluster with at least `size` places, 2 or more, and its keeper."""

NAMED_PLACES = f"""
SELECT p.document, p."index", n.id,
       concat(m.id, '#', CAST(h.first_place & {(1 << INDEX_BITS) - 1} AS VARCHAR)) AS cluster,
       p.place = h.first_place AS keeper, p.similarity, p.containment
FROM placed p
JOIN heads h ON p.head = h.head
JOIN names n ON p.document = n.document
JOIN names m ON (h.first_place >> {INDEX_BITS}) & {(1 << NAME_BITS) - 1} = m.place
"""
"""Every place of a block of these clusters. A cluster is named by its keeper's place."""

COUNTED = """
WITH placed AS (
  SELECT k.key, coalesce(c.keeper, k.key) AS head
  FROM block_keys k LEFT JOIN clusters c ON k.key = c.key WHERE k.n_words > 0),
heads AS (SELECT head FROM placed GROUP BY head HAVING count(*) >= {size})
SELECT DISTINCT p.key FROM placed p JOIN heads h ON p.head = h.head ORDER BY key
"""
"""The texts of which, with all that is in their cluster, there are at least `size` places."""


def alone(documents: pa.Array, block_keys: pa.RecordBatch) -> pa.RecordBatch:
    """Make the repetition of pages of which nothing else is known.

    Parameters
    ----------
    documents: int64[n]; block_keys: schema.BLOCK_KEYS of these documents, in their order.

    Returns
    -------
    schema.REPETITION, in the order of `documents`.
    """
    wanted = documents.to_numpy(zero_copy_only=False)
    of = block_keys.column("document").to_numpy(zero_copy_only=False)
    changes = np.flatnonzero(np.diff(of)) + 1
    begins = np.concatenate([[0], changes, [len(of)]]) if len(of) else np.zeros(1, np.int64)
    sizes = dict(zip(of[begins[:-1]].tolist(), np.diff(begins).tolist(), strict=True))
    n_blocks = np.array([sizes.get(d, 0) for d in wanted.tolist()], np.int64)
    offsets = np.concatenate([[0], np.cumsum(n_blocks)])
    once = pa.array(np.ones(len(of), np.int32))
    seen = pa.array(np.ones(len(wanted), np.int32))
    return pa.RecordBatch.from_arrays(
        [
            documents,
            seen,
            seen,
            list_array(once, offsets),
            list_array(once, offsets),
            list_array(block_keys.column("key"), offsets),
            list_array(block_keys.column("n_words"), offsets),
        ],
        schema=schema.REPETITION,
    )
