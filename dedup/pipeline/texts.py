"""Duplicates among texts that are at hand, without pages or files."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup import schema
from dedup.engines.local import LocalEngine
from dedup.match import choose_bands
from dedup.pipeline.documents import Comparing, decide_matches, match_documents, whole_bodies
from dedup.settings import MatchSettings

TEXT_CLUSTERS = pa.schema(
    [
        # place of the cluster's keeper, and of the member, in the list of texts
        pa.field("cluster", pa.int64(), nullable=False),
        pa.field("text", pa.int64(), nullable=False),
        pa.field("keeper", pa.bool_(), nullable=False),
        # with the keeper: exact Jaccard similarity, and containment of the smaller in the larger
        pa.field("similarity", pa.float64(), nullable=False),
        pa.field("containment", pa.float64(), nullable=False),
    ]
)
"""Sorted by (cluster, keeper first, text)."""

_BATCH_TEXTS = 1 << 14
_NAMES = "SELECT document, CAST(document AS VARCHAR) AS id FROM bodies"
_RANKS = """
WITH ranked AS (
  SELECT document, key, row_number() OVER (ORDER BY n_characters DESC, document) AS rank
  FROM bodies WHERE n_words > 0)
SELECT document, key, rank, min(rank) OVER (PARTITION BY key) AS key_rank FROM ranked
"""
_CLUSTERS = """
SELECT CAST(cluster AS BIGINT) AS cluster, document AS text, keep AS keeper,
       similarity, containment
FROM decisions WHERE cluster IS NOT NULL ORDER BY 1, keeper DESC, text
"""
_PLACED = pa.schema([schema.PAGES.field(name) for name in ("document", "text", "n_characters")])


def cluster_texts(texts: pa.Array, settings: MatchSettings) -> pa.Table:
    """Cluster texts; the longest of a cluster is its keeper.

    Returns
    -------
    TEXT_CLUSTERS: a row for each text that has a duplicate.
    """
    how = Comparing("crawl", settings, choose_bands(settings))
    with LocalEngine() as engine:
        given = engine.frame(_placed(texts), _PLACED)
        compared = engine.map(
            given, partial(whole_bodies, how=how), schema.BODIES, name="sketch bodies"
        )
        names = engine.query(_NAMES, schema.NAMES, name="name", frames={"bodies": compared})
        ranks = engine.query(_RANKS, schema.RANKS, name="rank", frames={"bodies": compared})
        matches = match_documents(engine, compared, ranks, settings)
        decisions = decide_matches(engine, matches, ranks=ranks, names=names)
        clusters = engine.query(
            _CLUSTERS, TEXT_CLUSTERS, name="list", frames={"decisions": decisions}
        )
        return engine.table(clusters)


def _placed(texts: pa.Array) -> Iterator[pa.RecordBatch]:
    for begin in range(0, len(texts), _BATCH_TEXTS):
        some = texts.slice(begin, _BATCH_TEXTS)
        numbers = pa.array(np.arange(begin, begin + len(some)))
        yield pa.RecordBatch.from_arrays([numbers, some, pc.utf8_length(some)], schema=_PLACED)
