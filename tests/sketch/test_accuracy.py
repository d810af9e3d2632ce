"""How far signatures are from the exact similarity, and how often bands find what is similar."""

import numpy as np
import pytest

from dedup.match import band_buckets, choose_bands
from dedup.match.bands import RECALL
from dedup.settings import MatchSettings
from dedup.sketch.sketches import choose_signer

KINDS = ("minhash", "fss")


def pairs_of_sets(size, jaccard, n_pairs):
    """Give two runs of sets of shingles and the similarity that each pair of them has."""
    n_common = round(2 * size * jaccard / (1 + jaccard))
    n_apart = size - n_common
    drawn = np.random.default_rng(3).integers(0, 2**64, (n_pairs, size + n_apart), dtype=np.uint64)
    return drawn[:, :size], drawn[:, n_apart:], n_common / (size + n_apart)


def signed(sets, settings):
    made = np.empty((len(sets), settings.num_perm), np.uint32)
    ends = np.arange(len(sets) + 1) * sets.shape[1]
    choose_signer(settings)(sets.reshape(-1), ends, made)
    return made


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("num_perm", [100, 128])
@pytest.mark.parametrize("size", [3, 20, 50, 200, 1000])
def test_errors_are_those_of_the_theory(kind, num_perm, size):
    n_pairs = 4000 if size < 1000 else 1000
    how = MatchSettings(num_perm=num_perm, sketch=kind)
    one, other, exact = pairs_of_sets(size, 0.7, n_pairs)
    error = (signed(one, how) == signed(other, how)).mean(axis=1) - exact
    variance = exact * (1 - exact) / num_perm
    assert abs(error.mean()) < 4 * np.sqrt(variance / n_pairs)
    # the standard deviation of a mean of squares is some 2 % (4 % for 1,000 pairs)
    assert np.mean(error**2) < variance * (1 + 8 / np.sqrt(n_pairs))
    if kind == "fss" and size <= 50:
        assert np.mean(error**2) < 0.7 * variance


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("threshold", [0.5, 0.8, 0.9])
@pytest.mark.parametrize("size", [20, 50, 200, 1000])
def test_bands_of_sets_of_every_size_find_as_many_as_the_curve_says(kind, threshold, size):
    n_pairs = 4000 if size < 1000 else 1000
    how = MatchSettings(threshold=threshold, sketch=kind)
    cut = choose_bands(how)
    one, other, exact = pairs_of_sets(size, threshold, n_pairs)
    scopes = np.zeros(n_pairs, np.uint64)
    buckets = (band_buckets(signed(sets, how), scopes, cut) for sets in (one, other))
    shared = np.equal(*buckets).any(axis=1).mean()
    expected = cut.recall(exact)
    spread = np.sqrt(expected * (1 - expected) / n_pairs)
    assert shared >= expected - 4 * spread
    assert shared <= expected + 4 * spread or kind == "fss"
    if exact >= threshold:
        assert shared >= RECALL - 4 * spread
