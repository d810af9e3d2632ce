"""Verified pairs as they are written: SQL from the keys of texts to ids of documents."""

MOST_COPIES = 1_000
"""Documents of the same words up to which each is paired with each. A million copies would
have half a billion pairs: the later ones are paired with the first one only, and of two texts
with copies the n-th of one is paired with the m-th of the other up to n * m of so much."""

DOCUMENT_PAIRS = f"""
WITH copies AS (
  SELECT r.key, n.id, row_number() OVER (PARTITION BY r.key ORDER BY r.rank) AS copy
  FROM ranks r JOIN names n ON r.document = n.document),
firsts AS (SELECT * FROM copies WHERE copy = 1),
others AS (SELECT * FROM copies WHERE copy > 1),
next AS (SELECT * FROM others WHERE copy <= {MOST_COPIES})
SELECT s.id AS one, t.id AS other, 'document' AS kind, p.similarity, p.containment
FROM document_pairs p JOIN firsts s ON p.a = s.key JOIN copies t ON p.b = t.key
UNION ALL
SELECT s.id, t.id, 'document', p.similarity, p.containment
FROM document_pairs p JOIN others s ON p.a = s.key JOIN firsts t ON p.b = t.key
UNION ALL
SELECT s.id, t.id, 'document', p.similarity, p.containment
FROM document_pairs p JOIN next s ON p.a = s.key JOIN next t ON p.b = t.key
WHERE s.copy * t.copy <= {MOST_COPIES}
UNION ALL
SELECT s.id, t.id, 'document', 1.0, 1.0 FROM firsts s JOIN others t ON s.key = t.key
UNION ALL
SELECT s.id, t.id, 'document', 1.0, 1.0
FROM next s JOIN next t ON s.key = t.key AND s.copy < t.copy
"""

BLOCK_PAIRS = """
WITH places AS (
  SELECT k.key, concat(n.id, '#', CAST(k."index" AS VARCHAR)) AS place,
         row_number() OVER (PARTITION BY k.key ORDER BY n.id, k."index") AS copy
  FROM block_keys k JOIN names n ON k.document = n.document),
named AS (SELECT key, place FROM places WHERE copy = 1)
SELECT s.place AS one, t.place AS other, 'block' AS kind, p.similarity, p.containment
FROM block_pairs p JOIN named s ON p.a = s.key JOIN named t ON p.b = t.key
"""

PAIRS = """
SELECT kind, least(one, other) AS a, greatest(one, other) AS b, similarity, containment
FROM ({members}) ORDER BY 1, 2, 3
"""
