"""Clusters: a list of them, and one with its members beside the keeper."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from dedup.explore import asked
from dedup.explore.counted import Counting
from dedup.explore.documents import NotFound, name_documents
from dedup.explore.hits import has
from dedup.explore.listing import Listing, listed
from dedup.explore.scan import Bounds, scan
from dedup.explore.tables import Result
from dedup.report import views
from dedup.report.clusters import BODIES, beside_keeper, block_place, compare_texts
from dedup.report.result import Row, fetch
from dedup.report.visible import Excerpt, excerpt

Key = tuple[str, int | None]

LISTED = 30
MEMBERS = {"document": 8, "block": 25}
"""Members that one page shows beside the keeper."""

TEXT = {"document": 3_000, "block": 1_200}
"""Characters of a member's text that are shown."""

READ = views.Limits().compared

LABEL = 200

_SIZES = "kind, name, size, documents, lowest, keeper, block"

_FILTER = """
size >= $size AND lowest >= $similarity AND ($kind = '' OR kind = $kind)
"""

_LARGEST = f"""
SELECT rowid AS rank, {_SIZES} FROM cluster_sizes WHERE rowid >= $start AND {_FILTER}
ORDER BY rowid LIMIT $limit
"""

_FOUND = """
SELECT min(r.position) AS position, s.* FROM {{rows}} r
JOIN cluster_sizes s ON s.kind = '{kind}' AND r.cluster = s.name
WHERE {condition} AND size >= $size AND lowest >= $similarity GROUP BY ALL
"""

_LABELS = f"""
SELECT document, "index", left(text, {LABEL}) AS text, length(text) AS length FROM blocks
WHERE document IN (SELECT unnest($names))
"""

_COUNTED = """
SELECT size, documents, lowest FROM cluster_sizes WHERE kind = $kind AND name = $name
"""

# the same, while clusters are being counted: the members lie together
_HEAD = """
SELECT count(*) AS size, count(DISTINCT document) AS documents, min(similarity) AS lowest
FROM clusters WHERE kind = $kind AND cluster = $name
"""

_MEMBER = "document, block, keeper, similarity"

_KEEPER = f"""
SELECT {_MEMBER} FROM clusters WHERE kind = $kind AND cluster = $name ORDER BY keeper DESC LIMIT 1
"""

_MEMBERS = f"""
SELECT {_MEMBER} FROM clusters
WHERE kind = $kind AND cluster = $name AND NOT keeper AND {{after}}
ORDER BY {{order}} LIMIT $limit
"""

_ORDERS = {
    "similarity": "similarity, document, coalesce(block, -1)",
    "document": "document, coalesce(block, -1)",
}

# by the values of the last member: nothing before it is sorted again
_AFTER_PLACE = """
(document > $document OR (document = $document AND coalesce(block, -1) > $block))
"""
_AFTER = {
    "similarity": f"(similarity > $low OR (similarity = $low AND {_AFTER_PLACE}))",
    "document": _AFTER_PLACE,
}

_PLACES = """
SELECT document, "index", left(text, $text) AS text, length(text) AS length, keep, reason
FROM blocks WHERE document IN (SELECT unnest($names)) AND cluster = $name
"""


@dataclass(frozen=True)
class Sized:
    """A cluster in a list; its label is the keeper's title or text, as far as it is at hand."""

    kind: str
    name: str
    size: int
    documents: int
    lowest: float
    label: Excerpt
    url: str | None


@dataclass(frozen=True)
class Member:
    """A document of a cluster; `known` is False where only an index has it."""

    copy: views.Copy
    id: str
    known: bool


@dataclass(frozen=True)
class Place:
    """A block of a cluster, with its text beside the keeper's."""

    place: views.BlockPlace
    id: str
    title: str | None
    known: bool


@dataclass(frozen=True)
class Shown:
    """One cluster, its keeper first, and some of its members.

    `members` are of a cluster of documents, `places` of one of blocks; `text` is that of the
    keeper of blocks. `following` is the `after` of the next ones.
    """

    kind: str
    name: str
    size: int
    documents: int
    lowest: float
    text: Excerpt
    members: tuple[Member, ...]
    places: tuple[Place, ...]
    following: str | None


def find_clusters(
    cursor: duckdb.DuckDBPyConnection, result: Result, counting: Counting, request: asked.Clusters
) -> Listing[Sized]:
    """List clusters, the largest first; a search gives them in the order of what it finds.

    A search looks at blocks for clusters of blocks, else at ids, addresses, titles and clean
    texts of documents. A cluster may be found again on a later page, by another member.

    Raises
    ------
    NotCounted: clusters are still being counted.
    """
    counting.need("cluster_sizes")
    values: dict[str, Any] = {"size": request.size, "similarity": request.similarity}
    if not request.q:
        values |= {"kind": request.kind, "start": request.start, "limit": LISTED + 1}
        rows = fetch(cursor, _LARGEST, **values)
        more = rows[LISTED]["rank"] if len(rows) > LISTED else None
        return Listing(_sized(cursor, rows[:LISTED]), more)
    kind, table, condition = _searched(result, request.kind)
    sql = _FOUND.format(kind=kind, condition=condition)
    bounds = Bounds(request.start, LISTED, request.seconds)
    found = scan(cursor, result.tables[table], sql, {**values, "q": request.q}, bounds)
    rows = list({row["name"]: row for row in reversed(found.rows)}.values())[::-1]
    return listed(_sized(cursor, rows), found)


