"""The exact similarity of candidate pairs, from their sets of shingles."""

import numpy as np
import pyarrow as pa

from dedup import schema
from dedup.buffers import as_hashes, list_buffers
from dedup.match.verify_kernels import count_common
from dedup.settings import MatchSettings

PASSAGE_WORDS = 12
"""A text of fewer words is never said to be contained in another one."""


def verify(
    pairs: pa.RecordBatch, sketches: pa.RecordBatch, settings: MatchSettings
) -> pa.RecordBatch:
    """Keep the pairs whose similarity reaches the threshold, or whose containment does.

    A teaser of at least PASSAGE_WORDS words whose last word is cut in two still has nine
    tenths of its shingles (of three words) in the paragraph it was cut from.

    Parameters
    ----------
    pairs: schema.CANDIDATES.
    sketches: schema.SKETCHES, sorted by key, with a row for each key in `pairs`.

    Returns
    -------
    schema.PAIRS, in the order of `pairs`. Quotients of integers, rounded once: a pair of
    exactly the threshold is kept.

    Raises
    ------
    KeyError: a pair names a text that has no sketch.
    """
    keys = sketches.column("key").to_numpy(zero_copy_only=False)
    ends = [pairs.column(name).to_numpy(zero_copy_only=False) for name in ("a", "b")]
    a, b = (np.searchsorted(keys, end) for end in ends)
    for place, end in zip((a, b), ends, strict=True):
        known = place < len(keys)
        known[known] = keys[place[known]] == end[known]
        if not known.all():
            raise KeyError(f"no sketch of text {end[~known][0]}")
    values, offsets = list_buffers(sketches.column("shingles"))
    common = np.empty(len(a), np.int64)
    count_common(as_hashes(values), offsets, a, b, common)
    sizes = np.diff(offsets)
    similarity = common / np.maximum(sizes[a] + sizes[b] - common, 1)
    smaller = np.minimum(sizes[a], sizes[b])
    containment = common / np.maximum(smaller, 1)
    kept = similarity >= settings.threshold
    if settings.containment is not None:
        is_passage = smaller >= max(1, PASSAGE_WORDS - settings.ngram + 1)
        kept |= is_passage & (containment >= settings.containment)
    return pa.RecordBatch.from_arrays(
        [pa.array(column[kept]) for column in (*ends, similarity, containment)],
        schema=schema.PAIRS,
    )
