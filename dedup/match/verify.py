"""The exact similarity of candidate pairs, from their sets of shingles."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup import schema
from dedup.buffers import as_hashes, list_buffers
from dedup.match.verify_kernels import count_common
from dedup.settings import PASSAGE_WORDS, MatchSettings

Keys = npt.NDArray[np.int64]


def verify(pairs: pa.RecordBatch, sets: pa.RecordBatch, settings: MatchSettings) -> pa.RecordBatch:
    """Keep the pairs whose similarity reaches the threshold, or whose containment does.

    A teaser of at least PASSAGE_WORDS words whose last word is cut in two still has nine
    tenths of its shingles (of three words) in the paragraph it was cut from.

    Parameters
    ----------
    pairs: schema.CANDIDATES.
    sets: schema.SHINGLES, sorted by key, with a row for each key in `pairs`.

    Returns
    -------
    schema.PAIRS, in the order of `pairs`. Quotients of integers, rounded once: a pair of
    exactly the threshold is kept: the double nearest to 4 / 5 is the one that 0.8 is read as,
    while integers compared with that double (a little above 4 / 5) would drop the pair.

    Raises
    ------
    KeyError: a pair names a text that has no set.
    """
    keys = sets.column("key").to_numpy(zero_copy_only=False)
    ends = [pairs.column(name).to_numpy(zero_copy_only=False) for name in ("a", "b")]
    places = np.stack([_find(keys, end) for end in ends], axis=1)
    values, offsets = list_buffers(sets.column("shingles"))
    sizes = np.diff(offsets)[places]
    smaller, both = sizes.min(axis=1, initial=np.iinfo(np.int64).max), sizes.sum(axis=1)
    t, c = settings.threshold, settings.containment
    # a bound for stopping early, one below what is needed, so that rounding drops no pair
    needed = both * (t / (1 + t)) - 1
    is_passage = smaller >= max(1, PASSAGE_WORDS - settings.ngram + 1)
    if c is not None:
        needed = np.where(is_passage, np.minimum(needed, smaller * c - 1), needed)
    common = np.empty(len(places), np.int64)
    count_common(as_hashes(values), offsets, places, needed.astype(np.int64), common)
    similarity = common / np.maximum(both - common, 1)
    containment = common / np.maximum(smaller, 1)
    kept = similarity >= t
    if c is not None:
        kept |= is_passage & (containment >= c)
    return pa.RecordBatch.from_arrays(
        [pa.array(column[kept]) for column in (*ends, similarity, containment)],
        schema=schema.PAIRS,
    )


def _find(keys: Keys, wanted: Keys) -> Keys:
    """Give the place of each wanted key in the ascending `keys`."""
    places = np.searchsorted(keys, wanted)
    known = places < len(keys)
    known[known] = keys[places[known]] == wanted[known]
    if not known.all():
        raise KeyError(f"no shingles of text {wanted[~known][0]}")
    return places.astype(np.int64)
