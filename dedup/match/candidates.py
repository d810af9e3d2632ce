"""Pairs of texts that share a bucket."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup import schema
from dedup.match.bits import alike, fewest_equal
from dedup.match.candidates_kernels import FIRST, list_pairs
from dedup.match.nearest import nearest
from dedup.settings import MatchSettings

FULL = 64
"""Texts of a bucket up to which each is paired with each, for clusters."""

FULL_FOR_PAIRS = 1_000
"""The same where all pairs are wanted: half a million of them, for one bucket."""


def candidates(
    buckets: pa.RecordBatch, settings: MatchSettings, *, full: int = FULL
) -> pa.RecordBatch:
    """Pair the texts of each bucket.

    In a bucket of up to `full` texts each is paired with each. In a larger one, each is
    paired with the FIRST lowest-ranked ones, which become keepers before all others, and with
    those that `nearest` finds for its bits: work stays linear in the bucket. What is lost are
    pairs among the others, where no other bucket of theirs is smaller. A text that was paired
    with any member of its cluster gets to its keeper all the same, by `unmet_keepers`; with an
    anchor that is a frequent phrase, passages are lost whose every anchor is frequent, and
    which stand in none of the FIRST texts.

    Pairs whose bits differ too much to reach the threshold are left out.

    Parameters
    ----------
    buckets: schema.BUCKETS, sorted by (bucket, rank); no bucket goes on in another batch.

    Returns
    -------
    schema.CANDIDATES.
    """
    names, keys = (buckets.column(n).to_numpy(zero_copy_only=False) for n in ("bucket", "key"))
    bounds = np.flatnonzero(np.diff(names)) + 1
    begins = np.concatenate([[0], bounds, [len(names)]]).astype(np.int64)
    # ascending keys have ascending numbers, so that pairs of numbers sort as pairs of keys do
    distinct, first, texts = np.unique(keys, return_index=True, return_inverse=True)
    bits = np.stack([buckets.column(field.name).to_numpy()[first] for field in schema.BITS], axis=1)
    ranked = np.empty(count_pairs(begins, full), np.int64)
    list_pairs(begins, texts, len(distinct), full, ranked)
    sizes = np.diff(begins)
    large = np.repeat(sizes > full, sizes)
    crowd = texts[large]
    one, other = (crowd[end] for end in nearest(names[large], bits[crowd]))
    pairs = np.concatenate(
        [ranked, np.minimum(one, other) * len(distinct) + np.maximum(one, other)]
    )
    # not np.unique, which hashes integers since numpy 2.3: 1.0 s where sorting takes 0.1
    pairs.sort()
    a, b = np.divmod(pairs, max(len(distinct), 1))
    two = a != b
    two[1:] &= pairs[1:] != pairs[:-1]
    a, b = a[two], b[two]
    likely = alike(bits, a, b, fewest_equal(settings))
    return pa.RecordBatch.from_arrays(
        [pa.array(distinct[end[likely]]) for end in (a, b)], schema=schema.CANDIDATES
    )


def count_pairs(begins: npt.NDArray[np.int64], full: int) -> int:
    """Count the pairs of all buckets but for those that `nearest` finds.

    Parameters
    ----------
    begins: int64[buckets + 1]; full: texts of a bucket up to which each is paired with each.

    Examples
    --------
    >>> count_pairs(np.array([0, 3, 103]), full=50)
    1467
    """
    n = np.diff(begins)
    # texts behind the FIRST, each of which is paired with those
    behind = np.where(n > full, np.maximum(n - FIRST, 0), 0)
    near = n - behind
    return int((near * (near - 1) // 2 + behind * FIRST).sum())
