"""From decisions to the tables that are written."""

from dataclasses import dataclass
from typing import Generic

from dedup import schema
from dedup.engines.base import Beside, Engine, Frame
from dedup.pipeline.blocks import Crawl, Judged
from dedup.pipeline.documents import Decided
from dedup.pipeline.lists import query_lists
from dedup.pipeline.match import Matched, all_pairs
from dedup.report import pairs, rows
from dedup.resolve import evidence
from dedup.settings import Settings


@dataclass(frozen=True)
class Found(Generic[Frame]):
    """All that a whole run found out."""

    crawl: Crawl[Frame]
    judged: Judged[Frame]
    decisions: Frame
    places: Frame


@dataclass(frozen=True)
class Placed(Generic[Frame]):
    """Blocks, how they match, and the places of those that stand at least twice."""

    # schema.PLACED_KEYS
    block_keys: Frame
    matches: Matched[Frame]
    places: Frame


@dataclass(frozen=True)
class Duplicates(Generic[Frame]):
    """What was found where no text is changed: duplicate blocks, duplicate documents, or both."""

    pages: Frame
    names: Frame
    placed: Placed[Frame] | None
    decided: Decided[Frame] | None


def blocks_that_stay(engine: Engine[Frame], judged: Judged[Frame], decisions: Frame) -> Frame:
    """List each block with whether it stands in the clean text of a document that is kept."""
    flags = engine.map(
        judged.resolved, evidence.stay_flags, evidence.FLAGS, name="list blocks that stay"
    )
    stays = engine.query(
        evidence.VERDICTS,
        evidence.FLAGS,
        name="list verdicts",
        frames={"flags": flags, "decisions": decisions},
    )
    engine.drop(flags)
    return stays


def list_clusters(
    engine: Engine[Frame],
    names: Frame,
    *,
    places: Frame | None,
    decided: Decided[Frame] | None,
) -> Frame:
    """List the members of the clusters of blocks, of documents, or of both."""
    parts = {}
    frames = {}
    if places is not None:
        parts["places"], frames["places"] = rows.BLOCK_CLUSTERS, places
    if decided is not None:
        parts["decisions"] = rows.DOCUMENT_CLUSTERS
        frames["decisions"] = decided.decisions
        frames["names"] = names
        if decided.held is not None:
            parts["held"], frames["held"] = rows.INDEXED_CLUSTERS, decided.held
    return engine.query(
        rows.CLUSTERS.format(members=" UNION ALL ".join(parts.values())),
        schema.CLUSTERS_OUT,
        name="list clusters",
        frames=frames,
    )


def list_pairs(engine: Engine[Frame], found: Duplicates[Frame], settings: Settings) -> Frame:
    """List the verified pairs of documents, of blocks, or of both, by their names."""
    members = []
    frames = {"names": found.names}
    if found.decided is not None:
        members.append(pairs.DOCUMENT_PAIRS)
        matches = found.decided.matches
        frames["ranks"] = found.decided.ranks
        frames["document_pairs"] = all_pairs(engine, matches, settings.documents, what="bodies")
    if found.placed is not None:
        members.append(pairs.BLOCK_PAIRS)
        matches = found.placed.matches
        frames["block_keys"] = found.placed.block_keys
        frames["block_pairs"] = all_pairs(engine, matches, settings.blocks, what="blocks")
    return engine.query(
        pairs.PAIRS.format(members=" UNION ALL ".join(f"({each})" for each in members)),
        schema.PAIRS_OUT,
        name="list pairs",
        frames=frames,
    )


def list_rejected(engine: Engine[Frame], pages: Frame) -> Frame:
    """List the records that could not be read."""
    return engine.query(
        rows.REJECTED, rows.REJECTED_RECORDS, name="list rejected", frames={"pages": pages}
    )


def list_documents(engine: Engine[Frame], found: Found[Frame], *, annotate: bool) -> Frame:
    """List all documents: the clean text of those that stay, or, annotated, every whole text."""
    details = engine.query(
        rows.DETAILS.format(shown="TRUE" if annotate else "d.keep"),
        rows.DETAIL_ROWS,
        name="gather documents",
        frames=_page_frames(found),
    )
    unsorted = engine.map(
        found.crawl.pages if annotate else found.judged.resolved,
        rows.document_rows,
        rows.PLACED_DOCUMENTS,
        name="write documents",
        beside=Beside(details, "document", ("document",), rows.DETAIL_ROWS.names),
    )
    documents = engine.sort(unsorted, "place", name="list documents")
    engine.drop(details, unsorted)
    return documents


def write_blocks(engine: Engine[Frame], found: Found[Frame]) -> Frame:
    """Write all blocks of all documents, in the order of the pages; drop what is told of them.

    Returns
    -------
    rows.PLACED_BLOCKS.
    """
    clustered = query_lists(
        engine,
        rows.CLUSTERED,
        rows.CLUSTERED_LISTS,
        name="name clusters",
        frames={"places": found.places},
    )
    verdicts = engine.query(
        rows.VERDICT_LISTS,
        rows.VERDICTS,
        name="gather verdicts",
        frames={
            **_page_frames(found),
            "labels": found.judged.labels,
            "repetition": found.judged.repetition,
            "clustered": clustered,
        },
    )
    engine.drop(clustered, found.judged.labels, found.judged.repetition)
    unsorted = engine.map(
        found.crawl.pages,
        rows.block_rows,
        rows.PLACED_BLOCKS,
        name="write blocks",
        beside=Beside(verdicts, "document", ("document",), rows.VERDICTS.names),
    )
    engine.drop(verdicts)
    return unsorted


def sort_blocks(engine: Engine[Frame], unsorted: Frame) -> Frame:
    """Sort rows.PLACED_BLOCKS to schema.BLOCKS_OUT, and drop them as they were."""
    blocks = engine.sort(unsorted, "place", name="sort blocks")
    engine.drop(unsorted)
    return blocks


def count_removals(engine: Engine[Frame], found: Found[Frame]) -> Frame:
    """Count documents and characters, in and kept, by source and by site."""
    return engine.query(
        rows.REMOVED, rows.REMOVALS, name="count removals", frames=_page_frames(found)
    )


def _page_frames(found: Found[Frame]) -> dict[str, Frame]:
    return {
        "pages": found.crawl.pages,
        "names": found.crawl.names,
        "resolved": found.judged.resolved,
        "decisions": found.decisions,
    }
