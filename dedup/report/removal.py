"""Sources that lose nearly all of their documents: which, why, and what is said of them."""

import math
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup import schema
from dedup.report.manifest import Removal
from dedup.report.numbers import plural
from dedup.report.rows import REMOVALS
from dedup.report.visible import spelled
from dedup.settings import ResolveSettings

ALARM_DOCUMENTS = 100
"""A source of so many documents may not lose more than `max_removal` of them."""

MAX_WARNINGS = 20
MAX_SOURCES, MAX_CLUSTERS = 5, 3
"""So many sources, and so many clusters of each, are named."""

MAX_REMOVALS = 10_000
"""So many sources and so many sites stand in a manifest; the rest is summed up in one row."""

MAX_ID = 80

COUNTED = ("documents", "documents_kept", "characters", "characters_kept")

SOURCES = pa.schema([schema.DOCUMENTS.field("source")])

CAUSES = pa.schema(
    [
        schema.DOCUMENTS.field("source"),
        # null where the documents have no body
        schema.DECISIONS.field("keeper"),
        # of the source, that go
        pa.field("documents", pa.int64(), nullable=False),
        # lowest and highest exact Jaccard similarity of them with the keeper
        pa.field("lowest", pa.float64()),
        pa.field("highest", pa.float64()),
        # of all clusters that take documents of the source
        pa.field("clusters", pa.int64(), nullable=False),
    ]
)

LARGEST_CAUSES = f"""
WITH counted AS (
  SELECT p.source, d.keeper, count(*) AS documents,
         min(d.similarity) AS lowest, max(d.similarity) AS highest
  FROM pages p
  JOIN decisions d ON p.document = d.document
  JOIN excessive e ON p.source = e.source
  WHERE p.rejected IS NULL AND NOT d.keep
  GROUP BY p.source, d.keeper),
placed AS (
  SELECT *,
         row_number() OVER (PARTITION BY source, keeper IS NULL
                            ORDER BY documents DESC, keeper) AS place,
         count(keeper) OVER (PARTITION BY source) AS clusters
  FROM counted)
SELECT source, keeper, documents, lowest, highest, clusters
FROM placed WHERE place <= {MAX_CLUSTERS}
ORDER BY source, keeper IS NULL, place
"""
"""What removes the most documents of each source in `excessive`."""


@dataclass(frozen=True)
class Excess:
    """Sources that would lose too much: how many they are, and the largest of them."""

    n_sources: int
    largest: tuple[Removal, ...]


def find_excess(removals: Iterable[Removal], settings: ResolveSettings) -> Excess:
    """Pick the sources that would lose more than they may, those first that lose the most.

    However many there are, only MAX_SOURCES of them are held at a time.

    Examples
    --------
    >>> spam, few = Removal("a.jsonl", 1000, 3, 9_000, 40), Removal("b.jsonl", 9, 0, 90, 0)
    >>> find_excess([spam, few], ResolveSettings()).largest == (spam,)
    True
    >>> find_excess([spam, few], ResolveSettings(allow_removal=("a.jsonl",))).n_sources
    0
    """
    allowed = {spelled(name) for name in settings.allow_removal}
    n_sources, largest = 0, list[Removal]()
    for removal in removals:
        if is_excessive(removal, settings) and spelled(removal.name) not in allowed:
            n_sources += 1
            largest = sorted([*largest, removal], key=_most_removed)[:MAX_SOURCES]
    return Excess(n_sources, tuple(largest))


def excess_message(
    excess: Excess, causes: Sequence[Mapping[str, Any]], settings: ResolveSettings
) -> str:
    """Say which sources would lose too much, through what, and how to go on; a line for each.

    Parameters
    ----------
    causes: rows of CAUSES.
    """
    sources = plural(excess.n_sources, "source")
    their = "its" if excess.n_sources == 1 else "their"
    names = [shlex.quote(spelled(removal.name)) for removal in excess.largest]
    lines = [
        f"nothing was written: {sources} would lose more than {100 * settings.max_removal:g} % of "
        f"{their} documents (--max-removal {settings.max_removal:g})."
    ]
    for name, removal in zip(names, excess.largest, strict=True):
        gone = removal.documents - removal.documents_kept
        mine = [cause for cause in causes if cause["source"] == removal.name]
        lines.append(
            f"{name} would lose {gone:,} of {plural(removal.documents, 'document')}: "
            f"{_reasons(mine, gone)}."
        )
    if excess.n_sources > len(names):
        lines.append(f"And {plural(excess.n_sources - len(names), 'other')}.")
    allowing = " ".join(f"--allow-removal {name}" for name in names)
    lines += [
        f"To remove them all the same: {allowing}",
        "To see why each would go: --annotate, which removes nothing.",
    ]
    return "\n".join(lines)