def _searched(result: Result, kind: str) -> tuple[str, str, str]:
    """Choose kind, table and condition of a search; of `find` there are clusters alone."""
    kind = kind or "document"
    table = {"document": "documents", "block": "blocks"}[kind]
    if not result.tables[table].rows:
        return kind, "clusters", f"r.kind = '{kind}' AND {has('r.document')}"
    if kind == "block":
        return kind, table, f"r.cluster IS NOT NULL AND {has('r.text')}"
    return kind, table, f"r.cluster IS NOT NULL AND {has('r.id', 'r.url', 'r.title', 'r.text')}"


def _sized(cursor: duckdb.DuckDBPyConnection, rows: list[Row]) -> tuple[Sized, ...]:
    named = name_documents(cursor, [row["keeper"] for row in rows if row["keeper"]])
    names = sorted({row["keeper"] for row in rows if row["kind"] == "block" and row["keeper"]})
    texts = {(r["document"], r["index"]): r for r in fetch(cursor, _LABELS, names=names)}
    made = []
    for row in rows:
        keeper = named.get(row["keeper"], {})
        block = texts.get((row["keeper"], row["block"]), {})
        said = keeper.get("title") if row["kind"] == "document" else block.get("text")
        length = block.get("length") if row["kind"] == "block" else None
        made.append(
            Sized(
                kind=row["kind"],
                name=row["name"],
                size=row["size"],
                documents=row["documents"],
                lowest=row["lowest"],
                label=excerpt(said or row["keeper"] or row["name"], length, LABEL),
                url=keeper.get("url"),
            )
        )
    return tuple(made)


def show_cluster(
    cursor: duckdb.DuckDBPyConnection, counting: Counting, request: asked.Cluster
) -> Shown:
    """Show one cluster: its keeper, and others of its members.

    Raises
    ------
    NotFound: no cluster has this kind and name.
    BadRequest: `after` names no member.
    """
    last = asked.read_member(request.after) if request.after else None
    whole = {"kind": request.kind, "name": request.name}
    counted = counting.done["cluster_sizes"].is_set()
    head = next(iter(fetch(cursor, _COUNTED if counted else _HEAD, **whole)), {"size": 0})
    if not head["size"]:
        raise NotFound(f"no cluster of {request.kind}s has the name {request.name[:200]}")
    limit = MEMBERS[request.kind]
    rows = _page(cursor, request, last, limit + 1)
    following = str(_last(rows[limit - 1])) if len(rows) > limit else None
    rows = fetch(cursor, _KEEPER, **whole) + rows[:limit]
    texts = _texts(cursor, request, sorted({row["document"] for row in rows}))
    keeper = texts.get((rows[0]["document"], rows[0]["block"]), {})
    is_block = request.kind == "block"
    return Shown(
        kind=request.kind,
        name=request.name,
        **head,
        text=excerpt(keeper.get("text"), keeper.get("length"), TEXT["block"]),
        members=() if is_block else tuple(_member(row, texts, keeper) for row in rows),
        places=tuple(_place(row, texts, keeper) for row in rows) if is_block else (),
        following=following,
    )


def _page(
    cursor: duckdb.DuckDBPyConnection,
    request: asked.Cluster,
    last: asked.Member | None,
    limit: int,
) -> list[Row]:
    """Give the next members in their order."""
    values: dict[str, object] = {"kind": request.kind, "name": request.name, "limit": limit}
    after = "true"
    if last is not None:
        after = _AFTER[request.order]
        values |= {"document": last.document, "block": last.block}
        values |= {"low": last.similarity} if request.order == "similarity" else {}
    return fetch(cursor, _MEMBERS.format(order=_ORDERS[request.order], after=after), **values)


def _last(row: Row) -> asked.Member:
    block = -1 if row["block"] is None else row["block"]
    return asked.Member(row["similarity"], block, row["document"])


def _texts(
    cursor: duckdb.DuckDBPyConnection, request: asked.Cluster, names: list[str]
) -> dict[Key, Row]:
    """Give what is known of members by document and block: names, and the texts compared."""
    named = name_documents(cursor, names)
    if request.kind == "document":
        bodies = fetch(cursor, BODIES, names=names, compared=READ)
        found = {(row["document"], None): row for row in bodies}
        unknown = {"text": None, "length": None}
        return {(name, None): found.get((name, None), unknown) | row for name, row in named.items()}
    rows = fetch(cursor, _PLACES, names=names, text=READ, name=request.name)
    return {(r["document"], r["index"]): r | named.get(r["document"], {}) for r in rows}


def _member(row: Row, texts: Mapping[Key, Row], keeper: Row) -> Member:
    text = texts.get((row["document"], None), {})
    return Member(beside_keeper(row, text, keeper, TEXT["document"]), row["document"], bool(text))


def _place(row: Row, texts: Mapping[Key, Row], keeper: Row) -> Place:
    text = texts.get((row["document"], row["block"]), {})
    beside = keeper.get("text") and text.get("text") and not row["keeper"]
    compared = compare_texts(keeper, text, TEXT["block"]) if beside else None
    place = block_place(row, text, compared)
    return Place(place, row["document"], text.get("title"), bool(text))
