"""The exact truth against comparing each text with each."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.planted import Plan, write_corpus
from benchmarks.truth import (
    WORDS,
    contained_pairs,
    document_pairs,
    read_texts,
    shingle_sets,
    similar_pairs,
)

# few words, so that texts share shingles; runs of one text are near-duplicates of each other
WORD = st.sampled_from(["storm", "boats", "harbour", "Harbour", "é", "the", "_a", "10"])
TEXT = st.lists(WORD, max_size=14).map(" ".join)
TEXTS = st.lists(TEXT, max_size=12)


def shingles(text, n):
    words = WORDS(text.lower())
    n = min(n, len(words))
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)} if n else set()


def as_dict(pairs):
    return dict(
        zip(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True), pairs.similarity, strict=True)
    )


@given(TEXTS, st.integers(1, 4), st.sampled_from([0.3, 0.5, 0.75, 0.8, 1.0]))
def test_similar_pairs_are_those_of_comparing_each_with_each(texts, n, lowest):
    sets = [shingles(text, n) for text in texts]
    expected = {}
    for b, theirs in enumerate(sets):
        for a, ours in enumerate(sets[:b]):
            if ours and theirs and len(ours & theirs) / len(ours | theirs) >= lowest:
                expected[a, b] = len(ours & theirs) / len(ours | theirs)
    assert as_dict(similar_pairs(shingle_sets(texts, n), lowest)) == expected


@given(TEXTS, st.integers(1, 4), st.sampled_from([0.3, 0.5, 0.75, 0.9, 1.0]))
def test_contained_pairs_are_those_of_comparing_each_with_each(texts, n, lowest):
    sets = [shingles(text, n) for text in texts]
    expected = {
        (a, b): len(ours & theirs) / len(ours)
        for a, ours in enumerate(sets)
        for b, theirs in enumerate(sets)
        if a != b and 0 < len(ours) <= len(theirs) and len(ours & theirs) / len(ours) >= lowest
    }
    assert as_dict(contained_pairs(shingle_sets(texts, n), lowest)) == expected


def test_truth_of_a_planted_corpus_is_kept_and_right(tmp_path):
    corpus = tmp_path / "planted.parquet"
    write_corpus(corpus, Plan(300, words=60, related=0.6))
    pairs = document_pairs(corpus, 0.5)
    sets = [shingles(text, 5) for text in read_texts(corpus)]
    expected = {
        (a, b)
        for b in range(len(sets))
        for a in range(b)
        if len(sets[a] & sets[b]) / len(sets[a] | sets[b]) >= 0.5
    }
    assert len(expected) > 50
    assert set(as_dict(pairs)) == expected
    corpus.unlink()
    assert as_dict(document_pairs(corpus, 0.5)) == as_dict(pairs)


@pytest.mark.parametrize("texts", [[], [""], ["", ""], ["!", "?"]])
def test_texts_without_words_are_like_no_other(texts):
    assert len(similar_pairs(shingle_sets(texts, 5), 0.5).a) == 0


def test_more_texts_than_a_batch_are_read(tmp_path):
    pq.write_table(pa.table({"text": np.arange(5_001).astype(str)}), tmp_path / "n.parquet")
    assert list(read_texts(tmp_path / "n.parquet"))[-1] == "5000"
