"""Ask a result why a document, block, cluster or passage became what it did."""

from dataclasses import replace
from pathlib import Path

import duckdb

from dedup.report.asked import ask_results, first_row
from dedup.report.explanation import (
    Block,
    Bounds,
    Cluster,
    Copy,
    Explanation,
    Member,
    Passages,
    Record,
    Rejected,
)
from dedup.report.manifest import Manifest, read_manifest
from dedup.report.named import Named, find_named
from dedup.report.result import Row, fetch
from dedup.report.verdicts import notes, verdict

_RECORD = """
SELECT id, left(url, $address) AS url, left(title, $address) AS title, source, "offset", site,
       date, n_characters, keep, reason, keeper, similarity, cluster
FROM documents WHERE id = $id
"""

_BLOCKS = """
SELECT "index", start, "end", left(text, $text) AS text, length(text) AS length, label,
       probability, why, keep, reason, cluster, site_pages, crawl_pages
FROM blocks WHERE document = $id {which} ORDER BY "index" LIMIT {limit}
"""

_OUTCOMES = """
SELECT coalesce(reason, 'kept') AS outcome, count(*) AS n FROM blocks WHERE document = $id
GROUP BY 1 ORDER BY outcome != 'kept', n DESC, outcome
"""

_SIZE = """
SELECT any_value(kind) AS kind, count(*) AS size, count(DISTINCT document) AS documents
FROM clusters WHERE cluster = $cluster AND kind = $kind
"""

_MEMBERS = """
SELECT document, block, keeper, similarity, containment, indexed FROM clusters
WHERE cluster = $cluster AND kind = $kind {which}
ORDER BY keeper DESC, document, block LIMIT {limit}
"""

_OWN_CLUSTER = """
SELECT cluster FROM clusters
WHERE kind = $kind AND document = $id AND block IS NOT DISTINCT FROM $block LIMIT 1
"""

_URLS = """
SELECT id, left(url, $address) AS url FROM documents WHERE id IN (SELECT unnest($ids))
"""

_COPIES = """
SELECT passage, kind, document, start, "end", first_block, last_block, n_words, keep, similarity
FROM passages WHERE {which} ORDER BY kind, passage, keep DESC, document, start LIMIT {limit}
"""


def explain(folder: Path, name: str, bounds: Bounds | None = None) -> Explanation:
    """Tell why what has this name was kept or removed.

    Parameters
    ----------
    folder: a result of `dedup clean` or `dedup find`.
    name: an id, a block's place "ID#INDEX", a passage's "ID@START-END", a cluster's name, or the
        url or source of a single document.

    Raises
    ------
    BadInput: the folder is no result of this version, or nothing in it has this name.
    """
    manifest, bounds = read_manifest(folder), bounds or Bounds()
    # a name that is no UTF-8 is written so in a result
    name = name.encode("utf-8", "backslashreplace").decode()
    with ask_results({"": folder}) as connection:
        named = find_named(connection, folder, name)
        if named.sort == "rejected":
            found = _rejected(connection, named, manifest)
        elif named.sort == "passage":
            found = _passage(connection, named, manifest, bounds)
        elif named.sort == "cluster":
            found = _cluster_alone(connection, named, manifest, bounds)
        elif named.sort == "block":
            found = _block(connection, named, manifest, bounds)
        else:
            found = _document(connection, named, manifest, bounds)
    return replace(found, verdict=verdict(found, manifest), notes=notes(found, manifest))


def _start(named: Named, manifest: Manifest) -> Explanation:
    place = named.name if named.index is None else f"{named.name}#{named.index}"
    return Explanation(named.sort, place, manifest.command, verdict="")


def _document(
    connection: duckdb.DuckDBPyConnection, named: Named, manifest: Manifest, bounds: Bounds
) -> Explanation:
    page, name = _record(connection, named.name, bounds)
    if name is None and (page.source is None or page.indexed):
        name = _own_cluster(connection, "document", named)
    cluster = name and _cluster(connection, manifest, bounds, ("document", name), named)
    if page.source is None and cluster and cluster.own:
        page = replace(page, indexed=cluster.own.indexed)
    outcomes = fetch(connection, _OUTCOMES, id=named.name)
    limit = "ALL" if bounds.blocks is None else bounds.blocks
    listed = fetch(
        connection, _BLOCKS.format(which="", limit=limit), id=named.name, text=bounds.text
    )
    return replace(
        _start(named, manifest),
        page=page,
        cluster=cluster or None,
        outcomes={row["outcome"]: row["n"] for row in outcomes},
        blocks=tuple(Block(**row) for row in listed),
        n_clustered_blocks=_clustered_blocks(connection, named, manifest),
        passages=_passages(connection, "document = $name", named.name, bounds),
    )


