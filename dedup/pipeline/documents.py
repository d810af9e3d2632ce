"""From documents to decisions: what is compared of each, and which copy stays."""

from functools import partial

import pyarrow as pa

from dedup import schema
from dedup.engines.base import Beside, Engine, Frame
from dedup.pipeline.blocks import Crawl, Judged
from dedup.pipeline.match import cluster_matches, match
from dedup.resolve import bodies, documents, in_order_of, ranks_sql
from dedup.settings import MatchSettings, ResolveSettings, Scope
from dedup.sketch import text_keys

ORIGINS = pa.schema([schema.PAGES.field(name) for name in ("document", "source", "site")])
_ORIGINS = "SELECT document, source, site FROM pages"


def compare_bodies(
    engine: Engine[Frame], crawl: Crawl[Frame], judged: Judged[Frame], scope: Scope
) -> Frame:
    """Take the body of each page, as it was resolved, for comparison.

    Returns
    -------
    schema.BODIES.
    """
    origins = engine.query(_ORIGINS, ORIGINS, name="list origins", frames={"pages": crawl.pages})
    return engine.map(
        judged.resolved,
        partial(resolved_bodies, scope=scope),
        schema.BODIES,
        name="take bodies",
        beside=Beside(origins, "document", ("document",)),
    )


def compare_texts(engine: Engine[Frame], crawl: Crawl[Frame], scope: Scope) -> Frame:
    """Take the whole text of each page for comparison.

    Returns
    -------
    schema.BODIES.
    """
    return engine.map(
        crawl.pages, partial(whole_texts, scope=scope), schema.BODIES, name="take texts"
    )


def rank_documents(
    engine: Engine[Frame], crawl: Crawl[Frame], compared: Frame, settings: ResolveSettings
) -> Frame:
    """Put documents that have words in the order of the keep policy.

    Returns
    -------
    schema.RANKS.
    """
    return engine.query(
        ranks_sql(settings),
        schema.RANKS,
        name="rank documents",
        frames={"bodies": compared, "pages": crawl.pages},
    )


def decide_documents(
    engine: Engine[Frame],
    compared: Frame,
    *,
    ranks: Frame,
    names: Frame,
    settings: MatchSettings,
) -> Frame:
    """Match what is compared of the documents, cluster them, and choose the copy that stays.

    Parameters
    ----------
    compared: schema.BODIES; ranks: schema.RANKS; names: schema.NAMES.

    Returns
    -------
    schema.DECISIONS.
    """
    texts = engine.query(
        documents.TEXTS.format(ngram=settings.ngram),
        schema.TEXTS,
        name="distinct bodies",
        frames={"bodies": compared, "ranks": ranks},
    )
    matches = match(engine, texts, settings, what="bodies")
    clusters = cluster_matches(engine, matches, minimum=0.0, what="bodies")
    return engine.query(
        documents.DECISIONS,
        schema.DECISIONS,
        name="decide documents",
        frames={"ranks": ranks, "names": names, "clusters": clusters},
    )


def resolved_bodies(
    resolved: pa.RecordBatch, origins: pa.RecordBatch, *, scope: Scope
) -> pa.RecordBatch:
    """Turn schema.RESOLVED into schema.BODIES."""
    texts = resolved.column("text")
    origins = in_order_of(resolved.column("document"), origins)
    return bodies(origins, texts, *text_keys(texts), scope=scope)


def whole_texts(pages: pa.RecordBatch, *, scope: Scope) -> pa.RecordBatch:
    """Turn schema.PAGES into schema.BODIES."""
    texts = pages.column("text")
    return bodies(pages, texts, *text_keys(texts), scope=scope)
