"""Bands of signatures: texts that share one become candidates."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.buffers import as_signed
from dedup.match.bands_kernels import hash_bands
from dedup.settings import MatchSettings

RECALL = 0.995
"""Chance, at least, that a pair whose similarity is just the threshold shares a band."""

UNRELATED = 30.0
"""Unrelated texts have a similarity s with density UNRELATED * exp(-UNRELATED * s): a mean of
one thirtieth, by phrases that all texts have."""

EDITED = 1e-5
"""Share of pairs that are related, their similarities spread evenly."""


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


def false_candidates(cut: Bands, threshold: float) -> float:
    """Give the chance that a pair shares a band though its similarity is below the threshold."""
    return candidate_share(cut, 0, threshold)


def candidate_share(cut: Bands, low: float, high: float) -> float:
    """Give the share of all pairs whose similarity lies in a range and that share a band.

    The S-curve times the density of similarities (UNRELATED, EDITED), by Simpson's rule.
    """
    s = np.linspace(low, high, 201)
    density = UNRELATED * np.exp(-UNRELATED * s) + EDITED
    shared = 1 - (1 - s**cut.rows) ** cut.n_bands
    weights = np.tile([2.0, 4.0], 101)[:201]
    weights[[0, -1]] = 1
    return float(weights @ (shared * density)) * (high - low) / 600


def choose_bands(settings: MatchSettings) -> Bands:
    """Choose the bands that reach RECALL at the threshold with the fewest false candidates.

    False candidates cost time only, since every pair is verified. Where no bands reach RECALL
    (few permutations, a low threshold), those with the highest recall are taken.

    Examples
    --------
    >>> choose_bands(MatchSettings(threshold=0.8, num_perm=128))
    Bands(n_bands=18, rows=6)
    """
    t, n = settings.threshold, settings.num_perm
    cuts = (Bands(_fewest_bands(t**rows, n), rows) for rows in range(1, n + 1))
    fitting = [cut for cut in cuts if cut.n_bands * cut.rows <= n]
    if not fitting:
        return max((Bands(n // rows, rows) for rows in range(1, n + 1)), key=lambda b: b.recall(t))
    return min(fitting, key=lambda each: false_candidates(each, t))


def _fewest_bands(agree: float, most: int) -> int:
    """Tell how many bands reach RECALL if each is shared with probability `agree`.

    More than `most` where so many do not.
    """
    if agree >= RECALL:
        return 1
    # log1p, since a band of many rows is shared once in a million times, or never
    reached = most * math.log1p(-agree) <= math.log1p(-RECALL)
    return math.ceil(math.log1p(-RECALL) / math.log1p(-agree)) if reached else most + 1


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
    # Arrow's columns are never writable: so the kernel is compiled for one kind of array
    scopes = scopes.view()
    scopes.flags.writeable = False
    hash_bands(signatures, scopes, cut.rows, buckets.reshape(-1))
    return as_signed(buckets)
