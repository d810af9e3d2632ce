"""How a result spreads: sizes of clusters, similarities, probabilities; a few bins of each."""

import duckdb

from dedup.report.result import fetch
from dedup.report.views import Distributions, Tally

BINS = 50
"""Of similarity and probability from 0 to 1."""

# the digits of a number in base 2 tell its power of two exactly, which a logarithm does not
_SIZES = """
WITH sized AS (
  SELECT kind, count(*) AS size FROM clusters GROUP BY kind, cluster
  UNION ALL
  SELECT kind, count(*) FROM passages GROUP BY kind, passage)
SELECT kind AS name, CAST(2 ** (length(bin(size)) - 1) AS DOUBLE) AS low, count(*) AS count
FROM sized GROUP BY ALL ORDER BY name, low
"""

_SIMILARITIES = f"""
WITH members AS (
  SELECT kind, similarity FROM clusters WHERE NOT keeper
  UNION ALL
  SELECT kind, similarity FROM passages WHERE NOT keep)
SELECT kind AS name, floor(similarity * {BINS} + 1e-9) / {BINS} AS low, count(*) AS count
FROM members GROUP BY ALL ORDER BY name, low
"""

_PROBABILITIES = f"""
SELECT label AS name, least(floor(probability * {BINS} + 1e-5), {BINS - 1}) / {BINS} AS low,
       count(*) AS count
FROM blocks GROUP BY ALL ORDER BY name, low
"""


def distributions(connection: duckdb.DuckDBPyConnection) -> Distributions:
    """Count clusters by size, members by similarity, and blocks by probability."""
    return Distributions(
        *(
            tuple(Tally(**row) for row in fetch(connection, sql))
            for sql in (_SIZES, _SIMILARITIES, _PROBABILITIES)
        )
    )