def bound_removals(batches: Iterable[pa.RecordBatch], by: str) -> tuple[Removal, ...]:
    """Take the removals by source or by site, largest first.

    Beyond MAX_REMOVALS names, which are all that is held, the last one sums up the rest.

    Parameters
    ----------
    batches: rows.REMOVALS.
    """
    largest, n_others, others = REMOVALS.empty_table(), 0, np.zeros(len(COUNTED), np.int64)
    for batch in batches:
        mine = batch.filter(pc.equal(batch.column("by"), by))
        found = pa.concat_tables([largest, pa.Table.from_batches([mine])])
        found = found.sort_by([("documents", "descending"), ("name", "ascending")])
        rest = found.slice(MAX_REMOVALS)
        n_others += rest.num_rows
        others += [sum(rest.column(name).to_pylist()) for name in COUNTED]
        largest = found.slice(0, MAX_REMOVALS)
    removals = tuple(
        Removal(row["name"], *(row[name] for name in COUNTED)) for row in largest.to_pylist()
    )
    if not n_others:
        return removals
    return (*removals, Removal(f"({n_others:,} others)", *others.tolist()))


def removal_warnings(removals: Sequence[Removal], settings: ResolveSettings) -> tuple[str, ...]:
    """Name the sources of which nearly nothing is left, or would be.

    Parameters
    ----------
    removals: those of sources, as bound_removals gives them.

    Examples
    --------
    >>> sources = [Removal("a.jsonl", 1000, 3, 9_000, 40), Removal("b", 9, 0, 90, 0)]
    >>> removal_warnings(sources, ResolveSettings(allow_removal=("a.jsonl",)))
    ('997 of the 1,000 documents of a.jsonl are removed; --annotate shows why each would go',)
    >>> removal_warnings(sources, ResolveSettings(annotate=True))
    ('997 of the 1,000 documents of a.jsonl would be removed',)
    """
    said = (
        "would be removed"
        if settings.annotate
        else "are removed; --annotate shows why each would go"
    )
    return tuple(
        f"{r.documents - r.documents_kept:,} of the {r.documents:,} documents of "
        f"{spelled(r.name)} {said}"
        for r in removals[:MAX_REMOVALS]
        if is_excessive(r, settings)
    )[:MAX_WARNINGS]


def is_excessive(removal: Removal, settings: ResolveSettings) -> bool:
    """Tell whether so many documents that it says something lose more of them than they may."""
    gone = removal.documents - removal.documents_kept
    enough = removal.documents >= ALARM_DOCUMENTS
    # a quotient: 0.29 * 100 is less than 29, 29 / 100 is not more than 0.29
    return enough and gone / removal.documents > settings.max_removal


def _most_removed(removal: Removal) -> tuple[int, str]:
    return removal.documents_kept - removal.documents, removal.name


def _reasons(causes: Sequence[Mapping[str, Any]], gone: int) -> str:
    clusters = [cause for cause in causes if cause["keeper"] is not None]
    empty = sum(cause["documents"] for cause in causes if cause["keeper"] is None)
    said = [
        f"{_being(cause['documents'], 'a copy', 'copies')} of {spelled(cause['keeper'], MAX_ID)} "
        f"(similarity {_span(cause['lowest'], cause['highest'])})"
        for cause in clusters
    ]
    rest = gone - empty - sum(cause["documents"] for cause in clusters)
    if rest:
        others = plural(clusters[0]["clusters"] - len(clusters), "other document")
        said.append(f"{_being(rest, 'a copy', 'copies')} of {others}")
    if empty:
        said.append(f"{empty:,} {'has' if empty == 1 else 'have'} no body")
    return ", ".join(said)


def _being(n: int, one: str, many: str) -> str:
    return f"1 is {one}" if n == 1 else f"{n:,} are {many}"


def _span(lowest: float, highest: float) -> str:
    low, high = _rounded(lowest), _rounded(highest)
    return low if low == high else f"{low} to {high}"


def _rounded(similarity: float) -> str:
    """Write two digits, and 1 only for what is equal."""
    return f"{math.floor(100 * similarity + 1e-9) / 100:g}"
