"""Sites: a list of them, and one with the blocks that it repeats."""

from dataclasses import dataclass

import duckdb

from dedup.explore import asked
from dedup.explore.counted import Counting
from dedup.explore.documents import NotFound
from dedup.explore.hits import has
from dedup.explore.listing import Listing, paged
from dedup.report import views
from dedup.report.manifest import Removal
from dedup.report.result import Row, fetch
from dedup.report.visible import excerpt
from dedup.schema import BLOCK_OUTCOMES

LISTED = 50
TEXT = 600

ORDERS = {
    "pages": "documents DESC, name",
    "kept": "documents_kept DESC, name",
    "removed": "removed DESC, documents DESC, name",
    "name": "name",
}

_LIST = """
SELECT * FROM sites WHERE {condition} ORDER BY {order} LIMIT $limit OFFSET $start
"""

_TEMPLATES = f"""
WITH shown AS (SELECT * FROM templates WHERE site = $site),
blocks_there AS (
  SELECT document, "index", left(text, {TEXT}) AS text, length(text) AS length, reason
  FROM blocks WHERE document IN (SELECT place[1] FROM shown))
SELECT s.cluster, s.pages, b.text, b.length, b.reason, b.document, b."index"
FROM shown s JOIN blocks_there b ON b.document = s.place[1] AND b."index" = s.place[2]
ORDER BY s.pages DESC, s.cluster
"""


@dataclass(frozen=True)
class Template:
    """A block that a site repeats: its cluster, and its first place."""

    block: views.TemplateBlock
    cluster: str
    document: str
    index: int


@dataclass(frozen=True)
class Shown:
    """One site; `templates` is None while they are being counted."""

    site: views.Site
    templates: tuple[Template, ...] | None


def find_sites(
    cursor: duckdb.DuckDBPyConnection, counting: Counting, request: asked.Sites
) -> Listing[views.Site]:
    """List sites by one of ORDERS.

    Raises
    ------
    NotCounted: sites are still being counted.
    """
    counting.need("sites")
    sql = _LIST.format(condition=has("name") if request.q else "true", order=ORDERS[request.order])
    values: dict[str, object] = {"limit": LISTED + 1, "start": request.start}
    values |= {"q": request.q} if request.q else {}
    rows, following = paged(fetch(cursor, sql, **values), request.start, LISTED)
    return Listing(tuple(_site(row) for row in rows), following)


def show_site(cursor: duckdb.DuckDBPyConnection, counting: Counting, request: asked.Site) -> Shown:
    """Show one site.

    Raises
    ------
    NotFound: no document is of this site.
    NotCounted: sites are still being counted.
    """
    counting.need("sites")
    found = fetch(cursor, "SELECT * FROM sites WHERE name = $name", name=request.name)
    if not found:
        raise NotFound(f"no document of this result is of the site {request.name[:200]}")
    templates = None
    if counting.done["templates"].is_set():
        rows = fetch(cursor, _TEMPLATES, site=request.name)
        templates = tuple(_template(row) for row in rows)
    return Shown(_site(found[0]), templates)


def _site(row: Row) -> views.Site:
    columns = ("name", "documents", "documents_kept", "characters", "characters_kept")
    parts = [(name, row[f"n{i}"]) for i, name in enumerate(BLOCK_OUTCOMES)]
    return views.Site(
        removal=Removal(**{name: row[name] for name in columns}),
        parts=tuple((name, n) for name, n in parts if n),
        templates=(),
    )


def _template(row: Row) -> Template:
    text = excerpt(row["text"], row["length"], TEXT)
    block = views.TemplateBlock(text, row["pages"], row["reason"])
    return Template(block, row["cluster"], row["document"], row["index"])
