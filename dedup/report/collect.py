"""What a report shows of a result, asked of its tables; the same questions, the same answers.

Every query is bounded and has a total order, so that a report that is built again is the
same, and its cost depends on the number of rows, not on their texts.
"""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from dedup.report.differences import Run, mark_differences
from dedup.report.manifest import Manifest, read_manifest
from dedup.report.repeated import largest_passages
from dedup.report.result import open_result
from dedup.report.views import (
    BlockCluster,
    BlockPlace,
    Copy,
    DocumentCluster,
    Limits,
    PageBlock,
    PageSample,
    RejectedRecord,
    ReportData,
    Site,
    TemplateBlock,
)
from dedup.report.visible import Excerpt, excerpt, visible
from dedup.schema import BLOCK_REASONS

Row = dict[str, Any]

_LARGEST = """
SELECT cluster, count(*) AS size, count(DISTINCT document) AS documents
FROM clusters WHERE kind = $kind GROUP BY cluster ORDER BY size DESC, cluster LIMIT $clusters
"""

_MEMBERS = """
SELECT cluster, document, block, keeper, similarity FROM clusters
WHERE kind = $kind AND cluster IN (SELECT unnest($names))
QUALIFY row_number() OVER (
  PARTITION BY cluster ORDER BY keeper DESC, similarity, document, block) <= $members
ORDER BY cluster, keeper DESC, similarity, document, block
"""

_COMPARED = """
WITH shown AS (
  SELECT document, string_agg(left(text, $text), chr(10) || chr(10) ORDER BY "index") AS text,
         sum(length(text) + 2) - 2 AS length
  FROM blocks
  WHERE document IN (SELECT unnest($names)) AND (keep OR reason = 'duplicate document')
  GROUP BY document)
SELECT d.id, left(d.url, 501) AS url, left(d.title, $name + 1) AS title,
       left(coalesce(s.text, d.text), $text) AS text,
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

_SITE = r"""
CREATE MACRO site_of(url, source) AS coalesce(
  nullif(regexp_extract(
    lower(url), '^[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?(?:www\.)?([^/:?#]+)', 1), ''),
  (SELECT max(given) FROM (SELECT unnest($inputs) AS given) WHERE starts_with(source, given)),
  source)
"""

_TEMPLATES = """
WITH pages AS (
  SELECT id, site_of(url, source) AS site FROM documents
  WHERE site_of(url, source) IN (SELECT unnest($names))),
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
SELECT site_of(d.url, d.source) AS site, coalesce(b.reason, 'kept') AS outcome,
       CAST(sum(b."end" - b.start) AS BIGINT) AS characters
FROM blocks b JOIN documents d ON b.document = d.id
WHERE site_of(d.url, d.source) IN (SELECT unnest($names))
GROUP BY ALL
"""

# A few hundred documents are drawn by the hash of their id; of these, one of each site is
# taken before a second one of any.
_SAMPLES = """
WITH drawn AS (
  SELECT id, url, title, reason, site_of(url, source) AS site, md5(id) AS lot FROM documents
  WHERE reason IS DISTINCT FROM 'duplicate' ORDER BY lot, id LIMIT 400),
counted AS (
  SELECT document, count(*) AS n_blocks, count(*) FILTER (WHERE keep) AS n_kept
  FROM blocks WHERE document IN (SELECT id FROM drawn) GROUP BY document)
SELECT d.id, left(d.url, 501) AS url, left(d.title, $name + 1) AS title, d.reason,
       c.n_blocks, c.n_kept
FROM drawn d JOIN counted c ON d.id = c.document
WHERE c.n_kept BETWEEN 1 AND c.n_blocks - 1 OR d.reason = 'no body'
ORDER BY row_number() OVER (PARTITION BY d.site, d.reason ORDER BY d.lot, d.id),
         d.reason IS NOT NULL, d.site, d.lot, d.id
LIMIT $pages
"""

_SAMPLE_BLOCKS = """
SELECT document, "index", start, "end", left(text, $text) AS text, length(text) AS length,
       probability, why, keep, reason
FROM blocks WHERE document IN (SELECT unnest($names))
QUALIFY row_number() OVER (PARTITION BY document ORDER BY "index") <= $page_blocks
ORDER BY document, "index"
"""

_REJECTED = """
SELECT left(source, $name + 1) AS source, "offset", left(url, 501) AS url,
       left(reason, $text) AS reason
