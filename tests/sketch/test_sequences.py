"""Words in their order, and where they stand, as the slow twins have them."""

import numpy as np
import pyarrow as pa
import pytest
import reference
from hypothesis import assume, example, given
from hypothesis import strategies as st

from dedup.sketch import locate_words, word_sequences
from dedup.sketch.characters import ALONE, IGNORED, SEPARATOR, entry

TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]), st.sampled_from("ab Ä語ก\u0301\u00ad\u200d🥶 .\n")
    ),
    max_size=200,
)


def placed_words(text):
    """First character of each word and the one behind its last, one character at a time."""
    found = []
    inside = False
    for at, character in enumerate(text):
        kind = entry(character) & 3
        if kind == IGNORED:
            continue
        if kind == SEPARATOR:
            inside = False
            continue
        if kind == ALONE or not inside:
            found.append([at, at + 1])
        found[-1][1] = at + 1
        inside = kind != ALONE
    return found


@given(st.lists(TEXTS, max_size=4))
@example(["", "a", "ab " * 100])
@example(["soft\u00adhyphen İstanbul ﬁn", "語a語 กา e\u0301"])
def test_words_are_hashed_in_their_order(texts):
    assume(all(map(reference.is_known, texts)))
    words, offsets = word_sequences(pa.array(texts, pa.string()))
    for text, begin, end in zip(texts, offsets[:-1], offsets[1:], strict=True):
        assert words[begin:end].tolist() == reference.shingle_hashes(reference.word_hashes(text), 1)


@given(st.lists(TEXTS, min_size=1, max_size=4))
@example(["🥶 语言 e\u0301té \u00ad soft\u00adhyphen\u00ad end"])
def test_words_stand_where_their_characters_do(texts):
    assume(all(map(reference.is_known, texts)))
    array = pa.array(["before", *texts], pa.string()).slice(1)
    for row, text in enumerate(texts):
        expected = placed_words(text)
        assert len(expected) == len(reference.words(text))
        n = len(expected)
        spans = locate_words(
            array, np.full(n, row), np.stack([np.arange(n), np.arange(n) + 1], axis=1)
        )
        assert spans[:, :2].tolist() == expected
        assert spans[:, 2].tolist() == [len(text[:begin].encode()) for begin, _ in expected]


@pytest.mark.parametrize("text", ["word " * 1_000_000, "語" * 500_000, " " * 500_000])
def test_long_texts_are_sequences_too(text):
    words, offsets = word_sequences(pa.array([text]))
    assert len(words) == offsets[-1]
    assert len(set(words.tolist())) <= 1
