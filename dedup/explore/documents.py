"""Documents: a list of them, and one with its blocks."""

from dataclasses import dataclass
from datetime import datetime

import duckdb

from dedup.explore import asked
from dedup.explore.hits import Shown, around, has, marked, shown
from dedup.explore.listing import Listing, listed
from dedup.explore.scan import Bounds, scan
from dedup.explore.tables import Result
from dedup.report.differences import Run
from dedup.report.result import Row, fetch
from dedup.report.samples import page_block
from dedup.report.views import PageBlock
from dedup.report.visible import visible

LISTED = 50
BLOCKS = 100
"""Blocks of a document that one page shows."""

BLOCK_TEXT = 4_000
"""Characters of a block that are shown."""

NAME = 300

_COLUMNS = f"""
position, id, left(url, 501) AS url, left(title, {NAME}) AS title, site, reason, cluster,
similarity, n_characters
"""

_ONE = f"""
SELECT id, source, "offset", left(url, 501) AS url, left(title, {NAME}) AS title, site, date,
       keep, reason, cluster, keeper, similarity, n_characters
FROM documents WHERE id = $id LIMIT 1
"""

_COUNTED = """
SELECT count(*) AS n_blocks, count(*) FILTER (keep) AS n_kept FROM blocks WHERE document = $id
"""

_BLOCKS = f"""
SELECT "index", start, "end", left(text, {BLOCK_TEXT}) AS text, length(text) AS length,
       probability, why, keep, reason, cluster, site_pages, crawl_pages
FROM blocks WHERE document = $id AND "index" >= $start ORDER BY "index" LIMIT {BLOCKS}
"""

_NAMED = f"""
SELECT id, left(url, 501) AS url, left(title, {NAME}) AS title FROM documents
WHERE id IN (SELECT unnest($names))
"""


class NotFound(Exception):
    """Nothing of this name is in the result; the message says what."""


@dataclass(frozen=True)
class Listed:
    """A document in a list. `runs` are its title, or its id where it has none."""

    id: str
    url: str | None
    runs: tuple[Run, ...]
    site: str
    reason: str | None
    cluster: str | None
    similarity: float | None
    n_characters: int
    # where its text was searched
    text: Shown | None


@dataclass(frozen=True)
class PlacedBlock:
    """A block with its verdict, its cluster, and on how many pages it stands."""

    block: PageBlock
    cluster: str | None
    site_pages: int
    crawl_pages: int


@dataclass(frozen=True)
class Page:
    """A document with some of its blocks; `following` is the index of the next ones."""

    id: str
    source: str
    offset: int
    url: str | None
    title: str | None
    site: str
    date: datetime | None
    reason: str | None
    cluster: str | None
    keeper: str | None
    similarity: float | None
    n_characters: int
    n_blocks: int
    n_kept: int
    blocks: tuple[PlacedBlock, ...]
    following: int | None


def find_documents(
    cursor: duckdb.DuckDBPyConnection, result: Result, request: asked.Documents
) -> Listing[Listed]:
    """List documents in the order of their ids.

    The name is id, address and title; the text is the clean text of those that are kept.
    """
    conditions, values = ["true"], {}
    columns = _COLUMNS
    if request.q:
        in_text = request.where == "text"
        conditions.append(has("text") if in_text else has("id", "url", "title"))
        values["q"] = request.q
        columns += f", {around('text', request.q)}" if in_text else ""
    if request.outcome:
        conditions.append("coalesce(reason, 'kept') = $outcome")
        values["outcome"] = request.outcome
    if request.site:
        conditions.append("site = $site")
        values["site"] = request.site
    sql = f"SELECT {columns} FROM {{rows}} WHERE {' AND '.join(conditions)}"
    bounds = Bounds(request.start, LISTED, request.seconds)
    found = scan(cursor, result.tables["documents"], sql, values, bounds)
    return listed(tuple(_listed(row, request.q) for row in found.rows), found)


def _listed(row: Row, q: str) -> Listed:
    return Listed(
        id=row["id"],
        url=row["url"],
        runs=marked(visible(row["title"] or row["id"][:NAME]), q),
        site=row["site"],
        reason=row["reason"],
        cluster=row["cluster"],
        similarity=row["similarity"],
        n_characters=row["n_characters"],
        text=shown(row["text"], row["begin"], row["length"], q) if "text" in row else None,
    )


def show_document(cursor: duckdb.DuckDBPyConnection, request: asked.Document) -> Page:
    """Show one document and BLOCKS of its blocks.

    Raises
    ------
    NotFound: no document has this id.
    """
    found = fetch(cursor, _ONE, id=request.id)
    if not found:
        raise NotFound(f"no document of this result has the id {request.id[:200]}")
    (row,) = found
    (counted,) = fetch(cursor, _COUNTED, id=request.id)
    blocks = tuple(
        _placed(block) for block in fetch(cursor, _BLOCKS, id=request.id, start=request.start)
    )
    last = blocks[-1].block.index + 1 if blocks else 0
    del row["keep"]
    following = last if blocks and last < counted["n_blocks"] else None
    return Page(**row, **counted, blocks=blocks, following=following)


def _placed(row: Row) -> PlacedBlock:
    block = page_block(row, BLOCK_TEXT)
    return PlacedBlock(block, row["cluster"], row["site_pages"], row["crawl_pages"])


def name_documents(cursor: duckdb.DuckDBPyConnection, names: list[str]) -> dict[str, Row]:
    """Give address and title of documents by their ids; those in an index are not there."""
    return {row["id"]: row for row in fetch(cursor, _NAMED, names=sorted(set(names)))}
