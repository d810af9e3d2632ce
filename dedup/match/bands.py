"""Bands of signatures: texts that share one become candidates."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dedup import schema
from dedup.buffers import as_hashes, as_signed, text_buffers
from dedup.match.bands_kernels import hash_bands
from dedup.settings import MatchSettings

RECALL = 0.995
"""Chance, at least, that a pair whose similarity is just the threshold shares a band."""

HIGHEST = 0.99
"""datasketch's optimiser finds no bands for a threshold of 1."""


@dataclass(frozen=True)
class Bands:
    """How a signature is cut: `n_bands` bands of `rows` values each.

    Two texts of Jaccard similarity s share a band with probability 1 - (1 - s^rows)^n_bands
    (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, section 3.4).
    """

    n_bands: int
    rows: int

    def recall(self, similarity: float) -> float:
        """Give the chance that two texts of this similarity share a band.

        Examples
        --------
        >>> round(Bands(21, 6).recall(0.8), 4)
        0.9983
        """
        missed: float = (1 - similarity**self.rows) ** self.n_bands
        return 1 - missed


def choose_bands(settings: MatchSettings) -> Bands:
    """Choose bands by datasketch's optimiser, leaning to recall until it reaches RECALL.

    The false candidates that this lets in cost time only, since every pair is verified.
    Where no bands reach RECALL (few permutations, a low threshold), those with the highest
    recall are taken.

    Examples
    --------
    >>> choose_bands(MatchSettings(threshold=0.8, num_perm=128))
    Bands(n_bands=21, rows=6)
    """
    from datasketch import MinHashLSH  # noqa: PLC0415 - 0.4 s that workers need not pay

    threshold = min(settings.threshold, HIGHEST)
    tried = []
    for weight in (1e-3, 1e-4, 1e-6, 1e-9):
        index = MinHashLSH(
            threshold=threshold, num_perm=settings.num_perm, weights=(weight, 1 - weight)
        )
        tried.append(Bands(index.b, index.r))
        if tried[-1].recall(threshold) >= RECALL:
            return tried[-1]
    return max([*tried, Bands(settings.num_perm, 1)], key=lambda each: each.recall(threshold))


def bands(sketches: pa.RecordBatch, cut: Bands) -> pa.RecordBatch:
    """Put each text into the bucket of each of its bands.

    Parameters
    ----------
    sketches: schema.SKETCHES.

    Returns
    -------
    schema.BUCKETS: `n_bands` rows for each text that has a signature.
    """
    data, offsets = text_buffers(sketches.column("signature"))
    signed = np.flatnonzero(np.diff(offsets))
    width = int(np.diff(offsets).max(initial=0)) // 4
    values = data[offsets[0] : offsets[-1]].view("<u4").reshape(len(signed), width)
    scopes = as_hashes(sketches.column("scope"))[signed]
    buckets = np.empty(len(signed) * cut.n_bands, np.uint64)
    hash_bands(np.ascontiguousarray(values), scopes, cut.rows, buckets)
    of = pa.array(np.repeat(signed, cut.n_bands))
    return pa.RecordBatch.from_arrays(
        [
            pa.array(as_signed(buckets)),
            sketches.column("key").take(of),
            sketches.column("rank").take(of),
        ],
        schema=schema.BUCKETS,
    )
