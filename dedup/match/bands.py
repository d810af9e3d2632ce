"""Bands of signatures: texts that share one become candidates."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.buffers import as_signed
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


def band_buckets(
    signatures: npt.NDArray[np.uint32], scopes: npt.NDArray[np.uint64], cut: Bands
) -> npt.NDArray[np.int64]:
    """Hash each band of each signature together with its number and the text's scope.

    Parameters
    ----------
    signatures: uint32[n, p], p at least n_bands * rows; scopes: uint64[n].

    Returns
    -------
    int64[n, n_bands].
    """
    buckets = np.empty((len(signatures), cut.n_bands), np.uint64)
    hash_bands(signatures, scopes, cut.rows, buckets.reshape(-1))
    return as_signed(buckets)