def _block(
    connection: duckdb.DuckDBPyConnection, named: Named, manifest: Manifest, bounds: Bounds
) -> Explanation:
    page, _ = _record(connection, named.name, bounds)
    row = first_row(
        connection,
        _BLOCKS.format(which='AND "index" = $index', limit=1),
        id=named.name,
        index=named.index,
        text=10 * bounds.text,
    )
    block = None if row is None else Block(**row)
    name = block.cluster if block else _own_cluster(connection, "block", named)
    cluster = name and _cluster(connection, manifest, bounds, ("block", name), named)
    return replace(_start(named, manifest), page=page, block=block, cluster=cluster or None)


def _cluster_alone(
    connection: duckdb.DuckDBPyConnection, named: Named, manifest: Manifest, bounds: Bounds
) -> Explanation:
    row = first_row(
        connection, "SELECT kind FROM clusters WHERE cluster = $name LIMIT 1", name=named.name
    )
    kind = row["kind"] if row else "document"
    cluster = _cluster(connection, manifest, bounds, (kind, named.name), None)
    return replace(_start(named, manifest), cluster=cluster)


def _passage(
    connection: duckdb.DuckDBPyConnection, named: Named, manifest: Manifest, bounds: Bounds
) -> Explanation:
    passages = _passages(connection, "passage = $name", named.name, bounds)
    row = first_row(
        connection,
        "SELECT excerpt FROM passages WHERE passage = $name AND keep LIMIT 1",
        name=named.name,
    )
    told = passages and replace(passages, excerpt=row["excerpt"] if row else None)
    return replace(_start(named, manifest), passages=told)


def _rejected(
    connection: duckdb.DuckDBPyConnection, named: Named, manifest: Manifest
) -> Explanation:
    row = first_row(
        connection,
        """SELECT source, "offset", url, reason FROM rejected
        WHERE url = $name OR source = $name ORDER BY source, "offset", reason LIMIT 1""",
        name=named.name,
    )
    return replace(_start(named, manifest), rejected=None if row is None else Rejected(**row))


def _record(
    connection: duckdb.DuckDBPyConnection, id_: str, bounds: Bounds
) -> tuple[Record, str | None]:
    """Give a document, and the name of its cluster."""
    row = first_row(connection, _RECORD, id=id_, address=bounds.address)
    if row is None:
        return Record(id_), None
    return Record(**{name: row[name] for name in row if name != "cluster"}), row["cluster"]


def _own_cluster(connection: duckdb.DuckDBPyConnection, kind: str, named: Named) -> str | None:
    """Look in the column of members, by which no table is sorted."""
    row = first_row(connection, _OWN_CLUSTER, kind=kind, id=named.name, block=named.index)
    return row["cluster"] if row else None


def _cluster(
    connection: duckdb.DuckDBPyConnection,
    manifest: Manifest,
    bounds: Bounds,
    which: tuple[str, str],
    named: Named | None,
) -> Cluster:
    kind, name = which
    size = first_row(connection, _SIZE, cluster=name, kind=kind) or {"size": 0, "documents": 0}
    limit = "ALL" if bounds.places is None else bounds.places
    of: Row = {"cluster": name, "kind": kind}
    own, others = None, ""
    if named is not None:
        this = "document = $id AND block IS NOT DISTINCT FROM $block"
        of = of | {"id": named.name, "block": named.index}
        own = first_row(connection, _MEMBERS.format(which=f"AND {this}", limit=1), **of)
        others = f"AND NOT ({this})"
    members = fetch(connection, _MEMBERS.format(which=others, limit=limit), **of)
    ids = sorted({row["document"] for row in [*members, *([own] if own else [])]})
    found = fetch(connection, _URLS, ids=ids, address=bounds.address)
    urls = {row["id"]: row["url"] for row in found}
    settings = manifest.settings.documents if kind == "document" else manifest.settings.blocks
    return Cluster(
        name=name,
        kind=kind,
        size=size["size"],
        documents=size["documents"],
        threshold=settings.threshold,
        enough_contained=settings.containment,
        own=_told(own, urls) if own else None,
        members=tuple(_told(row, urls) for row in members),
    )


def _told(row: Row, urls: dict[str, str | None]) -> Member:
    return Member(url=urls.get(row["document"]), **row)


def _clustered_blocks(
    connection: duckdb.DuckDBPyConnection, named: Named, manifest: Manifest
) -> int:
    """Count the blocks that stand elsewhere, where only clusters/ knows of blocks."""
    if manifest.command == "clean":
        return 0
    row = first_row(
        connection,
        "SELECT count(*) AS n FROM clusters WHERE kind = 'block' AND document = $id",
        id=named.name,
    )
    return row["n"] if row else 0


def _passages(
    connection: duckdb.DuckDBPyConnection, which: str, name: str, bounds: Bounds
) -> Passages | None:
    counted = first_row(connection, f"SELECT count(*) AS n FROM passages WHERE {which}", name=name)
    n = counted["n"] if counted else 0
    if not n:
        return None
    limit = "ALL" if bounds.places is None else bounds.places
    found = fetch(connection, _COPIES.format(which=which, limit=limit), name=name)
    return Passages(n, tuple(Copy(**row) for row in found))
