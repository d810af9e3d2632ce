"""What a report shows of sites: what went of each, and the blocks that they repeat."""

import duckdb

from dedup.report.manifest import Removal
from dedup.report.result import Row, fetch, grouped
from dedup.report.views import Limits, Site, TemplateBlock
from dedup.report.visible import excerpt
from dedup.schema import BLOCK_OUTCOMES

_TEMPLATES = """
WITH pages AS (SELECT id, site FROM documents WHERE site IN (SELECT unnest($names))),
repeated AS (
  SELECT p.site, b.cluster, max(b.site_pages) AS pages, min((b.document, b."index")) AS place
  FROM blocks b JOIN pages p ON b.document = p.id
  WHERE b.cluster IS NOT NULL AND b.site_pages > 1
    AND b.reason IN ('boilerplate', 'repeated in site')
  GROUP BY p.site, b.cluster
  QUALIFY row_number() OVER (PARTITION BY p.site ORDER BY pages DESC, b.cluster) <= $templates)
SELECT r.site, r.pages, left(b.text, $text) AS text, length(b.text) AS length, b.reason
FROM repeated r JOIN blocks b ON (b.document, b."index") = r.place
ORDER BY r.site, r.pages DESC, r.cluster
"""

_WENT = """
SELECT d.site, coalesce(b.reason, 'kept') AS outcome,
       CAST(sum(b."end" - b.start) AS BIGINT) AS characters
FROM blocks b JOIN documents d ON b.document = d.id
WHERE d.site IN (SELECT unnest($names))
GROUP BY ALL
"""


def largest_sites(
    connection: duckdb.DuckDBPyConnection, removals: tuple[Removal, ...], limits: Limits
) -> tuple[Site, ...]:
    """Tell of the first `limits.sites` sites what went, and of the first ones what they repeat.

    Parameters
    ----------
    removals: those of all sites, the largest first.
    """
    shown = removals[: limits.sites]
    names = [removal.name for removal in shown]
    went = grouped(fetch(connection, _WENT, names=names), "site")
    found = fetch(
        connection,
        _TEMPLATES,
        names=names[: limits.site_details],
        templates=limits.templates,
        text=limits.short_text,
    )
    repeated = grouped(found, "site")
    return tuple(
        Site(
            removal=removal,
            parts=_parts(went.get(removal.name, [])),
            templates=tuple(
                TemplateBlock(
                    excerpt(row["text"], row["length"], limits.short_text),
                    row["pages"],
                    row["reason"],
                )
                for row in repeated.get(removal.name, ())
            ),
        )
        for removal in shown
    )


def _parts(rows: list[Row]) -> tuple[tuple[str, int], ...]:
    """Put the characters by outcome in the order of the pictures."""
    found = {row["outcome"]: row["characters"] for row in rows}
    return tuple((name, found[name]) for name in BLOCK_OUTCOMES if found.get(name))
