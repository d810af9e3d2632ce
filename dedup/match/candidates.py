"""Pairs of texts that share a bucket."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup import schema
from dedup.match.bits import alike, fewest_equal
from dedup.match.candidates_kernels import FIRST, NEXT, list_pairs
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
    paired with the FIRST lowest-ranked ones, which become keepers before all others, and with the
    NEXT ones before it in rank: work stays linear in the bucket, and texts that belong to a
    low-ranked keeper still find it. What is lost are pairs among the others, where no other
    bucket of theirs is smaller: with many copies of one template nothing that clusters need,
    since all belong to the first of them; with an anchor that is a frequent phrase, passages
    whose every anchor is frequent, and which stand in none of the FIRST texts.

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
    pairs = np.empty(count_pairs(begins, full), np.int64)
    list_pairs(begins, texts, len(distinct), full, pairs)
    # not np.unique, which hashes integers since numpy 2.3: 1.0 s where sorting takes 0.1
    pairs.sort()
    a, b = np.divmod(pairs, max(len(distinct), 1))
    two = a != b
    two[1:] &= pairs[1:] != pairs[:-1]
    a, b = a[two], b[two]
    bits = np.stack([buckets.column(field.name).to_numpy()[first] for field in schema.BITS], axis=1)
    likely = alike(bits, a, b, fewest_equal(settings))
    return pa.RecordBatch.from_arrays(
        [pa.array(distinct[end[likely]]) for end in (a, b)], schema=schema.CANDIDATES
    )


def count_pairs(begins: npt.NDArray[np.int64], full: int) -> int:
    """Count the pairs of all buckets.

    Parameters
    ----------
    begins: int64[buckets + 1]; full: texts of a bucket up to which each is paired with each.

    Examples
    --------
    >>> count_pairs(np.array([0, 3, 103]), full=50)
    1793
    """
    n = np.diff(begins)
    # of the texts behind the first FIRST + NEXT ones, each is paired with so many
    behind = np.where(n > full, np.maximum(n - FIRST - NEXT, 0), 0)
    near = n - behind
    return int((near * (near - 1) // 2 + behind * (FIRST + NEXT)).sum())
