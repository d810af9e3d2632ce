"""Clusters: stars of texts around a keeper."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup import schema
from dedup.match.cluster_kernels import choose_keepers, find_roots

Keys = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Stars:
    """Which keeper takes in which text.

    keys: int64[n], ascending. ranks: int64[n].
    keeper: int64[n], a number of keys; its own where a text is keeper, -1 where it is alone.
    by: int64[n], where a text joined a keeper the pair by which it did.
    one, other: int64[pairs], numbers of keys.
    """

    keys: Keys
    ranks: Keys
    keeper: Keys
    by: Keys
    one: Keys
    other: Keys


def gather(pairs: pa.RecordBatch) -> Stars:
    """Gather texts around keepers, lowest rank first.

    The lowest-ranked text that is in no cluster yet becomes a keeper, and all texts paired
    with it that are in none join it. So each member reaches a threshold with its keeper, and
    no chain of neighbours joins texts that differ.

    Parameters
    ----------
    pairs: schema.COMPONENT_PAIRS; no component goes on in another batch.
    """
    a, b, a_rank, b_rank = (
        pairs.column(n).to_numpy(zero_copy_only=False) for n in ("a", "b", "a_rank", "b_rank")
    )
    keys, first, ends = np.unique(np.concatenate([a, b]), return_index=True, return_inverse=True)
    ranks = np.concatenate([a_rank, b_rank])[first]
    one, other = ends[: len(a)], ends[len(a) :]
    # each pair once in either direction, grouped by its first end
    origin, partner = np.concatenate([one, other]), np.concatenate([other, one])
    order = np.lexsort((ranks[partner], origin))
    offsets = np.searchsorted(origin[order], np.arange(len(keys) + 1))
    pair = np.concatenate([np.arange(len(a)), np.arange(len(a))])[order]
    keeper, by = np.full(len(keys), -1), np.zeros(len(keys), np.int64)
    choose_keepers(np.argsort(ranks), offsets, partner[order], pair, keeper, by)
    return Stars(keys, ranks, keeper, by, one, other)


def cluster(pairs: pa.RecordBatch) -> pa.RecordBatch:
    """Name the keeper of each text that `gather` puts into a cluster.

    Parameters
    ----------
    pairs: schema.COMPONENT_PAIRS; no component goes on in another batch.

    Returns
    -------
    schema.CLUSTERS, sorted by key; texts that are left without a partner have no row.
    """
    stars = gather(pairs)
    rows = np.flatnonzero(stars.keeper >= 0)
    keeper = stars.keeper[rows]
    columns = [pa.array(stars.keys[rows]), pa.array(stars.keys[keeper])]
    for name in ("similarity", "containment"):
        values = pairs.column(name).to_numpy(zero_copy_only=False)
        columns.append(pa.array(np.where(keeper == rows, 1.0, values[stars.by[rows]])))
    return pa.RecordBatch.from_arrays(columns, schema=schema.CLUSTERS)


def components(a: Keys, b: Keys) -> tuple[Keys, Keys]:
    """Find what pairs connect, directly or over others.

    Returns
    -------
    keys: int64[n], ascending, all that occur; component: int64[n], the lowest key of each
    key's component.

    Examples
    --------
    >>> keys, component = components(np.array([1, 2, 8]), np.array([2, 5, 9]))
    >>> keys.tolist(), component.tolist()
    ([1, 2, 5, 8, 9], [1, 1, 1, 8, 8])
    """
    keys, ends = np.unique(np.concatenate([a, b]), return_inverse=True)
    roots = np.arange(len(keys))
    find_roots(ends[: len(a)], ends[len(a) :], roots)
    return keys, keys[roots]
