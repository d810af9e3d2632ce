"""Texts of large buckets find the keepers that they were not paired with."""

from dataclasses import dataclass
from functools import partial
from typing import Generic

from dedup import schema
from dedup.engines.base import Beside, Engine, Frame, Whole
from dedup.match import CHANCES, FULL, components, unmet_keepers, verify
from dedup.settings import MatchSettings

ROUNDS = 8
"""Rounds at most: what one finds makes other keepers, which the next one looks at."""

CROWDED = f"""
SELECT DISTINCT key FROM shared
WHERE bucket IN (SELECT bucket FROM shared GROUP BY bucket HAVING count(*) > {FULL})
"""
CROWDED_PAIRS = """
SELECT c.component, p.a, p.b, s.rank AS a_rank, t.rank AS b_rank, p.similarity, p.containment
FROM pairs p
JOIN components c ON p.a = c.key
JOIN texts s ON p.a = s.key
JOIN texts t ON p.b = t.key
WHERE c.component IN (
  SELECT d.component FROM components d JOIN crowded w ON d.key = w.key)
ORDER BY component, a, b
"""
UNSEEN = """
SELECT DISTINCT f.* FROM found f
JOIN crowded v ON f.a = v.key
JOIN crowded w ON f.b = w.key
ANTI JOIN seen s ON f.a = s.a AND f.b = s.b
ORDER BY a, b
"""
CHANGED = """
WITH gained AS (
  SELECT u.component, m.a, m.b, u.a_rank, u.b_rank, m.similarity, m.containment
  FROM more m JOIN unseen u ON m.a = u.a AND m.b = u.b)
SELECT * FROM pairs WHERE component IN (SELECT component FROM gained)
UNION ALL SELECT * FROM gained
ORDER BY component, a, b
"""
BOTH_CHANCES = "SELECT * FROM one UNION ALL SELECT * FROM other"
BOTH_PAIRS = "SELECT * FROM one UNION SELECT * FROM other ORDER BY a, b"


@dataclass(frozen=True)
class Compared(Generic[Frame]):
    """What was compared of the texts that share a bucket."""

    # schema.CANDIDATES
    candidates: Frame
    # schema.SHINGLES of the texts in candidates
    sets: Frame
    # schema.PAIRS
    pairs: Frame


@dataclass(frozen=True)
class _Round(Generic[Frame]):
    """What a round begins with."""

    # schema.PAIRS, all that are known
    reached: Frame
    # schema.COMPONENT_PAIRS of the components that the last round changed
    changed: Frame
    # columns a and b, not to be compared again
    seen: Frame


def reach_keepers(
    engine: Engine[Frame],
    compared: Compared[Frame],
    *,
    texts: Frame,
    shared: Frame,
    settings: MatchSettings,
    what: str,
) -> Frame:
    """Compare texts of large buckets with the keepers of those they were verified with.

    Parameters
    ----------
    texts: has columns key and rank; shared: schema.BUCKETS.

    Returns
    -------
    schema.PAIRS: those of `compared`, and those found now.
    """
    crowded = engine.query(
        CROWDED, schema.KEYS, name=f"list crowded {what}", frames={"shared": shared}
    )
    if not has_rows(engine, crowded):
        return compared.pairs
    pairs = engine.query(
        CROWDED_PAIRS,
        schema.COMPONENT_PAIRS,
        name=f"connect crowded {what}",
        frames={
            "pairs": compared.pairs,
            "components": engine.components(compared.pairs, components),
            "texts": texts,
            "crowded": crowded,
        },
    )
    now = _Round(compared.pairs, pairs, compared.candidates)
    for number in range(ROUNDS):
        if not has_rows(engine, now.changed):
            break
        unseen = _unmet(engine, now, crowded, settings, what=what)
        more = engine.map(
            unseen,
            partial(verify, settings=settings),
            schema.PAIRS,
            name=f"verify {what}",
            beside=Beside(compared.sets, "key", ("a", "b"), schema.SHINGLES.names),
        )
        # of the few components that change, what the buckets had paired already is cheaper
        # to compare again than to look up
        seen = now.seen if number else engine.frame([], CHANCES)
        now = _next_round(engine, now, unseen, more, seen, what=what)
    return now.reached


def _unmet(
    engine: Engine[Frame],
    now: _Round[Frame],
    crowded: Frame,
    settings: MatchSettings,
    *,
    what: str,
) -> Frame:
    """List the pairs of a round: CHANCES, sorted by (a, b), each once."""
    minimums = (0.0,) if settings.containment is None else (0.0, settings.threshold)
    found = engine.map(
        now.changed,
        partial(unmet_keepers, minimums=minimums),
        CHANCES,
        name=f"seek keepers of {what}",
        whole=Whole("component"),
    )
    return engine.query(
        UNSEEN,
        CHANCES,
        name=f"sort unmet {what}",
        frames={"found": found, "crowded": crowded, "seen": now.seen},
    )


def _next_round(
    engine: Engine[Frame],
    now: _Round[Frame],
    unseen: Frame,
    more: Frame,
    seen: Frame,
    *,
    what: str,
) -> _Round[Frame]:
    """Take in what a round compared (CHANCES) and the pairs that it found (schema.PAIRS)."""
    if not has_rows(engine, more):
        return _Round(now.reached, engine.frame([], schema.COMPONENT_PAIRS), seen)
    return _Round(
        reached=engine.query(
            BOTH_PAIRS,
            schema.PAIRS,
            name=f"join {what}",
            frames={"one": now.reached, "other": more},
        ),
        changed=engine.query(
            CHANGED,
            schema.COMPONENT_PAIRS,
            name=f"select crowded {what}",
            frames={"pairs": now.changed, "more": more, "unseen": unseen},
        ),
        seen=engine.query(
            BOTH_CHANCES,
            CHANCES,
            name=f"note {what}",
            frames={"one": seen, "other": unseen},
        ),
    )


def has_rows(engine: Engine[Frame], frame: Frame) -> bool:
    """Tell whether a frame has any row."""
    return any(batch.num_rows for batch in engine.batches(frame))
