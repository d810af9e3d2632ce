"""From blocks to decisions on documents, and to the tables that are written."""

from dataclasses import dataclass
from functools import partial
from typing import Generic

import pyarrow as pa

from dedup import schema
from dedup.engines.base import Beside, Engine, Frame
from dedup.match import repetition
from dedup.pipeline.blocks import Crawl, Judged, judge_blocks, match_blocks, segment_crawl
from dedup.pipeline.match import Matches, cluster_matches, match
from dedup.report import rows
from dedup.resolve import bodies as make_bodies
from dedup.resolve import documents, evidence, in_order_of, ranks_sql
from dedup.settings import Comparison, Scope, Settings, Unit
from dedup.sketch import text_keys


@dataclass(frozen=True)
class Outcome(Generic[Frame]):
    """The tables of a run, sorted as schema.py says; None for one that the job does not make."""

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
    bodies = body_texts(engine, crawl, judged, settings.resolve.scope)
    decisions = decide_documents(engine, crawl, bodies, settings)
    places = place_blocks(engine, crawl, blocks, verdicts=_verdicts(engine, judged, decisions))
    return Outcome(
        clusters=list_clusters(engine, crawl, places, decisions),
        rejected=list_rejected(engine, crawl),
        documents=list_documents(engine, crawl, judged, decisions, settings),
        blocks=list_blocks(engine, crawl, judged, decisions, places),
        removals=count_removals(engine, crawl, judged, decisions),
    )


def find(
    engine: Engine[Frame], scan: Frame, settings: Settings, *, on: Comparison, unit: Unit
) -> Outcome[Frame]:
    """Find duplicate documents and blocks; changes no text.

    Compares the texts as they are given, or with on="body" the bodies that the
    classifier finds in them.
    """
    crawl = segment_crawl(engine, scan, settings.segment)
    blocks = match_blocks(engine, crawl, settings.blocks)
    if on == "body":
        judged = judge_blocks(engine, crawl, blocks, settings)
        bodies = body_texts(engine, crawl, judged, settings.resolve.scope)
        crawl = only_bodies(engine, crawl, judged)
    else:
        bodies = engine.map(
            crawl.pages,
            partial(_whole_texts, scope=settings.resolve.scope),
            schema.BODIES,
            name="texts",
        )
    decisions = decide_documents(engine, crawl, bodies, settings)
    places = place_blocks(engine, crawl, blocks, verdicts=_all_verdicts(engine, crawl))
    return Outcome(
        clusters=list_clusters(engine, crawl, places, decisions),
        rejected=list_rejected(engine, crawl),
    )
