"""What a person should look at first: large losses, giant clusters, why records were rejected."""

import duckdb

from dedup.report.manifest import Counts, Manifest
from dedup.report.removal import ALARM_DOCUMENTS, is_excessive
from dedup.report.result import fetch
from dedup.report.views import Alarms, Check, GiantCluster, Limits, Loss, Tally
from dedup.report.visible import spelled, visible

GIANT_SHARE, GIANT_LEAST, GIANT_MOST = 0.05, 50, 10_000
"""A cluster is a giant from this share of the documents on that were read: from 50 documents in
a small crawl, and from 10,000 in any. What joins so many may be a template."""

REJECTED_SHARE = 0.05
"""A larger share of rejected records says that the input is not what it was taken for."""

# menus stand on every page; what is looked at of blocks is body text that goes as repetition
_LOOKED_AT = """
SELECT 'block' AS kind, cluster FROM blocks
WHERE cluster IS NOT NULL AND label = 'body' AND NOT keep AND reason <> 'duplicate document'
GROUP BY cluster HAVING count(DISTINCT document) >= $least
UNION ALL SELECT DISTINCT 'document', cluster FROM clusters WHERE kind = 'document'
"""

_GIANTS = f"""
SELECT c.kind, c.cluster AS name, count(DISTINCT c.document) FILTER (NOT c.indexed) AS documents,
       min(c.similarity) AS lowest, max(c.document) FILTER (c.keeper) AS keeper,
       max(c.block) FILTER (c.keeper) AS block, count(*) OVER () AS found
FROM clusters c
SEMI JOIN ({_LOOKED_AT}) looked ON c.kind = looked.kind AND c.cluster = looked.cluster
GROUP BY c.kind, c.cluster HAVING documents >= $least
ORDER BY documents DESC, c.kind, name LIMIT $alarms
"""

_TITLES = """
SELECT id, left(title, $name + 1) AS title FROM documents WHERE id IN (SELECT unnest($names))
"""
_TEXTS = """
SELECT document, "index", left(text, $name + 1) AS text FROM blocks
WHERE document IN (SELECT unnest($names))
"""

_REJECTIONS = """
SELECT left(reason, $text) AS name, CAST(0 AS DOUBLE) AS low, count(*) AS count
FROM rejected GROUP BY ALL ORDER BY count DESC, name LIMIT $alarms
"""


def find_alarms(
    connection: duckdb.DuckDBPyConnection, manifest: Manifest, limits: Limits
) -> Alarms:
    """Find what should be looked at first, the largest of each kind; and say what was checked."""
    losses = _losses(manifest)
    least = giant_least(manifest.counts)
    n_giants, giants = _giants(connection, least, limits)
    rejections = fetch(connection, _REJECTIONS, alarms=limits.alarms, text=limits.short_text)
    return Alarms(
        losses=tuple(losses[: limits.alarms]),
        giants=giants,
        rejected=is_much_rejected(manifest.counts),
        rejections=tuple(Tally(**row | {"name": visible(row["name"])}) for row in rejections),
        checks=tuple(_checks(manifest, least, len(losses), n_giants)),
    )


def giant_least(counts: Counts) -> int:
    """Say from how many documents on a cluster is a giant.

    Examples
    --------
    >>> [giant_least(Counts(read=n, rejected=0)) for n in (10, 20_000, 10**9)]
    [50, 1000, 10000]
    """
    share_of_all = round(GIANT_SHARE * (counts.read - counts.rejected))
    return max(GIANT_LEAST, min(share_of_all, GIANT_MOST))


def is_much_rejected(counts: Counts) -> bool:
    """Say whether so many records were rejected that it is a warning."""
    return counts.rejected > REJECTED_SHARE * counts.read


def _giants(
    connection: duckdb.DuckDBPyConnection, least: int, limits: Limits
) -> tuple[int, tuple[GiantCluster, ...]]:
    """Count the giants, and take the largest."""
    rows = fetch(connection, _GIANTS, least=least, alarms=limits.alarms)
    names = [row["keeper"] for row in rows if row["keeper"]]
    titles = fetch(connection, _TITLES, names=names, name=limits.name)
    texts = fetch(connection, _TEXTS, names=names, name=limits.name)
    labels = {(row["id"], None): row["title"] for row in titles}
    labels |= {(row["document"], row["index"]): row["text"] for row in texts}
    giants = tuple(
        GiantCluster(
            kind=row["kind"],
            name=row["name"],
            label=labels.get((row["keeper"], row["block"]))
            or (row["keeper"] or row["name"])[: limits.name + 1],
            documents=row["documents"],
            lowest=row["lowest"],
        )
        for row in rows
    )
    return (rows[0]["found"] if rows else 0), giants


def _losses(manifest: Manifest) -> list[Loss]:
    settings = manifest.settings.resolve
    allowed = {spelled(name) for name in settings.allow_removal}
    return [
        Loss(by, removal, spelled(removal.name) in allowed)
        for by, removals in (("source", manifest.sources), ("site", manifest.sites))
        for removal in removals
        if is_excessive(removal, settings)
    ]


def _checks(manifest: Manifest, least: int, losses: int, giants: int) -> list[Check]:
    """Say what was looked for, with its limits, and what was found."""
    counts, checks = manifest.counts, []
    if manifest.command == "clean":
        most = f"{100 * manifest.settings.resolve.max_removal:g} %"
        checks.append(
            Check(
                f"sources and sites of {ALARM_DOCUMENTS:,} documents or more"
                f" that lose more than {most} of them",
                _number(losses),
            )
        )
    of_blocks = ", or blocks of body text that go from as many" if counts.blocks else ""
    checks.append(
        Check(f"clusters that join {least:,} documents or more{of_blocks}", _number(giants))
    )
    rejected = f"records that could not be read, a warning beyond {100 * REJECTED_SHARE:g} %"
    of_all = f" of {counts.read:,}" if counts.rejected else ""
    checks.append(Check(rejected, _number(counts.rejected) + of_all))
    return checks


def _number(n: int) -> str:
    return f"{n:,}" if n else "none"
