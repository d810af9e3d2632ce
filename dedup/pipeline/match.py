"""From distinct texts to verified pairs, and from pairs to clusters, on any engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup import schema
from dedup.buffers import as_hashes, list_buffers
from dedup.engines.base import Beside, Engine, Frame, Sieve, Whole
from dedup.match import (
    FULL,
    FULL_FOR_PAIRS,
    Bands,
    anchor_buckets,
    band_buckets,
    candidates,
    cluster,
    components,
    sieve,
    signature_bits,
    verify,
)
from dedup.pipeline.reach import BOTH_PAIRS, Compared, has_rows, reach_keepers
from dedup.settings import MatchSettings
from dedup.sketch import anchors, shingle, sign

Numbers = npt.NDArray[np.int64]

SIEVE = Sieve(sieve.new_counters, sieve.mark, sieve.may_repeat)
LARGER_BUCKETS = """
SELECT * FROM buckets
WHERE bucket IN (SELECT bucket FROM buckets GROUP BY bucket HAVING count(*) > {size})
ORDER BY bucket, rank
"""
DISTINCT_PAIRS = "SELECT DISTINCT a, b FROM candidates ORDER BY a, b"
PAIRED = "SELECT a AS key FROM pairs UNION SELECT b AS key FROM pairs ORDER BY key"
PAIRS_FROM = "SELECT * FROM pairs WHERE similarity >= {minimum!r} ORDER BY a, b"
COMPONENT_PAIRS = """
SELECT c.component, p.a, p.b, s.rank AS a_rank, t.rank AS b_rank, p.similarity, p.containment
FROM pairs p
JOIN components c ON p.a = c.key
JOIN texts s ON p.a = s.key
JOIN texts t ON p.b = t.key
ORDER BY component, a, b
"""


@dataclass(frozen=True)
class Matches(Generic[Frame]):
    """Distinct texts (key and rank of each), and their pairs that reach a threshold."""

    texts: Frame
    # schema.PAIRS
    pairs: Frame


@dataclass(frozen=True)
class Matched(Matches[Frame]):
    """Matches, and what they came of."""

    # schema.BUCKETS that hold two texts or more
    shared: Frame
    # columns key and text
    contents: Frame


def match(
    engine: Engine[Frame],
    texts: Frame,
    contents: Frame,
    buckets: Frame,
    settings: MatchSettings,
    *,
    what: str,
) -> Matched[Frame]:
    """Find the pairs of texts whose similarity or containment reaches its threshold.

    Parameters
    ----------
    texts: has columns key and rank; distinct.
    contents: has columns key and text; where two rows have one key, their words are the same.
    buckets: schema.BUCKETS of the distinct texts; dropped.
    what: "blocks" or "bodies", for the names of the stages.
    """
    shared = select_shared(engine, buckets, what=what)
    compared = pair_shared(engine, shared, contents, settings, full=FULL, what=what)
    pairs = reach_keepers(
        engine, compared, texts=texts, shared=shared, settings=settings, what=what
    )
    engine.drop(compared.candidates, compared.sets)
    return Matched(texts, pairs, shared, contents)


def select_shared(engine: Engine[Frame], buckets: Frame, *, what: str) -> Frame:
    """Select the buckets that hold two texts or more, sorted by (bucket, rank); drop all."""
    likely = engine.sift(buckets, "bucket", SIEVE, name=f"sift {what}")
    engine.drop(buckets)
    shared = engine.query(
        LARGER_BUCKETS.format(size=1),
        schema.BUCKETS,
        name=f"group {what}",
        frames={"buckets": likely},
    )
    engine.drop(likely)
    return shared


def all_pairs(
    engine: Engine[Frame], matches: Matched[Frame], settings: MatchSettings, *, what: str
) -> Frame:
    """Find the pairs of large buckets, too, that clusters do not need.

    Parameters
    ----------
    settings: those that led to `matches`, in which the pairs of all other buckets are.

    Returns
    -------
    schema.PAIRS.
    """
    large = engine.query(
        LARGER_BUCKETS.format(size=FULL),
        schema.BUCKETS,
        name=f"group all {what}",
        frames={"buckets": matches.shared},
    )
    if not has_rows(engine, large):
        return matches.pairs
    compared = pair_shared(
        engine, large, matches.contents, settings, full=FULL_FOR_PAIRS, what=f"all {what}"
    )
    return engine.query(
        BOTH_PAIRS,
        schema.PAIRS,
        name=f"join all {what}",
        frames={"one": compared.pairs, "other": matches.pairs},
    )


def pair_shared(
    engine: Engine[Frame],
    shared: Frame,
    contents: Frame,
    settings: MatchSettings,
    *,
    full: int,
    what: str,
) -> Compared[Frame]:
    """Pair the texts that share a bucket, and verify the pairs."""
    pairs = pair_candidates(engine, shared, settings, full=full, what=what)
    # few texts are in a pair: only they are shingled
    keys = engine.query(PAIRED, schema.KEYS, name=f"list paired {what}", frames={"pairs": pairs})
    return verify_candidates(engine, pairs, (keys, contents), settings, what=what)


def pair_candidates(
    engine: Engine[Frame], shared: Frame, settings: MatchSettings, *, full: int, what: str
) -> Frame:
    """Pair the texts that share a bucket: schema.CANDIDATES."""
    found = engine.map(
        shared,
        partial(candidates, settings=settings, full=full),
        schema.CANDIDATES,
        name=f"pair {what}",
        whole=Whole("bucket"),
    )
    pairs = engine.query(
        DISTINCT_PAIRS, schema.CANDIDATES, name=f"sort {what}", frames={"candidates": found}
    )
    engine.drop(found)
    return pairs


def verify_candidates(
    engine: Engine[Frame],
    pairs: Frame,
    texts: tuple[Frame, Frame],
    settings: MatchSettings,
    *,
    what: str,
) -> Compared[Frame]:
    """Verify candidate pairs.

    Parameters
    ----------
    texts: schema.KEYS of all texts in `pairs`, and a frame with columns key and text.
    """
    keys, contents = texts
    sets = engine.map(
        keys,
        partial(shingle_paired, settings=settings),
        schema.SHINGLES,
        name=f"shingle {what}",
        beside=Beside(contents, "key", ("key",), ("key", "text")),
    )
    verified = engine.map(
        pairs,
        partial(verify, settings=settings),
        schema.PAIRS,
        name=f"verify {what}",
        beside=Beside(sets, "key", ("a", "b"), schema.SHINGLES.names),
    )
    return Compared(pairs, sets, verified)


@dataclass(frozen=True)
class Bucketed:
    """Of n texts: keys int64[n], n_words int32[n], bits int64[n, 2], and their buckets.

    `owners` are the rows to which `buckets` belong.
    """

    keys: Numbers
    n_words: npt.NDArray[np.int32]
    bits: Numbers
    owners: Numbers
    buckets: Numbers


def bucket_texts(
    texts: pa.Array, scopes: Numbers, *, settings: MatchSettings, cut: Bands
) -> Bucketed:
    """Put texts into the buckets of their bands and, for containment, of their anchors.

    Parameters
    ----------
    scopes: int64[n]. cut: the bands that `settings` lead to, chosen once for all batches.
    """
    made = sign(texts, settings)
    hashes = scopes.view(np.uint64)
    signed = np.flatnonzero(made.signed)
    buckets = band_buckets(made.values, hashes, cut)
    if len(signed) < len(texts):
        buckets = buckets[signed]
    owners, buckets = np.repeat(signed, cut.n_bands), buckets.reshape(-1)
    if settings.containment is not None:
        values, offsets = list_buffers(anchors(texts, settings))
        anchored = np.repeat(np.arange(len(texts)), np.diff(offsets))
        buckets = np.concatenate([buckets, anchor_buckets(as_hashes(values), hashes[anchored])])
        owners = np.concatenate([owners, anchored])
    return Bucketed(made.keys, made.n_words, signature_bits(made.values), owners, buckets)


def place_texts(texts: pa.RecordBatch, *, settings: MatchSettings, cut: Bands) -> pa.RecordBatch:
    """Put distinct texts into their buckets: schema.TEXTS to schema.BUCKETS."""
    scopes = texts.column("scope").to_numpy()
    made = bucket_texts(texts.column("text"), scopes, settings=settings, cut=cut)
    bits = [pa.array(column) for column in made.bits.T]
    return place_buckets(texts, bits, made.owners, made.buckets)


def place_buckets(
    texts: pa.RecordBatch, bits: Sequence[pa.Array], owners: Numbers, buckets: Numbers
) -> pa.RecordBatch:
    """Name each bucket's text.

    Parameters
    ----------
    texts: has columns key and rank. bits: the columns of schema.BITS, in the order of `texts`.
    owners: int64[n], rows of `texts`; buckets: int64[n].

    Returns
    -------
    schema.BUCKETS.
    """
    of_text = (texts.column("key"), texts.column("rank"), *bits)
    # numpy's take: Arrow's costs three times as much
    columns = [buckets, *(column.to_numpy()[owners] for column in of_text)]
    return pa.RecordBatch.from_arrays(
        [pa.array(column) for column in columns], schema=schema.BUCKETS
    )


def shingle_paired(
    keys: pa.RecordBatch, texts: pa.RecordBatch, *, settings: MatchSettings
) -> pa.RecordBatch:
    """Shingle the texts that `keys` name: schema.KEYS to schema.SHINGLES."""
    assert keys.num_rows == texts.num_rows
    return shingle(texts, settings)


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
    return engine.map(
        groups, cluster, schema.CLUSTERS, name=f"cluster {what}", whole=Whole("component")
    )
