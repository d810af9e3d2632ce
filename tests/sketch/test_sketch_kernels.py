"""Kernels against their slow twins."""

import time

import numba
import numpy as np
import pyarrow as pa
import pytest
import reference
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dedup.buffers import text_buffers
from dedup.sketch import fss_kernels, minhash_kernels
from dedup.sketch.characters import build_table, load_table
from dedup.sketch.shingles_kernels import (
    hash_shingles,
    insert_each,
    select_anchors,
    sort_distinct,
)
from dedup.sketch.sketches import permutations, round_factors
from dedup.sketch.vector_kernels import (
    count_bits,
    first_bit,
    fold_ascii,
    load_word,
    nonzero_bytes,
)
from dedup.sketch.words_kernels import PADDING, fold, hash_sequence, hash_words

TABLE = load_table()
TEXTS = st.one_of(
    st.text(max_size=300),
    st.text("aZ é9_-.ßİ\u00ad\u0301語ไทย한\U0001f976ขな\t\n", max_size=300),
    st.text("ab ", max_size=400),
)
HASHES = st.lists(st.integers(0, (1 << 64) - 1), max_size=60)


@numba.njit
def vector_results(data, folded):
    beyond = fold_ascii(data, 0, folded, 0)
    inside = nonzero_bytes(folded, 0)
    return beyond, inside, load_word(data, 3), first_bit(inside), count_bits(inside)


@given(st.binary(min_size=64, max_size=64))
@settings(max_examples=60)
def test_vectors_do_what_their_bytes_say(raw):
    folded = np.zeros(64, np.uint8)
    beyond, inside, word, first, count = vector_results(np.frombuffer(raw, np.uint8).copy(), folded)
    kept = [chr(c).lower() if chr(c).isascii() and chr(c).isalnum() else "\0" for c in raw]
    assert bytes(folded).decode("latin-1") == "".join(kept)
    assert beyond == sum(1 << i for i, c in enumerate(raw) if c >= 0x80)
    bits = [i for i, c in enumerate(kept) if c != "\0"]
    assert inside == sum(1 << i for i in bits)
    assert word == int.from_bytes(raw[3:11], "little")
    assert (first, count) == (bits[0] if bits else 64, len(bits))


def kernel_words(raw: bytes) -> list[int]:
    source = np.frombuffer(raw, np.uint8)
    folded = np.full(2 * len(raw) + PADDING, 7, np.uint8)
    hashes = np.empty(len(raw) + 1, np.uint64)
    n = hash_words(folded, fold(source, 0, len(raw), TABLE, folded), hashes)
    return hashes[:n].tolist()


@given(TEXTS)
@settings(max_examples=150)
def test_words_equal_their_twin(text):
    assume(reference.is_known(text))
    assert kernel_words(text.encode()) == reference.word_hashes(text)


@given(st.lists(st.integers(0, reference.MASK), max_size=20))
@settings(max_examples=60)
def test_sequences_equal_their_twin(hashes):
    given_hashes = np.array(hashes, np.uint64)
    assert hash_sequence(given_hashes, len(hashes)) == reference.hash_sequence(hashes)


@given(st.binary(max_size=200))
@settings(max_examples=60)
def test_broken_bytes_separate_words_and_end_nothing(raw):
    assert kernel_words(b"one " + raw + b" two")[0] == reference.hash_bytes(b"one")
    assert kernel_words(b"one " + raw + b" two")[-1] == reference.hash_bytes(b"two")


def test_words_of_every_length_differ():
    texts = ["a" * n for n in range(1, 70)]
    assert [kernel_words(t.encode()) for t in texts] == [reference.word_hashes(t) for t in texts]
    assert len({tuple(kernel_words(t.encode())) for t in texts}) == len(texts)


@given(HASHES, st.integers(1, 9))
@settings(max_examples=60)
def test_shingles_equal_their_twin(hashes, ngram):
    out = np.zeros(len(hashes) + 1, np.uint64)
    n = hash_shingles(np.array(hashes, np.uint64), len(hashes), ngram, out)
    assert out[:n].tolist() == reference.shingle_hashes(hashes, ngram)


