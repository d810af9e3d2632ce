"""What is shown by size, counted once, beside the first requests, into tables of their own."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import duckdb
import pyarrow as pa

from dedup.explore.tables import Result
from dedup.report.alarms import find_alarms
from dedup.report.distributions import distributions
from dedup.report.views import Limits
from dedup.schema import BLOCK_OUTCOMES

MAX_TEMPLATES = 100
"""Repeated blocks of a site that are counted."""

# rowid is the rank: rows keep the order in which they came
_CLUSTERS = """
CREATE TABLE cluster_sizes AS
WITH counted AS (
  SELECT kind, cluster, document, count(*) AS n, min(similarity) AS lowest,
         bool_or(keeper) AS keeps, min(block) FILTER (keeper) AS block
  FROM clusters GROUP BY ALL)
SELECT kind, cluster AS name, CAST(sum(n) AS BIGINT) AS size, count(*) AS documents,
       min(lowest) AS lowest, any_value(document) FILTER (keeps) AS keeper,
       any_value(block) FILTER (keeps) AS block
FROM counted GROUP BY kind, cluster ORDER BY size DESC, kind, name
"""

_BY_DOCUMENT = """
CREATE TABLE characters AS
SELECT document, {sums} FROM blocks GROUP BY document
"""

_SITES = """
CREATE TABLE sites AS
WITH found AS (
  SELECT site AS name, count(*) AS documents,
         count(*) FILTER (d.reason IS NULL) AS documents_kept, {sums}
  FROM documents d LEFT JOIN characters c ON d.id = c.document GROUP BY site),
weighed AS (
  SELECT f.*, coalesce(t.characters, {whole}) AS characters,
         coalesce(t.characters_kept, n0) AS characters_kept
  FROM found f LEFT JOIN told t ON f.name = t.name)
SELECT *, CASE WHEN characters > 0 THEN 1 - characters_kept / characters ELSE 0 END AS removed
FROM weighed ORDER BY documents DESC, name
"""

_TEMPLATES = f"""
CREATE TABLE templates AS
SELECT d.site, b.cluster, max(b.site_pages) AS pages, min((b.document, b."index")) AS place
FROM blocks b JOIN documents d ON b.document = d.id
WHERE b.cluster IS NOT NULL AND b.site_pages > 1
  AND b.reason IN ('boilerplate', 'repeated in site')
GROUP BY d.site, b.cluster
QUALIFY row_number() OVER (PARTITION BY d.site ORDER BY pages DESC, b.cluster) <= {MAX_TEMPLATES}
ORDER BY d.site, pages DESC, b.cluster
"""

_PASSAGES = """
CREATE TABLE passage_sizes AS
SELECT kind, passage AS name, count(*) AS size, count(DISTINCT document) AS documents,
       coalesce(sum(n_words) FILTER (NOT keep), 0) AS repeated,
       any_value(n_words) FILTER (keep) AS n_words, any_value(excerpt) FILTER (keep) AS excerpt,
       any_value("end" - start) FILTER (keep) AS length
FROM passages GROUP BY kind, passage ORDER BY repeated DESC, kind, name
"""

_TOLD = pa.schema(
    [("name", pa.string()), ("characters", pa.int64()), ("characters_kept", pa.int64())]
)


class NotCounted(Exception):
    """What a view needs is still being counted."""


Step = Callable[[duckdb.DuckDBPyConnection], Any]

PARTS = ("cluster_sizes", "passage_sizes", "sites", "templates", "alarms", "distributions")
"""What is counted, in this order: tables of these names, or values."""


@dataclass
class Counting:
    """A thread that counts, and what it has counted so far.

    `values` are those that are no tables: views.Alarms and views.Distributions.
    """

    cursor: duckdb.DuckDBPyConnection
    done: dict[str, threading.Event]
    values: dict[str, Any] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    thread: threading.Thread | None = None

    def need(self, name: str, seconds: float = 0.4) -> None:
        """Wait a little for one of PARTS.

        Raises
        ------
        NotCounted: it is not there yet, or never will be; the message says why.
        """
        if not self.done[name].wait(0 if self.failed else seconds):
            raise NotCounted(self.failed[0] if self.failed else "")

    def finish(self) -> None:
        """Wait until all is counted."""
        if self.thread is not None:
            self.thread.join()

    def stop(self) -> None:
        """Break off what is being counted, and wait for the thread."""
        self.failed.append("it was ended")
        while self.thread is not None and self.thread.is_alive():
            self.cursor.interrupt()
            self.thread.join(0.05)


def start_counting(result: Result) -> Counting:
    """Begin to count, in a thread of its own."""
    counting = Counting(result.connection.cursor(), {name: threading.Event() for name in PARTS})
    counting.thread = threading.Thread(target=_count, args=(counting, result), daemon=True)
    counting.thread.start()
    return counting


def _count(counting: Counting, result: Result) -> None:
    steps: dict[str, Step] = {
        "cluster_sizes": partial(_make, sql=_CLUSTERS),
        "passage_sizes": partial(_make, sql=_PASSAGES),
        "sites": partial(_make_sites, result=result),
        "templates": partial(_make, sql=_TEMPLATES),
        "alarms": partial(find_alarms, manifest=result.manifest, limits=Limits()),
        "distributions": distributions,
    }
    try:
        for name in PARTS:
            if counting.failed:
                return
            counting.values[name] = steps[name](counting.cursor)
            counting.done[name].set()
    except duckdb.Error as error:
        counting.failed.append(str(error).splitlines()[0])


def _make(cursor: duckdb.DuckDBPyConnection, sql: str) -> None:
    cursor.execute(sql)


def _make_sites(cursor: duckdb.DuckDBPyConnection, result: Result) -> None:
    """Count by site; column n0 holds the characters of the first of BLOCK_OUTCOMES, and so on."""
    sums = ", ".join(
        f"""coalesce(sum("end" - start) FILTER (coalesce(reason, 'kept') = '{name}'), 0) AS n{i}"""
        for i, name in enumerate(BLOCK_OUTCOMES)
    )
    numbers = [f"n{i}" for i in range(len(BLOCK_OUTCOMES))]
    added = ", ".join(f"CAST(coalesce(sum({n}), 0) AS BIGINT) AS {n}" for n in numbers)
    told = [
        {"name": r.name, "characters": r.characters, "characters_kept": r.characters_kept}
        for r in result.manifest.sites
    ]
    cursor.register("told", pa.Table.from_pylist(told, schema=_TOLD))
    cursor.execute(_BY_DOCUMENT.format(sums=sums))
    cursor.execute(_SITES.format(sums=added, whole=" + ".join(numbers)))
    cursor.execute("DROP TABLE characters")
