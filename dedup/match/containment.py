"""Anchors: by them a short passage meets the long text that holds it.

MinHash compares whole sets, so a teaser and its article share no band. Two texts with a
long enough run of words in common share an anchor, however much longer one of them is.
"""

import numpy as np
import pyarrow as pa

from dedup import schema
from dedup.buffers import as_hashes, as_signed, list_buffers
from dedup.match.containment_kernels import sort_distinct


def anchor_buckets(sketches: pa.RecordBatch) -> pa.RecordBatch:
    """Put each text into the bucket of each of its distinct anchors.

    Parameters
    ----------
    sketches: schema.SKETCHES.

    Returns
    -------
    schema.BUCKETS.
    """
    values, offsets = list_buffers(sketches.column("anchors"))
    anchors = np.empty(offsets[-1] - offsets[0], np.uint64)
    counts = np.empty(sketches.num_rows, np.int64)
    n = sort_distinct(as_hashes(values), offsets, anchors, counts)
    text = np.repeat(np.arange(sketches.num_rows), counts)
    # never equal to the bucket of a band but by chance: one more candidate, which is verified
    scopes = as_hashes(sketches.column("scope")) * np.uint64(0xD6E8FEB86659FD93)
    buckets = anchors[:n] ^ scopes[text]
    of = pa.array(text)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(as_signed(buckets)),
            sketches.column("key").take(of),
            sketches.column("rank").take(of),
        ],
        schema=schema.BUCKETS,
    )
