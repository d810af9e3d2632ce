"""Repeated passages: a list of them, and one with its places."""

from dataclasses import dataclass

import duckdb

from dedup.explore import asked
from dedup.explore.counted import Counting
from dedup.explore.documents import NotFound, name_documents
from dedup.explore.hits import has
from dedup.explore.listing import Listing, paged
from dedup.report.result import Row, fetch
from dedup.report.views import Passage, PassagePlace
from dedup.report.visible import excerpt
from dedup.schema import EXCERPT_CHARACTERS

LISTED = 30
PLACES = 50

_LARGEST = """
SELECT rowid AS rank, * FROM passage_sizes
WHERE rowid >= $start AND ($kind = '' OR kind = $kind) AND {condition}
ORDER BY rowid LIMIT $limit
"""

# counted anew for one passage: its rows lie together
_HEAD = """
SELECT count(*) AS size, count(DISTINCT document) AS documents,
       any_value(n_words) FILTER (keep) AS n_words, any_value(excerpt) FILTER (keep) AS excerpt,
       any_value("end" - start) FILTER (keep) AS length
FROM passages WHERE kind = $kind AND passage = $name
"""

_PLACES = """
SELECT document, start, "end", keep, similarity, first_block FROM passages
WHERE kind = $kind AND passage = $name
ORDER BY keep DESC, similarity, document, start LIMIT $limit OFFSET $start
"""


@dataclass(frozen=True)
class Place:
    """Where a passage stands; `known` if the result has the document itself."""

    place: PassagePlace
    url: str | None
    title: str | None
    first_block: int | None
    known: bool


@dataclass(frozen=True)
class Shown:
    """One passage and some of its places."""

    passage: Passage
    places: tuple[Place, ...]
    following: int | None


def find_passages(
    cursor: duckdb.DuckDBPyConnection, counting: Counting, request: asked.Passages
) -> Listing[Passage]:
    """List passages, those first whose copies hold the most words; searches their excerpts.

    Raises
    ------
    NotCounted: passages are still being counted.
    """
    counting.need("passage_sizes")
    values: dict[str, object] = {
        "kind": request.kind,
        "start": request.start,
        "limit": LISTED + 1,
    }
    values |= {"q": request.q} if request.q else {}
    condition = has("excerpt", "name") if request.q else "true"
    rows = fetch(cursor, _LARGEST.format(condition=condition), **values)
    following = rows[LISTED]["rank"] if len(rows) > LISTED else None
    return Listing(tuple(_passage(row) for row in rows[:LISTED]), following)


def _passage(row: Row) -> Passage:
    return Passage(
        name=row["name"],
        kind=row["kind"],
        n_words=row["n_words"] or 0,
        size=row["size"],
        documents=row["documents"],
        text=excerpt(row["excerpt"], row["length"], EXCERPT_CHARACTERS),
        places=(),
    )


def show_passage(cursor: duckdb.DuckDBPyConnection, request: asked.Passage) -> Shown:
    """Show one passage and PLACES of its places.

    Raises
    ------
    NotFound: no passage has this kind and name.
    """
    whole = {"kind": request.kind, "name": request.name}
    (head,) = fetch(cursor, _HEAD, **whole)
    if not head["size"]:
        raise NotFound(f"no passage has the name {request.name[:200]}")
    values = {**whole, "limit": PLACES + 1, "start": request.start}
    rows, following = paged(fetch(cursor, _PLACES, **values), request.start, PLACES)
    named = name_documents(cursor, [row["document"] for row in rows])
    places = tuple(_place(row, named.get(row["document"], {})) for row in rows)
    return Shown(_passage({**head, **whole}), places, following)


def _place(row: Row, document: Row) -> Place:
    place = PassagePlace(row["document"], row["start"], row["end"], row["keep"], row["similarity"])
    return Place(
        place, document.get("url"), document.get("title"), row["first_block"], bool(document)
    )
