"""What a report shows of a result, asked of its tables; the same questions, the same answers.

Every query is bounded and has a total order, so that a report that is built again is the
same, and its cost depends on the number of rows, not on their texts.
"""

from pathlib import Path

import duckdb

from dedup.errors import BadInput
from dedup.report.alarms import find_alarms
from dedup.report.clusters import block_clusters, document_clusters
from dedup.report.distributions import distributions
from dedup.report.manifest import read_manifest
from dedup.report.output import disk_is_full
from dedup.report.repeated import largest_passages
from dedup.report.result import BY_DEFAULT, Reading, fetch, open_result
from dedup.report.samples import sample_pages
from dedup.report.sites import largest_sites
from dedup.report.views import Limits, RejectedRecord, ReportData
from dedup.report.visible import visible

_REJECTED = """
SELECT left(source, $name + 1) AS source, "offset", left(url, 501) AS url,
       left(reason, $text) AS reason
FROM rejected ORDER BY source, "offset", reason LIMIT $rejected
"""


def collect(folder: Path, limits: Limits | None = None, how: Reading = BY_DEFAULT) -> ReportData:
    """Ask the tables of a result what its report shows.

    Parameters
    ----------
    folder: a result, or one that is complete but for its report.
    how: its tables are read.

    Raises
    ------
    BadInput: the folder holds no manifest of this version, or its tables cannot be read.
    TooLittleMemory: they need more than they may take.
    """
    limits = limits or Limits()
    manifest = read_manifest(folder)
    try:
        with open_result(folder, how) as connection:
            return ReportData(
                manifest=manifest,
                limits=limits,
                document_clusters=document_clusters(connection, limits),
                block_clusters=block_clusters(connection, limits),
                passages=largest_passages(connection, limits),
                sites=largest_sites(connection, manifest.sites, limits),
                pages=sample_pages(connection, limits),
                rejected=_rejected(connection, limits),
                distributions=distributions(connection),
                alarms=find_alarms(connection, manifest, limits),
            )
    except duckdb.Error as error:
        if disk_is_full(error):
            raise
        first = str(error).partition("\n")[0]
        raise BadInput(str(folder), f"its tables cannot be read: {first}") from None


def _rejected(connection: duckdb.DuckDBPyConnection, limits: Limits) -> tuple[RejectedRecord, ...]:
    rows = fetch(
        connection, _REJECTED, name=limits.name, text=limits.short_text, rejected=limits.rejected
    )
    return tuple(RejectedRecord(**{**row, "reason": visible(row["reason"])}) for row in rows)