@given(st.one_of(HASHES, st.lists(st.integers(0, 5), max_size=40)))
@settings(max_examples=60)
def test_distinct_hashes_are_sorted(hashes):
    places, out = np.zeros(2 * len(hashes) + 4, np.uint32), np.zeros(len(hashes), np.uint64)
    n = sort_distinct(np.array(hashes, np.uint64), len(hashes), places, out)
    assert out[:n].tolist() == sorted(set(hashes))


@pytest.mark.parametrize(
    "hashes",
    [list(range(50_000, 0, -1)), [9, 5, 7] * 20_000, [1] * 50_000],
    ids=["falling", "three in turn", "one"],
)
def test_hashes_that_somebody_chose_are_sorted_as_quickly(hashes):
    places, out = np.zeros(2 * len(hashes) + 4, np.uint32), np.zeros(len(hashes), np.uint64)
    started = time.process_time()
    n = sort_distinct(np.array(hashes, np.uint64), len(hashes), places, out)
    assert out[:n].tolist() == sorted(set(hashes))
    assert time.process_time() - started < 5


@given(st.one_of(HASHES, st.permutations(range(300))))
@settings(max_examples=60)
def test_insertions_sort_whatever_the_order(hashes):
    values = np.array([*hashes, 0], np.uint64)
    insert_each(values, len(hashes))
    assert values.tolist() == [*sorted(hashes), 0]


@given(st.one_of(HASHES, st.lists(st.integers(0, 3), max_size=40)), st.integers(1, 12))
@settings(max_examples=60)
def test_anchors_equal_their_twin(hashes, window):
    out = np.zeros(len(hashes) + 1, np.uint64)
    n = select_anchors(np.array(hashes, np.uint64), len(hashes), window, out)
    assert out[:n].tolist() == reference.anchors(hashes, window)


@given(HASHES.filter(len), st.integers(1, 40))
@settings(max_examples=40)
def test_signatures_equal_their_twin(hashes, num_perm):
    a, b = permutations(num_perm, 1)
    made, mixed = np.zeros((1, num_perm), np.uint32), np.zeros(len(hashes) + 3, np.uint32)
    ends = np.array([0, len(hashes)])
    minhash_kernels.sign_runs(np.array(hashes, np.uint64), ends, a, b, mixed, made)
    assert made[0].tolist() == reference.signature(hashes, a, b)


@given(HASHES.filter(len), st.integers(1, 40), st.integers(0, 9))
@settings(max_examples=60)
def test_fast_signatures_equal_their_twin(hashes, n_values, seed):
    factors = round_factors(n_values, seed)
    made, bins = np.zeros((1, n_values), np.uint32), np.zeros(2 * n_values, np.uint32)
    ends = np.array([0, len(hashes)])
    fss_kernels.sign_runs(np.array(hashes, np.uint64), ends, factors, bins, made)
    assert made[0].tolist() == reference.fast_signature(hashes, factors.tolist(), n_values)


def test_runs_without_shingles_are_left_alone():
    hashes, ends = np.array([5, 6, 7], np.uint64), np.array([0, 2, 2, 3])
    fast, plain = np.full((2, 3, 8), 9, np.uint32)
    scratch = np.zeros(16, np.uint32)
    fss_kernels.sign_runs(hashes, ends, round_factors(8, 1), scratch, fast)
    minhash_kernels.sign_runs(hashes, ends, *permutations(8, 1), scratch, plain)
    for made in (fast, plain):
        assert (made == 9).all(axis=1).tolist() == [False, True, False]


def test_table_is_what_unicode_says():
    import unicodedata  # noqa: PLC0415

    if unicodedata.unidata_version != "14.0.0":
        pytest.skip("the table was made from Unicode 14")
    assert np.array_equal(build_table(), TABLE)


def test_texts_in_slices_of_arrays_are_read_where_they_stand():
    array = pa.array(["not this", "one two", "three"]).slice(1)
    data, offsets = text_buffers(array)
    assert bytes(data[offsets[0] : offsets[1]]) == b"one two"
