"""The jobs: which stages run, in which order, and which tables come out."""

from dataclasses import dataclass
from typing import Generic

from dedup.engines.base import Engine, Frame
from dedup.pipeline import listing
from dedup.pipeline.blocks import (
    judge_blocks,
    match_blocks,
    name_documents,
    only_body,
    place_blocks,
    segment_crawl,
)
from dedup.pipeline.documents import (
    compare_bodies,
    compare_texts,
    decide_documents,
    match_documents,
    rank_documents,
    read_texts,
)
from dedup.settings import Settings, Unit

READ = "read and segment"
"""Name of the stage whose rows are the records that were read."""


@dataclass(frozen=True)
class Outcome(Generic[Frame]):
    """The tables of a run, sorted as schema.py says.

    `documents`, `blocks` and `removals` are None where the job changes no text.
    """

    clusters: Frame
    rejected: Frame
    documents: Frame | None = None
    blocks: Frame | None = None
    removals: Frame | None = None


def clean(engine: Engine[Frame], scan: Frame, settings: Settings) -> Outcome[Frame]:
    """Run the whole job on the documents that `scan` yields."""
    crawl = segment_crawl(engine, scan, settings.segment)
    blocks = match_blocks(engine, crawl, settings.blocks)
    judged = judge_blocks(engine, crawl, blocks, settings)
    compared = compare_bodies(engine, crawl, judged, settings)
    decisions = _decide(engine, crawl.pages, compared, names=crawl.names, settings=settings)
    stays = listing.blocks_that_stay(engine, judged, decisions)
    places = place_blocks(engine, crawl, blocks, stays)
    found = listing.Found(crawl, judged, decisions, places)
    return Outcome(
        clusters=listing.list_clusters(engine, crawl.names, places=places, decisions=decisions),
        rejected=listing.list_rejected(engine, crawl.pages),
        documents=listing.list_documents(engine, found, annotate=settings.resolve.annotate),
        blocks=listing.list_blocks(engine, found),
        removals=listing.count_removals(engine, found),
    )


def find_in_texts(
    engine: Engine[Frame], scan: Frame, settings: Settings, *, unit: Unit
) -> Outcome[Frame]:
    """Find duplicates among the documents' texts, or their blocks, as they are given."""
    if unit == "document":
        return _find_documents(engine, scan, settings)
    crawl = segment_crawl(engine, scan, settings.segment)
    blocks = match_blocks(engine, crawl, settings.blocks)
    places = place_blocks(engine, crawl, blocks, stays=None)
    decisions = None
    if unit == "both":
        compared = compare_texts(engine, crawl, settings)
        decisions = _decide(engine, crawl.pages, compared, names=crawl.names, settings=settings)
    return Outcome(
        clusters=listing.list_clusters(engine, crawl.names, places=places, decisions=decisions),
        rejected=listing.list_rejected(engine, crawl.pages),
    )


def _find_documents(engine: Engine[Frame], scan: Frame, settings: Settings) -> Outcome[Frame]:
    """Find duplicates among whole texts: their blocks are not looked for."""
    pages = read_texts(engine, scan, settings, name=READ)
    names = name_documents(engine, pages)
    decisions = _decide(engine, pages, pages, names=names, settings=settings)
    return Outcome(
        clusters=listing.list_clusters(engine, names, places=None, decisions=decisions),
        rejected=listing.list_rejected(engine, pages),
    )


def find_in_bodies(
    engine: Engine[Frame], scan: Frame, settings: Settings, *, unit: Unit
) -> Outcome[Frame]:
    """Find duplicates among the bodies that the classifier finds, or among their blocks."""
    crawl = segment_crawl(engine, scan, settings.segment)
    blocks = match_blocks(engine, crawl, settings.blocks)
    judged = judge_blocks(engine, crawl, blocks, settings)
    places = decisions = None
    if unit != "document":
        places = place_blocks(engine, only_body(engine, crawl, judged), blocks, stays=None)
    if unit != "block":
        compared = compare_bodies(engine, crawl, judged, settings)
        decisions = _decide(engine, crawl.pages, compared, names=crawl.names, settings=settings)
    return Outcome(
        clusters=listing.list_clusters(engine, crawl.names, places=places, decisions=decisions),
        rejected=listing.list_rejected(engine, crawl.pages),
    )


def _decide(
    engine: Engine[Frame], pages: Frame, compared: Frame, *, names: Frame, settings: Settings
) -> Frame:
    ranks = rank_documents(engine, pages, compared, settings.resolve)
    matches = match_documents(engine, compared, ranks, settings.documents)
    return decide_documents(engine, matches, ranks=ranks, names=names)
