"""The jobs: which stages run, in which order, and which tables come out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic

from dedup.engines.base import Engine, Frame
from dedup.pipeline import listing
from dedup.pipeline.blocks import (
    Crawl,
    Judged,
    hash_blocks,
    judge_blocks,
    leave_words,
    match_blocks,
    name_documents,
    number_names,
    only_body,
    place_blocks,
    segment_crawl,
)
from dedup.pipeline.documents import (
    compare_bodies,
    compare_texts,
    decide_documents,
    read_texts,
)
from dedup.pipeline.guard import guard_sources
from dedup.pipeline.match import Matched
from dedup.settings import FindSettings, Settings

if TYPE_CHECKING:
    from dedup.index import Index

READ = "read and segment"
"""Name of the stage whose rows are the records that were read."""

Listed = Callable[[str, Frame], object]
"""Told the name of each table of a result, and its rows, as soon as they are listed."""


def nobody(_name: str, _frame: object) -> None:
    """Leave the tables to who takes them from the outcome."""


@dataclass(frozen=True)
class Fresh(Generic[Frame]):
    """What an index takes in of a run."""

    # columns document, source, offset and date
    pages: Frame
    # columns document and id
    names: Frame
    # schema.BODIES
    bodies: Frame
    # columns document and keep
    decisions: Frame
    # schema.PAIRS: the new ones, and those of the index that they are connected with
    pairs: Frame


@dataclass(frozen=True)
class Outcome(Generic[Frame]):
    """The tables of a run, sorted as schema.written says.

    `documents`, `blocks` and `removals` are None where the job changes no text, `pairs`
    where they are not wanted; either `clusters` or `passages` is None. `fresh` is what an
    index takes in, if there is one.
    """

    clusters: Frame | None
    rejected: Frame
    documents: Frame | None = None
    blocks: Frame | None = None
    removals: Frame | None = None
    pairs: Frame | None = None
    passages: Frame | None = None
    fresh: Fresh[Frame] | None = None


def clean(
    engine: Engine[Frame],
    scan: Frame,
    settings: Settings,
    *,
    index: "Index | None" = None,
    listed: Listed[Frame] = nobody,
) -> Outcome[Frame]:
    """Run the whole job on the documents that `scan` yields, and match them with an index.

    Raises
    ------
    TooMuchRemoved: a source would lose more than `settings.resolve` lets it.
    """
    from dedup.pipeline import incremental  # noqa: PLC0415 - here alone

    crawl = segment_crawl(engine, scan, settings.segment)
    if index is not None:
        names = incremental.name_beside(engine, crawl.names, index)
        crawl = replace(crawl, names=names)
    crawl = number_names(engine, crawl)
    crawl, matched = match_blocks(engine, crawl, settings.blocks)
    blocks = leave_words(engine, matched)
    judged = judge_blocks(engine, crawl, blocks, settings)
    compared = compare_bodies(engine, crawl, judged, settings)
    if index is None:
        decided = decide_documents(engine, crawl.pages, compared, crawl.names, settings)
        engine.drop(compared)
        fresh = None
    else:
        decided = incremental.decide_beside(engine, crawl, compared, index, settings)
        decisions, pairs = decided.decisions, decided.matches.pairs
        fresh = Fresh(crawl.pages, crawl.names, compared, decisions, pairs)
    stays = listing.blocks_that_stay(engine, judged, decided.decisions)
    size = settings.resolve.min_cluster_size
    places = place_blocks(engine, crawl, blocks, stays=stays, size=size)
    engine.drop(stays, crawl.block_keys)
    found = listing.Found(crawl, judged, decided.decisions, places)
    removals = listing.count_removals(engine, found)
    if index is None:
        # beside an index it is usual that a source brings nearly nothing new
        guard_sources(engine, found, removals, settings.resolve)
    unsorted = listing.write_blocks(engine, found)
    documents = listing.list_documents(engine, found, annotate=settings.resolve.annotate)
    listed("documents", documents)
    rejected = listing.list_rejected(engine, crawl.pages)
    engine.drop(judged.resolved)
    if index is None:
        engine.drop(crawl.pages)
    # the widest rows are sorted once nothing else takes room
    blocks_out = listing.sort_blocks(engine, unsorted)
    listed("blocks", blocks_out)
    clusters = listing.list_clusters(engine, crawl.names, places=places, decided=decided)
    listed("clusters", clusters)
    return Outcome(
        clusters=clusters,
        rejected=rejected,
        documents=documents,
        blocks=blocks_out,
        removals=removals,
        fresh=fresh,
    )


def find_in_texts(
    engine: Engine[Frame],
    scan: Frame,
    settings: Settings,
    *,
    wanted: FindSettings,
    listed: Listed[Frame] = nobody,
) -> Outcome[Frame]:
    """Find duplicates among the documents' texts, or their blocks, as they are given."""
    if wanted.unit == "passage":
        return _find_passages(engine, scan, settings, listed)
    placed = decided = None
    if wanted.unit == "document":
        pages = read_texts(engine, scan, settings, name=READ)
        names = name_documents(engine, pages)
        decided = decide_documents(engine, pages, pages, names, settings)
        found = listing.Duplicates(pages, names, placed, decided)
        return _list_duplicates(engine, found, settings if wanted.pairs else None, listed)
    crawl = segment_crawl(engine, scan, settings.segment, settings.resolve.scope)
    crawl = number_names(engine, crawl)
    crawl, blocks = match_blocks(engine, crawl, settings.blocks)
    size = settings.resolve.min_cluster_size
    places = place_blocks(engine, crawl, blocks, stays=None, size=size)
    if wanted.unit == "both":
        compared = compare_texts(engine, crawl, settings)
        decided = decide_documents(engine, crawl.pages, compared, crawl.names, settings)
    placed = listing.Placed(crawl.block_keys, blocks, places)
    found = listing.Duplicates(crawl.pages, crawl.names, placed, decided)
    return _list_duplicates(engine, found, settings if wanted.pairs else None, listed)


