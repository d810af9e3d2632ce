"""What is expected of a corpus, against what is counted in one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.match.bands import EDITED, UNRELATED
from dedup.match.plan import edited_words, make_plan
from dedup.settings import MatchSettings


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8])
def test_expected_candidates_are_those_of_the_assumed_similarities(threshold):
    plan = make_plan(MatchSettings(threshold=threshold), 2)
    # a pair is unrelated, or related with a chance of EDITED: each in 2,000,000 equal parts
    parts = (np.arange(2_000_000) + 0.5) / 2_000_000
    unrelated, related = -np.log(1 - parts) / UNRELATED, parts
    weights = [1 / 2_000_000, EDITED / 2_000_000]
    expected = below = 0.0
    for similarities, weight in zip((unrelated, related), weights, strict=True):
        inside = similarities[similarities <= 1]
        chances = plan.cut.recall(inside)
        expected += chances.sum() * weight
        below += chances[inside < threshold].sum() * weight
    assert plan.candidates == pytest.approx(expected, rel=0.01)
    assert plan.false_candidates == pytest.approx(below, rel=0.01)


@given(st.integers(2, 10**10))
def test_costs_grow_with_the_documents_and_candidates_with_their_pairs(n_documents):
    one, all_ = (make_plan(MatchSettings(), n) for n in (2, n_documents))
    assert all_.memory_bytes * 2 == one.memory_bytes * n_documents
    assert all_.disk_bytes * 2 == one.disk_bytes * n_documents
    assert all_.candidates == pytest.approx(one.candidates * n_documents * (n_documents - 1) / 2)
    assert 0 < all_.false_candidates < all_.candidates


@pytest.mark.parametrize(("similarity", "ngram"), [(0.5, 3), (0.8, 5), (0.9, 1)])
def test_texts_with_so_many_edited_words_are_so_similar(similarity, ngram):
    n = 200_000
    kept = np.random.default_rng(2).random(n) >= edited_words(similarity, ngram)
    whole = np.lib.stride_tricks.sliding_window_view(kept, ngram).all(axis=1).sum()
    assert whole / (2 * n - whole) == pytest.approx(similarity, abs=0.01)
