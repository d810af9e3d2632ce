"""What a person should look at first: large losses, giant clusters, why records were rejected."""

import duckdb

from dedup.report.manifest import Manifest
from dedup.report.removal import is_excessive
from dedup.report.result import fetch
from dedup.report.views import Alarms, GiantCluster, Limits, Loss, Tally
from dedup.report.visible import spelled, visible

GIANT_SHARE, GIANT_DOCUMENTS = 0.05, 50
"""A cluster of so many documents that is so large a share of all is looked at: what joins them
may be a template."""

_GIANTS = """
SELECT c.cluster AS name, count(*) AS size, min(c.similarity) AS lowest,
       max(c.document) FILTER (c.keeper) AS keeper, left(max(d.title), $name + 1) AS title
FROM clusters c LEFT JOIN documents d ON c.document = d.id AND c.keeper
WHERE c.kind = 'document'
GROUP BY c.cluster HAVING count(*) >= $least
ORDER BY size DESC, name LIMIT $alarms
"""

_REJECTIONS = """
SELECT left(reason, $text) AS name, CAST(0 AS DOUBLE) AS low, count(*) AS count
FROM rejected GROUP BY ALL ORDER BY count DESC, name LIMIT $alarms
"""


def find_alarms(
    connection: duckdb.DuckDBPyConnection, manifest: Manifest, limits: Limits
) -> Alarms:
    """Find what should be looked at first, the largest of each kind."""
    least = max(GIANT_DOCUMENTS, round(GIANT_SHARE * manifest.counts.read))
    giants = fetch(connection, _GIANTS, least=least, alarms=limits.alarms, name=limits.name)
    rejections = fetch(connection, _REJECTIONS, alarms=limits.alarms, text=limits.short_text)
    return Alarms(
        losses=tuple(_losses(manifest)[: limits.alarms]),
        giants=tuple(
            GiantCluster(**row | {"keeper": (row["keeper"] or "")[: limits.name + 1]})
            for row in giants
        ),
        rejections=tuple(Tally(**row | {"name": visible(row["name"])}) for row in rejections),
    )


def _losses(manifest: Manifest) -> list[Loss]:
    settings = manifest.settings.resolve
    allowed = {spelled(name) for name in settings.allow_removal}
    return [
        Loss(by, removal, spelled(removal.name) in allowed)
        for by, removals in (("source", manifest.sources), ("site", manifest.sites))
        for removal in removals
        if is_excessive(removal, settings)
    ]