def _find_passages(
    engine: Engine[Frame], scan: Frame, settings: Settings, listed: Listed[Frame]
) -> Outcome[Frame]:
    """Find passages: runs of blocks, of which only near-duplicates count, and runs of words."""
    from dedup.pipeline.passages import find_passages  # noqa: PLC0415 - here alone

    crawl = number_names(engine, segment_crawl(engine, scan, settings.segment))
    crawl, blocks = match_blocks(engine, crawl, replace(settings.blocks, containment=None))
    passages = find_passages(engine, crawl, blocks, settings)
    listed("passages", passages)
    return Outcome(
        clusters=None, rejected=listing.list_rejected(engine, crawl.pages), passages=passages
    )


def find_in_bodies(
    engine: Engine[Frame],
    scan: Frame,
    settings: Settings,
    *,
    wanted: FindSettings,
    listed: Listed[Frame] = nobody,
) -> Outcome[Frame]:
    """Find duplicates among the bodies that the classifier finds, or among their blocks."""
    crawl = segment_crawl(engine, scan, settings.segment)
    crawl, blocks = match_blocks(engine, crawl, settings.blocks)
    judged = judge_blocks(engine, crawl, blocks, settings)
    placed = decided = None
    if wanted.unit != "document":
        placed = _place_bodies(engine, crawl, blocks, judged, settings)
    if wanted.unit != "block":
        compared = compare_bodies(engine, crawl, judged, settings)
        decided = decide_documents(engine, crawl.pages, compared, crawl.names, settings)
    found = listing.Duplicates(crawl.pages, crawl.names, placed, decided)
    return _list_duplicates(engine, found, settings if wanted.pairs else None, listed)


def _place_bodies(
    engine: Engine[Frame],
    crawl: Crawl[Frame],
    blocks: Matched[Frame],
    judged: Judged[Frame],
    settings: Settings,
) -> listing.Placed[Frame]:
    """Place the blocks of bodies, matched anew where a scope bounds them.

    What is body was told from the matches in the whole crawl.
    """
    scope = settings.resolve.scope
    if scope != "crawl":
        crawl = replace(crawl, block_keys=hash_blocks(engine, crawl.pages, scope))
        crawl, blocks = match_blocks(engine, crawl, settings.blocks)
    bodies = number_names(engine, only_body(engine, crawl, judged))
    size = settings.resolve.min_cluster_size
    places = place_blocks(engine, bodies, blocks, stays=None, size=size)
    return listing.Placed(bodies.block_keys, blocks, places)


def _list_duplicates(
    engine: Engine[Frame],
    found: listing.Duplicates[Frame],
    pairing: Settings | None,
    listed: Listed[Frame],
) -> Outcome[Frame]:
    """List clusters and, if it is told how to find them, all pairs."""
    places = None if found.placed is None else found.placed.places
    clusters = listing.list_clusters(engine, found.names, places=places, decided=found.decided)
    listed("clusters", clusters)
    pairs = None if pairing is None else listing.list_pairs(engine, found, pairing)
    if pairs is not None:
        listed("pairs", pairs)
    return Outcome(
        clusters=clusters, rejected=listing.list_rejected(engine, found.pages), pairs=pairs
    )
