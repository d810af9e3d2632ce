"""Which new document stays beside those of an index: SQL over `schema.HELD_DOCUMENTS`.

DuckDB and Spark both run these statements. What the index holds has been handed on already:
a document that was delivered stays, whatever the keep policy says of a new copy.
"""

import pyarrow as pa

from dedup import schema

NAMES = """
WITH taken AS (SELECT DISTINCT id FROM held),
known AS (SELECT id FROM taken UNION SELECT id FROM names),
renamed AS (
  SELECT n.document, concat(n.id, '-{generation}') AS id
  FROM names n JOIN taken t ON n.id = t.id)
SELECT n.document, n.id FROM names n ANTI JOIN taken t ON n.id = t.id
UNION ALL
SELECT r.document,
       CASE WHEN k.id IS NULL THEN r.id ELSE concat(r.id, '-', CAST(r.document AS VARCHAR)) END
FROM renamed r LEFT JOIN known k ON r.id = k.id
"""
"""schema.NAMES in which no id stands that the index holds: after such a one comes the number of
the run among those of the index; if that name is taken as well, the document's own number too."""

TOGETHER = """
SELECT b.document, b.key, b.n_characters, b.n_words, g.date, g.id, g.source, g."offset"
FROM bodies b JOIN pages g ON b.document = g.document WHERE b.n_words > 0
UNION ALL
SELECT document, key, n_characters, 1 AS n_words, date, id, source, "offset" FROM held
"""
TOGETHER_ROWS = pa.schema(
    [
        *(schema.BODIES.field(n) for n in ("document", "key", "n_characters", "n_words")),
        *(schema.PAGES.field(n) for n in ("date", "id", "source", "offset")),
    ]
)
"""What the keep policies rank by, of new documents and of those of the index."""

STANDING = """
SELECT r.key,
       min(CASE WHEN h.delivered THEN 0 WHEN h.document IS NULL THEN 1 ELSE 2 END) AS standing,
       min(r.rank) AS best
FROM ranks r LEFT JOIN held h ON r.document = h.document GROUP BY r.key ORDER BY standing, best
"""
STANDING_ROWS = pa.schema(
    [
        schema.RANKS.field("key"),
        # 0: a document of these words was delivered; 1: one is new; 2: all went in earlier runs
        pa.field("standing", pa.int32(), nullable=False),
        # by the keep policy alone
        pa.field("best", pa.int64(), nullable=False),
    ]
)
# the rank is by the standing, then by the keep policy; unique
STANDINGS = STANDING_ROWS.append(schema.RANKS.field("rank"))

STAR_PAIRS = """
SELECT c.keeper AS component, p.a, p.b, s.rank AS a_rank, t.rank AS b_rank,
       p.similarity, p.containment
FROM pairs p
JOIN clusters c ON p.a = c.key
JOIN clusters d ON p.b = d.key AND d.keeper = c.keeper
JOIN standings s ON p.a = s.key
JOIN standings t ON p.b = t.key
WHERE s.standing > 0 OR t.standing > 0
ORDER BY component, p.a, p.b
"""
"""Pairs within one cluster, but for those of two texts that were delivered: both have stayed."""

DECISIONS = """
WITH placed AS (
  SELECT r.document, r.rank, coalesce(n.id, h.id) AS id,
         CASE WHEN h.delivered THEN 0 WHEN h.document IS NULL THEN 1 ELSE 2 END AS standing,
         coalesce(c.keeper, r.key) AS head,
         coalesce(s.keeper, r.key) AS star,
         coalesce(s.similarity, 1.0) AS similarity,
         coalesce(s.containment, 1.0) AS containment
  FROM ranks r
  LEFT JOIN names n ON r.document = n.document
  LEFT JOIN held h ON r.document = h.document
  LEFT JOIN clusters c ON r.key = c.key
  LEFT JOIN stars s ON r.key = s.key),
sized AS (
  SELECT *, count(*) OVER (PARTITION BY head) AS n,
         max(CASE WHEN standing = 1 THEN 1 ELSE 0 END) OVER (PARTITION BY head) AS touched,
         first_value(id) OVER (PARTITION BY head ORDER BY rank) AS cluster,
         row_number() OVER (PARTITION BY star ORDER BY standing, rank) AS place,
         first_value(id) OVER (PARTITION BY star ORDER BY standing, rank) AS keeper
  FROM placed),
kept AS (SELECT *, standing = 0 OR (standing = 1 AND place = 1) AS keep FROM sized)
SELECT document, keep, CASE WHEN NOT keep THEN 'duplicate' END AS reason,
       CASE WHEN n > 1 THEN cluster END AS cluster,
       CASE WHEN n > 1 THEN keeper END AS keeper,
       CASE WHEN n > 1 THEN similarity END AS similarity,
       CASE WHEN n > 1 THEN containment END AS containment
FROM kept WHERE touched = 1
UNION ALL
SELECT n.document, FALSE, 'no body', NULL, NULL, NULL, NULL
FROM names n ANTI JOIN ranks r ON n.document = r.document
"""
"""schema.DECISIONS of all new documents, and of the held members of clusters that have any.

A cluster is that of both crawls at once, and has its name. Within it documents gather around
those that were delivered, else around the best new one: `star`.
"""

FRESH = """
SELECT b.key, b.document, n.id, p.source, p."offset", p.date, b.n_characters, d.keep AS delivered
FROM bodies b
JOIN pages p ON b.document = p.document
JOIN names n ON b.document = n.document
JOIN decisions d ON b.document = d.document
WHERE b.n_words > 0
"""
"""schema.HELD_DOCUMENTS of a run, under the numbers that documents have in it."""
