"""From distinct texts to verified pairs, and from pairs to clusters, on any engine."""

from dataclasses import dataclass
from functools import partial
from typing import Generic

from dedup import schema
from dedup.engines.base import Beside, Engine, Frame
from dedup.match import (
    anchor_buckets,
    bands,
    candidates,
    choose_bands,
    cluster,
    components,
    verify,
)
from dedup.settings import MatchSettings
from dedup.sketch import sketch

SHARED_BUCKETS = """
WITH every AS ({every})
SELECT bucket, key, rank FROM every
WHERE bucket IN (SELECT bucket FROM every GROUP BY bucket HAVING count(*) > 1)
ORDER BY bucket, rank
"""
DISTINCT_PAIRS = "SELECT DISTINCT a, b FROM candidates ORDER BY a, b"
PAIRS_FROM = "SELECT * FROM pairs WHERE similarity >= {minimum!r} ORDER BY a, b"
COMPONENT_PAIRS = """
SELECT c.component, p.a, p.b, s.rank AS a_rank, t.rank AS b_rank, p.similarity, p.containment
FROM pairs p
JOIN components c ON p.a = c.key
JOIN texts s ON p.a = s.key
JOIN texts t ON p.b = t.key
ORDER BY c.component, p.a, p.b
"""


@dataclass(frozen=True)
class Matches(Generic[Frame]):
    """Distinct texts (schema.TEXTS), and their pairs that reach a threshold (schema.PAIRS)."""

    texts: Frame
    pairs: Frame


def match(
    engine: Engine[Frame], texts: Frame, settings: MatchSettings, *, what: str
) -> Matches[Frame]:
    """Find the pairs of distinct texts whose similarity or containment reaches its threshold.

    Parameters
    ----------
    texts: schema.TEXTS.
    what: "blocks" or "bodies", for the names of the stages.
    """
    sketches = engine.map(
        texts, partial(sketch, settings=settings), schema.SKETCHES, name=f"sketch {what}"
    )
    cut = partial(bands, cut=choose_bands(settings))
    placed = {"bands": engine.map(sketches, cut, schema.BUCKETS, name=f"band {what}")}
    if settings.containment is not None:
        placed["anchors"] = engine.map(
            sketches, anchor_buckets, schema.BUCKETS, name=f"anchor {what}"
        )
    every = " UNION ALL ".join(f"SELECT * FROM {name}" for name in placed)
    shared = engine.query(
        SHARED_BUCKETS.format(every=every), schema.BUCKETS, name=f"group {what}", frames=placed
    )
    found = engine.map(shared, candidates, schema.CANDIDATES, name=f"pair {what}", whole="bucket")
    distinct = engine.query(
        DISTINCT_PAIRS, schema.CANDIDATES, name=f"sort {what}", frames={"candidates": found}
    )
    pairs = engine.map(
        distinct,
        partial(verify, settings=settings),
        schema.PAIRS,
        name=f"verify {what}",
        beside=Beside(sketches, "key", ("a", "b")),
    )
    return Matches(texts, pairs)


def cluster_matches(
    engine: Engine[Frame], matches: Matches[Frame], *, minimum: float, what: str
) -> Frame:
    """Cluster texts by those of their pairs whose similarity reaches `minimum`.

    Returns
    -------
    schema.CLUSTERS.
    """
    pairs = engine.query(
        PAIRS_FROM.format(minimum=minimum),
        schema.PAIRS,
        name=f"select {what}",
        frames={"pairs": matches.pairs},
    )
    groups = engine.query(
        COMPONENT_PAIRS,
        schema.COMPONENT_PAIRS,
        name=f"connect {what}",
        frames={
            "pairs": pairs,
            "components": engine.components(pairs, components),
            "texts": matches.texts,
        },
    )
    return engine.map(groups, cluster, schema.CLUSTERS, name=f"cluster {what}", whole="component")
