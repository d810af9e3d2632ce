"""Records that could not be read, searched by source, address and reason."""

import duckdb

from dedup.explore import asked
from dedup.explore.hits import has
from dedup.explore.listing import Listing, listed
from dedup.explore.scan import Bounds, scan
from dedup.explore.tables import Result
from dedup.report.views import RejectedRecord
from dedup.report.visible import visible

LISTED = 100
NAME, TEXT = 400, 600


def find_rejected(
    cursor: duckdb.DuckDBPyConnection, result: Result, request: asked.Rejected
) -> Listing[RejectedRecord]:
    """List rejected records in the order of their sources."""
    condition = has("source", "url", "reason") if request.q else "true"
    sql = f"""
    SELECT position, left(source, {NAME}) AS source, "offset", left(url, 501) AS url,
           left(reason, {TEXT}) AS reason
    FROM {{rows}} WHERE {condition}"""
    values = {"q": request.q} if request.q else {}
    bounds = Bounds(request.start, LISTED, request.seconds)
    found = scan(cursor, result.tables["rejected"], sql, values, bounds)
    rows = tuple(
        RejectedRecord(row["source"], row["offset"], row["url"], visible(row["reason"]))
        for row in found.rows
    )
    return listed(rows, found)
