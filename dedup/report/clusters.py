"""What a report shows of clusters: the largest, with the members that are least like the keeper."""

from collections.abc import Mapping
from dataclasses import replace

import duckdb

from dedup.report.differences import Compared, compare
from dedup.report.result import Row, fetch, grouped
from dedup.report.views import BlockCluster, BlockPlace, Copy, DocumentCluster, Limits
from dedup.report.visible import excerpt, visible

_LARGEST = """
WITH largest AS (
  SELECT cluster, count(*) AS size
  FROM clusters WHERE kind = $kind GROUP BY cluster ORDER BY size DESC, cluster LIMIT $clusters)
SELECT cluster, any_value(size) AS size, count(DISTINCT document) AS documents
FROM clusters JOIN largest USING (cluster) WHERE kind = $kind
GROUP BY cluster ORDER BY size DESC, cluster
"""

_MEMBERS = """
SELECT cluster, document, block, keeper, similarity FROM clusters
WHERE kind = $kind AND cluster IN (SELECT unnest($names))
QUALIFY row_number() OVER (
  PARTITION BY cluster ORDER BY keeper DESC, similarity, document, block) <= $members
ORDER BY cluster, keeper DESC, similarity, document, block
"""

BODIES = """
SELECT document, string_agg(left(text, $compared), chr(10) || chr(10) ORDER BY "index") AS text,
       CAST(sum(length(text) + 2) - 2 AS BIGINT) AS length
FROM blocks WHERE document IN (SELECT unnest($names)) AND (keep OR reason = 'duplicate document')
GROUP BY document
"""
"""What was compared of documents: their bodies, whether they are kept or not."""

_COMPARED = f"""
WITH shown AS ({BODIES})
SELECT d.id, left(d.url, 501) AS url, left(d.title, $name + 1) AS title,
       left(coalesce(s.text, d.text), $compared) AS text,
       coalesce(s.length, length(d.text), 0) AS length
FROM documents d LEFT JOIN shown s ON d.id = s.document
WHERE d.id IN (SELECT unnest($names))
"""

_PLACED = """
SELECT b.document, b."index", left(b.text, $text) AS text, length(b.text) AS length,
       b.keep, b.reason, left(d.url, 501) AS url
FROM blocks b LEFT JOIN documents d ON b.document = d.id
WHERE b.cluster IN (SELECT unnest($clusters)) AND b.document IN (SELECT unnest($names))
"""


def document_clusters(
    connection: duckdb.DuckDBPyConnection, limits: Limits
) -> tuple[DocumentCluster, ...]:
    """Take the largest clusters of documents, and compare their copies with the keeper."""
    largest, members = _largest(connection, "document", limits.document_clusters, limits.members)
    names = sorted({row["document"] for rows in members.values() for row in rows})
    found = fetch(connection, _COMPARED, names=names, compared=limits.compared, name=limits.name)
    documents = {row["id"]: row for row in found}
    clusters = []
    for row in largest:
        rows = members[row["cluster"]]
        keeper = documents.get(rows[0]["document"], {})
        copies = [
            beside_keeper(
                member, documents.get(member["document"], {}), keeper, limits.text, limits.name + 1
            )
            for member in rows
        ]
        clusters.append(DocumentCluster(row["cluster"], row["size"], tuple(copies)))
    return tuple(clusters)


def _largest(
    connection: duckdb.DuckDBPyConnection, kind: str, clusters: int, members: int
) -> tuple[list[Row], Mapping[str, list[Row]]]:
    """Find the largest clusters of a kind, and the first members of each."""
    largest = fetch(connection, _LARGEST, kind=kind, clusters=clusters)
    names = [row["cluster"] for row in largest]
    found = fetch(connection, _MEMBERS, kind=kind, names=names, members=members)
    return largest, grouped(found, "cluster")


def beside_keeper(
    member: Row, document: Row, keeper: Row, limit: int, name: int | None = None
) -> Copy:
    """Put a document of a cluster beside its keeper.

    Parameters
    ----------
    member: its row in clusters/; document, keeper: `url`, `title`, and what `compare_texts`
        takes, as far as they are at hand.
    limit: characters of its text that are shown; name: of its id, if not all.
    """
    text = document.get("text") or ""
    beside = bool(keeper.get("text") and text and not member["keeper"])
    compared = compare_texts(keeper, document, limit) if beside else None
    return Copy(
        document=member["document"][:name],
        url=document.get("url"),
        title=document.get("title"),
        keeper=member["keeper"],
        similarity=member["similarity"],
        text=excerpt(text, document.get("length"), limit),
        compared=compared,
        same=beside and compared is None,
        whole=all(len(row["text"]) >= row["length"] for row in (keeper, document) if beside),
    )


def compare_texts(keeper: Row, copy: Row, limit: int) -> Compared | None:
    """Compare two texts; None if they are the same as far as they are known, and as long.

    Parameters
    ----------
    keeper, copy: `text`, all of it or a long beginning, and `length`, characters of the whole.
    """
    ours, theirs = visible(keeper["text"]), visible(copy["text"])
    if ours == theirs and keeper["length"] == copy["length"]:
        return None
    found = compare(ours, theirs, limit=limit)
    return replace(
        found,
        keeper_more=found.keeper_more + max(0, keeper["length"] - len(keeper["text"])),
        copy_more=found.copy_more + max(0, copy["length"] - len(copy["text"])),
    )


def block_clusters(
    connection: duckdb.DuckDBPyConnection, limits: Limits
) -> tuple[BlockCluster, ...]:
    """Take the largest clusters of blocks, and where their blocks stand."""
    largest, members = _largest(connection, "block", limits.block_clusters, limits.places)
    placed = {
        (row["document"], row["index"]): row
        for row in fetch(
            connection,
            _PLACED,
            clusters=[row["cluster"] for row in largest],
            names=sorted({row["document"] for rows in members.values() for row in rows}),
            text=limits.compared,
        )
    }
    clusters = []
    for row in largest:
        blocks = [(m, placed.get((m["document"], m["block"]), {})) for m in members[row["cluster"]]]
        keeper = blocks[0][1]
        clusters.append(
            BlockCluster(
                name=row["cluster"],
                size=row["size"],
                documents=row["documents"],
                text=excerpt(keeper.get("text"), keeper.get("length"), limits.short_text),
                places=tuple(_places(blocks, limits)),
            )
        )
    return tuple(clusters)


def _places(blocks: list[tuple[Row, Row]], limits: Limits) -> list[BlockPlace]:
    """Make places of a cluster's blocks; the first that differ are shown beside the keeper."""
    places, pairs = [], 0
    keeper = blocks[0][1]
    for member, block in blocks:
        compared = None
        if pairs < limits.pairs and keeper.get("text") and block.get("text"):
            compared = compare_texts(keeper, block, limits.short_text)
            pairs += compared is not None
        places.append(block_place(member, block, compared, limits.name + 1))
    return places


def block_place(
    member: Row, block: Row, compared: Compared | None, name: int | None = None
) -> BlockPlace:
    """Make a place of its rows in clusters/ and blocks/; `name` bounds the document's id."""
    return BlockPlace(
        document=member["document"][:name],
        url=block.get("url"),
        index=member["block"],
        keeper=member["keeper"],
        similarity=member["similarity"],
        keep=block.get("keep"),
        reason=block.get("reason"),
        compared=compared,
    )
