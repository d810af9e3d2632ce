"""New documents beside an index: what of it is read, and which of the new ones stay."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Generic

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup import schema
from dedup.engines.base import Engine, Frame, Whole
from dedup.index import Index, list_shards, read_shard
from dedup.match import FULL, cluster
from dedup.pipeline.blocks import Crawl
from dedup.pipeline.documents import Decided, band_bodies, list_heads, rank_documents
from dedup.pipeline.match import (
    Matched,
    cluster_matches,
    pair_candidates,
    select_shared,
    verify_candidates,
)
from dedup.pipeline.reach import CROWDED, reach_keepers
from dedup.resolve import beside_index
from dedup.settings import Settings

Numbers = npt.NDArray[np.int64]

CONTENTS = pa.schema([schema.BODIES.field(name) for name in ("key", "text")])
_BUCKETS = "SELECT DISTINCT bucket AS value FROM buckets ORDER BY value"
_SHARING = """
SELECT key AS value FROM buckets UNION SELECT key AS value FROM heads ORDER BY value
"""
_COMPONENTS = "SELECT DISTINCT component AS value FROM texts ORDER BY value"
_CONNECTED = """
SELECT key AS value FROM texts UNION SELECT a AS value FROM pairs
UNION SELECT b AS value FROM pairs ORDER BY value
"""
_VALUES = pa.schema([pa.field("value", pa.int64(), nullable=False)])
_BOTH_BUCKETS = """
SELECT b.bucket, b.key, h.rank, b.low_bits, b.high_bits
FROM fresh b JOIN heads h ON b.key = h.key
UNION ALL
SELECT b.bucket, b.key, h.rank, b.low_bits, b.high_bits
FROM held b JOIN heads h ON b.key = h.key ANTI JOIN fresh_heads f ON b.key = f.key
"""
_BOTH_CONTENTS = "SELECT key, text FROM bodies UNION ALL SELECT key, text FROM held"
_COMPARED = f"""
SELECT a AS key FROM pairs UNION SELECT b AS key FROM pairs
UNION SELECT w.key FROM ({CROWDED}) w
JOIN (SELECT a AS key FROM held UNION SELECT b AS key FROM held) h ON w.key = h.key
ORDER BY key
"""
"""What is shingled: texts in a pair, and of crowds those that a known pair may lead to a keeper."""
_WITH_KNOWN = """
SELECT a, b, similarity, containment FROM pairs
UNION SELECT a, b, similarity, containment FROM held ORDER BY a, b
"""


@dataclass(frozen=True)
class Held(Generic[Frame]):
    """The part of an index that a run needs, as schema.HELD has it.

    `texts` are those that share a bucket with a new one, or its words, and all that pairs
    connect with them; `pairs` and `documents` are theirs. Of texts the columns key and text.
    """

    buckets: Frame
    texts: Frame
    pairs: Frame
    documents: Frame


def read_held(
    engine: Engine[Frame],
    index: Index,
    table: str,
    wanted: Numbers | None = None,
    columns: tuple[str, ...] = (),
) -> Frame:
    """Read the rows of a table of an index whose first column is among `wanted`.

    Parameters
    ----------
    wanted: int64[n], ascending and distinct; None for all rows.
    columns: of the table; all if none is named.
    """
    names = columns or tuple(schema.HELD[table].names)
    made = pa.schema([schema.HELD[table].field(name) for name in names])
    # what is not yet written may stand where another index does
    shards = list_shards(index.folder, table, wanted, names) if index.generation else []
    if not shards:
        return engine.frame([], made)
    scan = engine.scan(shards, read_shard, sizes=[shard.n_bytes for shard in shards])
    return engine.map(scan, partial(as_declared, columns=made), made, name=f"read indexed {table}")


def as_declared(batch: pa.RecordBatch, *, columns: pa.Schema) -> pa.RecordBatch:
    """Give what was read from a file the schema that was declared for it."""
    return pa.RecordBatch.from_arrays(batch.columns, schema=columns)


def select_held(engine: Engine[Frame], index: Index, buckets: Frame, heads: Frame) -> Held[Frame]:
    """Read what may match new texts, and all that is connected with it.

    Parameters
    ----------
    buckets: schema.BUCKETS of the new texts; heads: has their keys.
    """
    wanted = _values(engine, _BUCKETS, buckets=buckets)
    shared = read_held(engine, index, "buckets", wanted)
    keys = _values(engine, _SHARING, buckets=shared, heads=heads)
    met = read_held(engine, index, "texts", keys, ("key", "component"))
    pairs = read_held(engine, index, "pairs", _values(engine, _COMPONENTS, texts=met))
    connected = _values(engine, _CONNECTED, texts=met, pairs=pairs)
    return Held(
        buckets=shared,
        texts=read_held(engine, index, "texts", connected, ("key", "text")),
        pairs=pairs,
        documents=read_held(engine, index, "documents", connected),
    )


def _values(engine: Engine[Frame], sql: str, **frames: Frame) -> Numbers:
    """Bring one column to the caller: 8 bytes for each bucket or text of the new documents."""
    frame = engine.query(sql, _VALUES, name="list what to look up", frames=frames)
    batches = [batch.column(0).to_numpy() for batch in engine.batches(frame)]
    return np.concatenate([np.zeros(0, np.int64), *batches])


def name_beside(engine: Engine[Frame], names: Frame, index: Index) -> Frame:
    """Rename new documents whose id stands in the index; all its ids are read.

    Parameters
    ----------
    names: schema.NAMES.
    """
    return engine.query(
        beside_index.NAMES.format(generation=index.generation + 1),
        schema.NAMES,
        name="name beside index",
        frames={"names": names, "held": read_held(engine, index, "documents", columns=("id",))},
    )


def decide_beside(
    engine: Engine[Frame],
    crawl: Crawl[Frame],
    compared: Frame,
    index: Index,
    settings: Settings,
) -> Decided[Frame]:
    """Match new documents with each other and with those of an index; choose which stay.

    Clusters are those that both crawls would have at once. What was delivered stays their
    keeper: a new document goes if it reaches the threshold with a delivered one, or with a
    better new one that stays.

    Parameters
    ----------
    compared: schema.BODIES of the new documents.
    """
    first = rank_documents(engine, crawl.pages, compared, settings.resolve)
    fresh = list_heads(engine, first)
    buckets = band_bodies(engine, fresh, compared)
    held = select_held(engine, index, buckets, fresh)
    together = engine.query(
        beside_index.TOGETHER,
        beside_index.TOGETHER_ROWS,
        name="join documents",
        frames={"bodies": compared, "pages": crawl.pages, "held": held.documents},
    )
    ranks = rank_documents(engine, together, together, settings.resolve)
    matches = match_both(engine, (fresh, buckets, compared), held, ranks, settings)
    engine.drop(buckets, held.buckets)
    decisions = _decide(engine, crawl.names, held.documents, ranks, matches)
    return Decided(decisions, ranks, matches, held.documents)


def match_both(
    engine: Engine[Frame],
    new: tuple[Frame, Frame, Frame],
    held: Held[Frame],
    ranks: Frame,
    settings: Settings,
) -> Matched[Frame]:
    """Match the texts of both; `new` are heads, buckets and bodies of the new documents."""
    fresh, fresh_buckets, bodies = new
    heads = list_heads(engine, ranks)
    buckets = engine.query(
        _BOTH_BUCKETS,
        schema.BUCKETS,
        name="join buckets",
        frames={
            "fresh": fresh_buckets,
            "fresh_heads": fresh,
            "held": held.buckets,
            "heads": heads,
        },
    )
    contents = engine.query(
        _BOTH_CONTENTS,
        CONTENTS,
        name="join texts",
        frames={"bodies": bodies, "held": held.texts},
    )
    shared = select_shared(engine, buckets, what="bodies")
    likely = pair_candidates(engine, shared, settings.documents, full=FULL, what="bodies")
    keys = engine.query(
        _COMPARED,
        schema.KEYS,
        name="list paired bodies",
        frames={"pairs": likely, "held": held.pairs, "shared": shared},
    )
    compared = verify_candidates(
        engine, likely, (keys, contents), settings.documents, what="bodies"
    )
    known = engine.query(
        _WITH_KNOWN,
        schema.PAIRS,
        name="add known pairs",
        frames={"pairs": compared.pairs, "held": held.pairs},
    )
    pairs = reach_keepers(
        engine,
        replace(compared, pairs=known),
        texts=heads,
        shared=shared,
        settings=settings.documents,
        what="bodies",
    )
    engine.drop(likely, compared.sets)
    return Matched(heads, pairs, shared, contents)


def _decide(
    engine: Engine[Frame], names: Frame, held: Frame, ranks: Frame, matches: Matched[Frame]
) -> Frame:
    """Cluster as both crawls at once, and gather each cluster around what was delivered."""
    clusters = cluster_matches(engine, matches, minimum=0.0, what="bodies")
    standing = engine.query(
        beside_index.STANDING,
        beside_index.STANDING_ROWS,
        name="list standings",
        frames={"ranks": ranks, "held": held},
    )
    standings = engine.number(standing, beside_index.STANDINGS, name="rank standings")
    within = engine.query(
        beside_index.STAR_PAIRS,
        schema.COMPONENT_PAIRS,
        name="select within clusters",
        frames={"pairs": matches.pairs, "clusters": clusters, "standings": standings},
    )
    stars = engine.map(
        within, cluster, schema.CLUSTERS, name="gather around delivered", whole=Whole("component")
    )
    return engine.query(
        beside_index.DECISIONS,
        schema.DECISIONS,
        name="decide documents",
        frames={
            "ranks": ranks,
            "names": names,
            "held": held,
            "clusters": clusters,
            "stars": stars,
        },
    )