FROM rejected ORDER BY source, "offset", reason LIMIT $rejected
"""


def collect(folder: Path, limits: Limits | None = None) -> ReportData:
    """Ask the tables of a result what its report shows.

    Parameters
    ----------
    folder: a result, or one that is complete but for its report.

    Raises
    ------
    BadInput: the folder holds no manifest of this version.
    """
    limits = limits or Limits()
    manifest = read_manifest(folder)
    with open_result(folder) as connection:
        connection.execute(_SITE.replace("$inputs", _literal(manifest.inputs)))
        return ReportData(
            manifest=manifest,
            limits=limits,
            document_clusters=_document_clusters(connection, limits),
            block_clusters=_block_clusters(connection, limits),
            passages=largest_passages(connection, limits),
            sites=_sites(connection, manifest, limits),
            pages=_pages(connection, limits),
            rejected=_rejected(connection, limits),
        )


def _literal(names: tuple[str, ...]) -> str:
    quoted = ("'" + name.replace("'", "''") + "'" for name in names)
    return f"CAST([{', '.join(quoted)}] AS VARCHAR[])"


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, **values: object) -> list[Row]:
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _grouped(rows: list[Row], column: str) -> Mapping[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups


def _largest(
    connection: duckdb.DuckDBPyConnection, kind: str, clusters: int, members: int
) -> tuple[list[Row], Mapping[str, list[Row]]]:
    """Find the largest clusters of a kind, and the first members of each."""
    largest = _rows(connection, _LARGEST, kind=kind, clusters=clusters)
    names = [row["cluster"] for row in largest]
    found = _rows(connection, _MEMBERS, kind=kind, names=names, members=members)
    return largest, _grouped(found, "cluster")


def _document_clusters(
    connection: duckdb.DuckDBPyConnection, limits: Limits
) -> tuple[DocumentCluster, ...]:
    largest, members = _largest(connection, "document", limits.document_clusters, limits.members)
    names = sorted({row["document"] for rows in members.values() for row in rows})
    documents = {
        row["id"]: row
        for row in _rows(connection, _COMPARED, names=names, text=limits.text, name=limits.name)
    }
    clusters = []
    for row in largest:
        rows = members[row["cluster"]]
        texts = [_text(documents.get(member["document"], {}), limits) for member in rows]
        copies = (
            Copy(
                document=_name(member["document"], limits),
                url=documents.get(member["document"], {}).get("url"),
                title=documents.get(member["document"], {}).get("title"),
                keeper=member["keeper"],
                similarity=member["similarity"],
                text=text,
                runs=_marked(texts[0].text, text.text),
            )
            for member, text in zip(rows, texts, strict=True)
        )
        clusters.append(DocumentCluster(row["cluster"], row["size"], tuple(copies)))
    return tuple(clusters)


def _marked(keeper: str, text: str) -> tuple[Run, ...]:
    """Mark what the keeper does not have, if its text is at hand: not where an index holds it."""
    return mark_differences(keeper, text) if keeper else (Run(text),)


def _text(document: Row, limits: Limits) -> Excerpt:
    return excerpt(document.get("text"), document.get("length"), limits.text)


def _block_clusters(
    connection: duckdb.DuckDBPyConnection, limits: Limits
) -> tuple[BlockCluster, ...]:
    largest, members = _largest(connection, "block", limits.block_clusters, limits.places)
    placed = {
        (row["document"], row["index"]): row
        for row in _rows(
            connection,
            _PLACED,
            clusters=[row["cluster"] for row in largest],
            names=sorted({row["document"] for rows in members.values() for row in rows}),
            text=limits.short_text,
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
                places=tuple(_place(member, block, limits) for member, block in blocks),
            )
        )
    return tuple(clusters)


def _place(member: Row, block: Row, limits: Limits) -> BlockPlace:
    return BlockPlace(
        document=_name(member["document"], limits),
        url=block.get("url"),
        index=member["block"],
        keeper=member["keeper"],
        similarity=member["similarity"],
        keep=block.get("keep"),
        reason=block.get("reason"),
    )


def _sites(
    connection: duckdb.DuckDBPyConnection, manifest: Manifest, limits: Limits
) -> tuple[Site, ...]:
    shown = manifest.sites[: limits.sites]
    names = [removal.name for removal in shown]
    went = _grouped(_rows(connection, _WENT, names=names), "site")
    repeated = _grouped(
        _rows(
            connection,
            _TEMPLATES,
            names=names,
            templates=limits.templates,
            text=limits.short_text,
        ),
        "site",
    )
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
    order = ("kept", *BLOCK_REASONS)
    return tuple((name, found[name]) for name in order if found.get(name))


def _pages(connection: duckdb.DuckDBPyConnection, limits: Limits) -> tuple[PageSample, ...]:
    samples = _rows(connection, _SAMPLES, pages=limits.pages, name=limits.name)
    blocks = _grouped(
        _rows(
            connection,
            _SAMPLE_BLOCKS,
            names=[row["id"] for row in samples],
            page_blocks=limits.page_blocks,
            text=limits.short_text,
        ),
        "document",
    )
    return tuple(
        PageSample(
            document=_name(row["id"], limits),
            url=row["url"],
            title=row["title"],
            reason=row["reason"],
            n_blocks=row["n_blocks"],
            n_kept=row["n_kept"],
            blocks=tuple(_page_block(block, limits) for block in blocks[row["id"]]),
        )
        for row in samples
    )


def _page_block(row: Row, limits: Limits) -> PageBlock:
    return PageBlock(
        index=row["index"],
        start=row["start"],
        end=row["end"],
        text=excerpt(row["text"], row["length"], limits.short_text),
        probability=row["probability"],
        why=row["why"],
        keep=row["keep"],
        reason=row["reason"],
    )


def _rejected(connection: duckdb.DuckDBPyConnection, limits: Limits) -> tuple[RejectedRecord, ...]:
    rows = _rows(
        connection, _REJECTED, name=limits.name, text=limits.short_text, rejected=limits.rejected
    )
    return tuple(RejectedRecord(**{**row, "reason": visible(row["reason"])}) for row in rows)


def _name(name: str, limits: Limits) -> str:
    return name[: limits.name + 1]
