"""Pairs of texts that share a bucket."""

import numpy as np
import pyarrow as pa

from dedup import schema
from dedup.match.candidates_kernels import count_pairs, list_pairs


def candidates(buckets: pa.RecordBatch) -> pa.RecordBatch:
    """Pair the texts of each bucket.

    In a bucket of up to FULL texts each is paired with each. In a larger one, each is paired
    with the FIRST lowest-ranked ones, which become keepers before all others, and with the
    NEXT ones before it in rank: work stays linear in the bucket, and texts that belong to a
    low-ranked keeper still find it. What is lost are pairs among the others, where no other
    bucket of theirs is smaller.

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
    pairs = np.empty((count_pairs(begins), 2), np.int64)
    list_pairs(begins, keys, pairs)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    return pa.RecordBatch.from_arrays(
        [pa.array(np.ascontiguousarray(pairs[:, i])) for i in (0, 1)], schema=schema.CANDIDATES
    )
