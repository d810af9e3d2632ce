"""Connected components by alternating large-star and small-star.

Kiveris, Lattanzi, Mirrokni, Rastogi and Vassilvitskii 2014, "Connected Components in MapReduce
and Beyond". Edges point from the higher to the lower key. Large-star leads each higher
neighbour of a key to the lowest neighbour of that key (or itself); small-star does the same
with the lower neighbours and the key itself. Both keep what is connected, and no key meets
more than its neighbours at a time. When nothing points on, each component is a star around its
lowest key. Every step is a query, so its result is written: the checkpoint of the round.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import pyarrow as pa

from dedup.engines.base import COMPONENTS
from dedup.errors import DedupError

EDGES = pa.schema(
    [
        pa.field("high", pa.int64(), nullable=False),
        pa.field("low", pa.int64(), nullable=False),
    ]
)

MAX_ROUNDS = 64
"""Rounds grow with the logarithm of the number of keys: this is for graphs that no one has."""

FIRST = "SELECT DISTINCT greatest(a, b) AS high, least(a, b) AS low FROM pairs WHERE a <> b"

LARGE_STAR = """
WITH ends AS (SELECT high AS key, low AS other FROM edges
              UNION ALL SELECT low AS key, high AS other FROM edges),
lowest AS (SELECT key, least(key, min(other)) AS low FROM ends GROUP BY key)
SELECT DISTINCT e.high, l.low FROM edges e JOIN lowest l ON e.low = l.key
"""
"""Neighbours above a key are those whose edge ends in it."""

SMALL_STAR = """
WITH lowest AS (SELECT high AS key, min(low) AS low FROM edges GROUP BY high),
led AS (
  SELECT e.low AS high, l.low FROM edges e JOIN lowest l ON e.high = l.key WHERE e.low <> l.low
  UNION ALL SELECT key AS high, low FROM lowest)
SELECT DISTINCT high, low FROM led
"""

UNSETTLED = """
SELECT high, low FROM (
  SELECT e.high, e.low FROM edges e JOIN (SELECT DISTINCT low FROM edges) p ON e.high = p.low
  UNION ALL
  SELECT high, min(low) AS low FROM edges GROUP BY high HAVING count(*) > 1) LIMIT 1
"""
"""An edge that goes on, or is not alone: there is none once each component is a star."""

LABELS = """
SELECT high AS key, low AS component FROM edges
UNION ALL
SELECT DISTINCT low AS key, low AS component FROM edges
UNION ALL
SELECT DISTINCT p.a AS key, p.a AS component FROM pairs p
ANTI JOIN (SELECT high AS key FROM edges UNION ALL SELECT low AS key FROM edges) e ON p.a = e.key
ORDER BY key
"""


class Queries(Protocol):
    """What is asked of the engine here."""

    def query(self, sql: str, schema: pa.Schema, *, name: str, frames: Mapping[str, Any]) -> Any:
        """See Engine.query."""
        ...

    def batches(self, frame: Any) -> Iterator[pa.RecordBatch]:
        """See Engine.batches."""
        ...

    def drop(self, *frames: Any) -> None:
        """See Engine.drop."""
        ...


def connect_stars(engine: Queries, pairs: Any) -> Any:
    """Label the columns `a` and `b` of `pairs` with the lowest key that they are connected to.

    Returns
    -------
    A frame of COMPONENTS, one row a key, sorted by key.
    """
    edges = engine.query(FIRST, EDGES, name="list edges", frames={"pairs": pairs})
    for _ in range(MAX_ROUNDS):
        unsettled = engine.query(UNSETTLED, EDGES, name="check stars", frames={"edges": edges})
        settled = not any(batch.num_rows for batch in engine.batches(unsettled))
        engine.drop(unsettled)
        if settled:
            frames = {"edges": edges, "pairs": pairs}
            labels = engine.query(LABELS, COMPONENTS, name="label keys", frames=frames)
            engine.drop(edges)
            return labels
        large = engine.query(LARGE_STAR, EDGES, name="large star", frames={"edges": edges})
        engine.drop(edges)
        edges = engine.query(SMALL_STAR, EDGES, name="small star", frames={"edges": large})
        engine.drop(large)
    raise DedupError(f"components were not found in {MAX_ROUNDS} rounds")
