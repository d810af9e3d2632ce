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
  SELECT document, bit_xor(hash(key, "index")) AS content FROM block_keys GROUP BY document),
identified AS (
  SELECT c.document, p.site,
         coalesce(min(p.url) OVER (PARTITION BY c.content), CAST(c.content AS VARCHAR)) AS page
  FROM contents c JOIN pages p ON c.document = p.document),
known AS (
  SELECT document, min(document) OVER (PARTITION BY page) AS page,
         min(document) OVER (PARTITION BY site) AS site
  FROM identified),
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
the first document that has its address, or its blocks; so is a site."""

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

PLACES = """
WITH placed AS (
  SELECT k.document, k."index", n.id, coalesce(c.keeper, k.key) AS head,
         coalesce(c.similarity, 1.0) AS similarity, coalesce(c.containment, 1.0) AS containment,
         CASE WHEN c.keeper IS NULL OR c.keeper = k.key THEN 0 ELSE 1 END AS other,
         CASE WHEN v.flag THEN 0 ELSE 1 END AS gone
  FROM block_keys k
  JOIN names n ON k.document = n.document
  JOIN {stays} v ON k.document = v.document AND k."index" = v."index"
  LEFT JOIN clusters c ON k.key = c.key
  WHERE k.n_words > 0),
sized AS (
  SELECT *, count(*) OVER (PARTITION BY head) AS n,
         row_number() OVER (PARTITION BY head ORDER BY other, gone, id, "index") AS place,
         first_value(concat(id, '#', CAST("index" AS VARCHAR)))
           OVER (PARTITION BY head ORDER BY other, gone, id, "index") AS cluster
  FROM placed)
SELECT document, "index", id, cluster, place = 1 AS keeper, similarity, containment
FROM sized WHERE n >= {size}
"""
"""Every place of a block that stands at least `size` times, 2 or more.

A cluster is named by its keeper's place.
"""

COUNTED = """
WITH placed AS (
  SELECT k.key, coalesce(c.keeper, k.key) AS head
  FROM block_keys k LEFT JOIN clusters c ON k.key = c.key WHERE k.n_words > 0),
sized AS (SELECT key, count(*) OVER (PARTITION BY head) AS n FROM placed)
SELECT DISTINCT key FROM sized WHERE n >= {size} ORDER BY key
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
