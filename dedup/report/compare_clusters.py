"""Compare the clusters of two results by how many members each shares with each."""

import duckdb

from dedup.report.changes import Clusters, Parted
from dedup.report.manifest import Command
from dedup.report.result import fetch

_MEMBERS = {
    # blocks by span, as another version may count them otherwise
    "clean": """
SELECT kind, cluster, document, CAST(-1 AS BIGINT) AS first, CAST(-1 AS BIGINT) AS last
FROM clusters_{which} WHERE kind = 'document'
UNION ALL
SELECT 'block', cluster, document, start, "end" FROM blocks_{which} WHERE cluster IS NOT NULL
""",
    "find": """
SELECT kind, cluster, document, CAST(coalesce(block, -1) AS BIGINT) AS first,
       CAST(-1 AS BIGINT) AS last
FROM clusters_{which}
""",
}

_SIZES = """
CREATE TEMP TABLE sizes_{which} AS
SELECT kind, cluster, count(*) AS size FROM ({members}) GROUP BY ALL
"""

_PIECES = """
CREATE TEMP TABLE pieces AS
SELECT kind, a.cluster AS cluster_a, b.cluster AS cluster_b, count(*) AS n
FROM ({a}) a JOIN ({b}) b USING (kind, document, first, last) GROUP BY ALL
"""

_PARTED = """
CREATE TEMP TABLE parted_{which} AS
SELECT s.kind, s.cluster AS name, s.size, count(p.n) AS pieces, coalesce(max(p.n), 0) AS largest,
       CAST(s.size - coalesce(sum(p.n), 0) AS BIGINT) AS alone,
       CAST(s.size AS HUGEINT) * (s.size - 1) // 2
         - coalesce(sum(CAST(p.n AS HUGEINT) * (p.n - 1) // 2), 0) AS pairs
FROM sizes_{which} s
LEFT JOIN pieces p ON s.kind = p.kind AND s.cluster = p.cluster_{which}
GROUP BY s.kind, s.cluster, s.size
"""

_SUMS = """
SELECT kind, count(*) AS n, count(*) FILTER (WHERE largest < size) AS parted,
       count(*) FILTER (WHERE largest <= 1) AS apart, CAST(sum(pairs) AS HUGEINT) AS pairs
FROM parted_{which} GROUP BY kind ORDER BY kind
"""

_SAME = """
SELECT p.kind, count(*) AS n FROM pieces p
JOIN sizes_a a ON p.kind = a.kind AND p.cluster_a = a.cluster AND p.n = a.size
JOIN sizes_b b ON p.kind = b.kind AND p.cluster_b = b.cluster AND p.n = b.size
GROUP BY p.kind
"""

_LARGEST = """
SELECT name, size, pieces, largest, alone FROM parted_{which}
WHERE kind = $kind AND largest < size ORDER BY size DESC, name LIMIT {samples}
"""


def compare_clusters(
    connection: duckdb.DuckDBPyConnection, command: Command, samples: int
) -> tuple[Clusters, ...]:
    """Count which clusters are the same, parted and joined, and pairs that are in one result only.

    No pair is formed: of n members of a cluster of A that are in one cluster of B, n(n-1)/2 pairs
    are together in both.

    Parameters
    ----------
    connection: with the views `clusters_a`, `clusters_b` (and `blocks_a`, `blocks_b`).
    """
    members = {which: _MEMBERS[command].format(which=which) for which in "ab"}
    for which in "ab":
        connection.execute(_SIZES.format(which=which, members=members[which]))
    connection.execute(_PIECES.format(**members))
    for which in "ab":
        connection.execute(_PARTED.format(which=which))
    a, b = (
        {row["kind"]: row for row in fetch(connection, _SUMS.format(which=which))} for which in "ab"
    )
    same = {row["kind"]: row["n"] for row in fetch(connection, _SAME)}
    none = {"n": 0, "parted": 0, "apart": 0, "pairs": 0}
    return tuple(
        Clusters(
            kind=kind,
            a=(one := a.get(kind, none))["n"],
            b=(other := b.get(kind, none))["n"],
            same=same.get(kind, 0),
            split=one["parted"],
            dissolved=one["apart"],
            merged=other["parted"],
            new=other["apart"],
            pairs_only_a=int(one["pairs"]),
            pairs_only_b=int(other["pairs"]),
            samples_split=_largest(connection, "a", kind, samples),
            samples_merged=_largest(connection, "b", kind, samples),
        )
        for kind in sorted({*a, *b}, reverse=True)
    )


def _largest(
    connection: duckdb.DuckDBPyConnection, which: str, kind: str, samples: int
) -> tuple[Parted, ...]:
    sql = _LARGEST.format(which=which, samples=samples)
    return tuple(Parted(**row) for row in fetch(connection, sql, kind=kind))
