"""What ends a run before it writes anything: a source that would lose nearly all it has."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from dedup.engines.base import Engine, Frame
from dedup.errors import BadSettings, TooMuchRemoved
from dedup.pipeline.listing import Found
from dedup.read import Source
from dedup.read.source import shown
from dedup.report import removal
from dedup.report.manifest import Removal
from dedup.settings import ResolveSettings

_COUNTS = ("documents", "documents_kept", "characters", "characters_kept")


def guard_sources(
    engine: Engine[Frame], found: Found[Frame], removals: Frame, settings: ResolveSettings
) -> None:
    """Stop if a source loses a larger share of its documents than it may.

    An annotated run removes nothing, and goes on.

    Parameters
    ----------
    removals: report.rows.REMOVALS.

    Raises
    ------
    TooMuchRemoved: a source does, and was not allowed to by its name.
    """
    if settings.annotate:
        return
    excess = removal.find_excess(_sources(engine.batches(removals)), settings)
    if not excess.n_sources:
        return
    names = pa.record_batch([[each.name for each in excess.largest]], schema=removal.SOURCES)
    causes = engine.query(
        removal.LARGEST_CAUSES,
        removal.CAUSES,
        name="find why sources go",
        frames={
            "pages": found.crawl.pages,
            "decisions": found.decisions,
            "excessive": engine.frame([names], removal.SOURCES),
        },
    )
    rows = [row for batch in engine.batches(causes) for row in batch.to_pylist()]
    raise TooMuchRemoved(removal.excess_message(excess, rows, settings))


def check_priority(sources: Sequence[Source], settings: ResolveSettings) -> None:
    """Refuse preferred sources of which there is none, before anything is read.

    Raises
    ------
    BadSettings: no part of `source_priority` stands in any source's address.
    """
    parts = settings.source_priority
    if not parts:
        return
    names = [source.name for source in sources]
    if not any(shown(part) in name for name in names for part in parts):
        raise BadSettings(
            f"source-priority {', '.join(parts)} has no effect: it stands in none of the "
            f"addresses of the inputs, such as {names[0]}"
        )


def _sources(batches: Iterator[pa.RecordBatch]) -> Iterator[Removal]:
    for batch in batches:
        mine = batch.filter(pc.equal(batch.column("by"), "source"))
        for row in mine.to_pylist():
            yield Removal(row["name"], *(int(row[name] or 0) for name in _COUNTS))
