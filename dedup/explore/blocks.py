"""Blocks, searched through the whole result."""

from dataclasses import dataclass

import duckdb

from dedup.explore import asked
from dedup.explore.documents import name_documents
from dedup.explore.hits import Shown, around, has, shown
from dedup.explore.listing import Listing, listed
from dedup.explore.scan import Bounds, scan
from dedup.explore.tables import Result

LISTED = 50


@dataclass(frozen=True)
class FoundBlock:
    """A block and where it stands."""

    document: str
    url: str | None
    title: str | None
    index: int
    text: Shown
    probability: float
    why: str | None
    reason: str | None
    cluster: str | None
    site_pages: int
    crawl_pages: int


def find_blocks(
    cursor: duckdb.DuckDBPyConnection, result: Result, request: asked.Blocks
) -> Listing[FoundBlock]:
    """Find blocks by what stands in them and by what became of them."""
    conditions, values = ["true"], {}
    if request.q:
        conditions.append(has("text"))
        values["q"] = request.q
    if request.outcome:
        conditions.append("coalesce(reason, 'kept') = $outcome")
        values["outcome"] = request.outcome
    sql = f"""
    SELECT position, document, "index", {around("text", request.q)}, probability, why, reason,
           cluster, site_pages, crawl_pages
    FROM {{rows}} WHERE {" AND ".join(conditions)}"""
    bounds = Bounds(request.start, LISTED, request.seconds)
    found = scan(cursor, result.tables["blocks"], sql, values, bounds)
    named = name_documents(cursor, [row["document"] for row in found.rows])
    rows = tuple(
        FoundBlock(
            document=row["document"],
            url=named.get(row["document"], {}).get("url"),
            title=named.get(row["document"], {}).get("title"),
            index=row["index"],
            text=shown(row["text"], row["begin"], row["length"], request.q),
            probability=row["probability"],
            why=row["why"],
            reason=row["reason"],
            cluster=row["cluster"],
            site_pages=row["site_pages"],
            crawl_pages=row["crawl_pages"],
        )
        for row in found.rows
    )
    return listed(rows, found)
