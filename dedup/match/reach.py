"""Which texts may belong to a keeper that they were never compared with."""

import numpy as np
import pyarrow as pa

from dedup import schema
from dedup.match.cluster import gather

CHANCES = pa.schema(
    [schema.COMPONENT_PAIRS.field(name) for name in ("component", "a", "b", "a_rank", "b_rank")]
)
"""Candidates, a < b, of one component; no order, and some twice."""


def unmet_keepers(pairs: pa.RecordBatch, minimums: tuple[float, ...]) -> pa.RecordBatch:
    """Pair texts with the keepers of those they were verified with.

    Two texts whose Jaccard distance to a third is at most d are at most 2 d from each other,
    and often as near. A text that no keeper took in is paired with the keepers of all its
    partners, a text that one did with those that are ranked before its own. So no verified
    pair makes more than one of these for each of `minimums`.

    Parameters
    ----------
    pairs: schema.COMPONENT_PAIRS; no component goes on in another batch.
    minimums: similarities from which on pairs are clustered; of each, its own keepers.

    Returns
    -------
    CHANCES; some may have been candidates before.
    """
    similarity = pairs.column("similarity").to_numpy(zero_copy_only=False)
    found = [_unmet(pairs.filter(pa.array(similarity >= minimum))) for minimum in minimums]
    return pa.concat_batches(found)


def _unmet(pairs: pa.RecordBatch) -> pa.RecordBatch:
    stars = gather(pairs)
    component = pairs.column("component").to_numpy(zero_copy_only=False)
    texts = np.concatenate([stars.one, stars.other])
    partners = np.concatenate([stars.other, stars.one])
    taken = (stars.keeper >= 0) & (stars.keeper != np.arange(len(stars.keys)))
    keepers = stars.keeper[partners]
    wanted = (keepers >= 0) & (keepers != partners) & (keepers != texts)
    better = stars.ranks[keepers] < stars.ranks[stars.keeper[texts]]
    wanted &= better | ~taken[texts]
    one, other = texts[wanted], keepers[wanted]
    # numbers ascend as keys do
    a, b = np.minimum(one, other), np.maximum(one, other)
    columns = (
        np.concatenate([component, component])[wanted],
        *(stars.keys[end] for end in (a, b)),
        *(stars.ranks[end] for end in (a, b)),
    )
    return pa.RecordBatch.from_arrays([pa.array(column) for column in columns], schema=CHANCES)
