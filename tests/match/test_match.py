"""From sketches to clusters, each step against what is obvious."""

from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import schema
from dedup.match import (
    FULL,
    Bands,
    anchor_buckets,
    band_buckets,
    candidates,
    choose_bands,
    cluster,
    components,
    sieve,
    verify,
)
from dedup.match.bands import RECALL, false_candidates
from dedup.match.bands_kernels import hash_bands
from dedup.match.candidates_kernels import FIRST
from dedup.match.verify_kernels import count_common
from dedup.settings import MatchSettings
from dedup.sketch.sketches import choose_signer

BLOCKS = MatchSettings(ngram=3, containment=0.9)


def shingle_sets(sets):
    """Sets of shingles made by hand (small numbers), one for each key."""
    rows = [{"key": key, "shingles": sorted(values)} for key, values in sorted(sets.items())]
    return pa.RecordBatch.from_pylist(rows, schema.SHINGLES)


def pair_rows(*pairs):
    return pa.RecordBatch.from_pylist([{"a": a, "b": b} for a, b in pairs], schema.CANDIDATES)


def bucket_rows(buckets):
    """Buckets given as {bucket: [(key, rank), ...]}."""
    rows = [
        {"bucket": name, "key": key, "rank": rank, "low_bits": 0, "high_bits": 0}
        for name, members in sorted(buckets.items())
        for key, rank in sorted(members, key=lambda member: member[1])
    ]
    return pa.RecordBatch.from_pylist(rows, schema.BUCKETS)


def component_pairs(edges, ranks=None):
    """One component of pairs (a, b, similarity); the rank is the key unless given."""
    rank = ranks or {}
    rows = [
        {"component": 0, "a": a, "b": b, "a_rank": rank.get(a, a), "b_rank": rank.get(b, b),
         "similarity": s, "containment": s}
        for a, b, s in edges
    ]  # fmt: skip
    return pa.RecordBatch.from_pylist(rows, schema.COMPONENT_PAIRS)


# --- bands


@given(st.floats(0.1, 1.0), st.integers(16, 1024))
@settings(max_examples=60)
def test_bands_reach_the_recall_with_the_fewest_false_candidates(threshold, num_perm):
    chosen = choose_bands(MatchSettings(threshold=threshold, num_perm=num_perm))
    assert chosen.n_bands * chosen.rows <= num_perm
    every = [
        Bands(n_bands, rows)
        for rows in range(1, num_perm + 1)
        for n_bands in (num_perm // rows, num_perm // rows // 2)
        if n_bands
    ]
    reaching = [cut for cut in every if cut.recall(threshold) >= RECALL]
    if not reaching:
        assert chosen.recall(threshold) == max(cut.recall(threshold) for cut in every)
    for cut in reaching:
        assert chosen.recall(threshold) >= RECALL
        assert false_candidates(chosen, threshold) <= false_candidates(cut, threshold)


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8, 0.9])
def test_signatures_share_bands_as_often_as_the_curve_says(threshold):
    random = np.random.default_rng(5)
    sign_runs = choose_signer(MatchSettings(num_perm=128))
    cut = choose_bands(MatchSettings(threshold=threshold))
    n, n_common = 2000, round(threshold * 200)
    signatures = np.empty((2 * n, 128), np.uint32)
    for i in range(n):
        union = random.integers(0, 2**63, 200).astype(np.uint64)
        half = (200 - n_common) // 2
        for row, texts in (
            (i, union[: n_common + half]),
            (n + i, np.delete(union, np.s_[n_common : n_common + half])),
        ):
            sign_runs(texts, np.array([0, len(texts)]), signatures[row : row + 1])
    buckets = band_buckets(signatures, np.zeros(2 * n, np.uint64), cut)
    found = (buckets[:n] == buckets[n:]).any(axis=1).mean()
    # 2,000 pairs of just the threshold: the standard deviation is 0.0016
    assert found >= RECALL - 0.005


def test_texts_share_the_bucket_of_a_band_if_they_agree_in_all_its_values():
    values = np.tile(np.arange(12, dtype=np.uint32), (2, 1))
    values[1, 4:] += 1
    one, other = band_buckets(values, np.zeros(2, np.uint64), Bands(3, 4))
    assert (one == other).tolist() == [True, False, False]
    assert len({*one.tolist(), *other.tolist()}) == 5


def test_bands_of_another_scope_are_other_buckets():
    values = np.tile(np.arange(4, dtype=np.uint32), (3, 1))
    made = band_buckets(values, np.array([0, 5, 0], np.uint64), Bands(1, 4)).reshape(-1)
    assert (made == made[0]).tolist() == [True, False, True]


@given(st.lists(st.lists(st.integers(0, 2**32 - 1), min_size=7, max_size=7), max_size=4))
@settings(max_examples=40)
def test_hashes_of_bands_equal_their_twin(signatures):
    scopes = np.arange(len(signatures), dtype=np.uint64)
    made = np.empty(len(signatures) * 3, np.uint64)
    hash_bands(np.array(signatures, np.uint32).reshape(-1, 7), scopes, 2, made)
    expected = []
    for scope, signature in enumerate(signatures):
        for band in range(3):
            h = scope ^ ((band + 1) * 0x9E3779B97F4A7C15) % 2**64
            for value in signature[2 * band : 2 * band + 2]:
                h = (h ^ value) * 0xC2B2AE3D27D4EB4F % 2**64
                h ^= h >> 29
            expected.append(h)
    assert made.tolist() == expected


def test_anchors_of_another_scope_are_other_buckets():
    made = anchor_buckets(np.array([7, 7, 7, 8], np.uint64), np.array([0, 5, 0, 0], np.uint64))
    assert (made == made[0]).tolist() == [True, False, True, False]


# --- sieve


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-5, 5), max_size=60))
@settings(max_examples=60)
def test_no_value_that_returns_falls_through_the_sieve(numbers):
    values = np.array(numbers, np.int64)
    counters = sieve.new_counters(len(values), 1 << 20)
    # in pieces, as the batches of a table come
    for piece in np.array_split(values, 3):
        sieve.mark(piece, counters)
    kept = sieve.may_repeat(values, counters)
    assert all(kept[values == value].all() for value in set(numbers) if numbers.count(value) > 1)


def test_most_values_that_occur_once_fall_through_the_sieve():
    values = np.random.default_rng(1).integers(-(2**62), 2**62, 20_000)
    counters = sieve.new_counters(len(values), 1 << 20)
    sieve.mark(values, counters)
    assert sieve.may_repeat(values, counters).mean() < 0.13


def test_counters_keep_to_their_memory():
    assert new_size(10**9) <= 1 << 20
    assert new_size(10) == 64


def new_size(n_values):
    return len(sieve.new_counters(n_values, 1 << 20))


# --- candidates


@given(
    st.dictionaries(
        st.integers(-5, 5), st.lists(st.integers(-50, 50), min_size=2, max_size=9, unique=True)
    )
)
@settings(max_examples=50)
def test_all_texts_of_a_small_bucket_are_paired(buckets):
    made = candidates(
        bucket_rows({b: [(k, k) for k in keys] for b, keys in buckets.items()}), BLOCKS
    )
    expected = {pair for keys in buckets.values() for pair in combinations(sorted(keys), 2)}
    assert [tuple(row.values()) for row in made.to_pylist()] == sorted(expected)


def test_a_giant_bucket_costs_little_and_all_find_the_first_keepers():
    n = 20 * FULL
    made = candidates(bucket_rows({1: [(key, key) for key in range(n)]}), BLOCKS)
    assert made.num_rows < n * (FIRST + 8)
    partners = {key: set() for key in range(n)}
    for row in made.to_pylist():
        partners[row["a"]].add(row["b"])
        partners[row["b"]].add(row["a"])
    assert all(set(range(FIRST)) - {key} <= partners[key] for key in range(n))


def test_rank_and_not_key_says_who_is_first_in_a_giant_bucket():
    n = 2 * FULL
    made = candidates(bucket_rows({1: [(key, n - key) for key in range(n)]}), BLOCKS)
    with_last = [row for row in made.to_pylist() if row["b"] == n - 1]
    assert len(with_last) == n - 1


def test_buckets_may_be_split_over_batches_between_any_two():
    rng = np.random.default_rng(3)
    buckets = {name: [(int(k), int(k)) for k in set(rng.integers(0, 200, n))] for name, n in
               enumerate((5, 90, 2, 150, 7, 64, 65))}  # fmt: skip
    at_once = candidates(bucket_rows(buckets), BLOCKS).to_pylist()
    one_by_one = [
        row
        for n, rows in buckets.items()
        for row in candidates(bucket_rows({n: rows}), BLOCKS).to_pylist()
    ]
    assert {tuple(row.values()) for row in one_by_one} == {tuple(row.values()) for row in at_once}
    assert len(at_once) == len({tuple(row.values()) for row in at_once})


def test_a_giant_bucket_of_copies_becomes_one_cluster_without_a_loss():
    n = 5 * FULL
    found = candidates(bucket_rows({1: [(key, key) for key in range(n)]}), BLOCKS)
    copies = shingle_sets({key: range(20) for key in range(n)})
    pairs = verify(found, copies, MatchSettings()).to_pylist()
    made = cluster(component_pairs([(row["a"], row["b"], row["similarity"]) for row in pairs]))
    assert [(row["key"], row["keeper"]) for row in made.to_pylist()] == [(k, 0) for k in range(n)]


# --- verify


SETS = st.sets(st.integers(0, 2**64 - 1) | st.integers(0, 40), max_size=30)


@given(SETS, SETS, st.integers(0, 400), st.integers(0, 31))
@settings(max_examples=80)
def test_common_shingles_equal_their_twin_or_are_too_few(one, other, more, needed):
    # `more` makes the sets lopsided, so that the larger one is searched
    sets = [sorted(one), sorted(other | set(range(20, 20 + more)))]
    shingles = np.array(sets[0] + sets[1], np.uint64)
    offsets = np.array([0, len(sets[0]), len(shingles)])
    common = np.empty(2, np.int64)
    ends = np.array([[0, 1], [1, 0]])
    count_common(shingles, offsets, ends, np.full(2, needed), common)
    expected = len(set(sets[0]) & set(sets[1]))
    for count in common.tolist():
        assert count == expected or count < needed
        assert count <= expected
        assert expected < needed or count == expected


@given(
    st.dictionaries(
        st.integers(-20, 20), st.sets(st.integers(0, 12), min_size=1), min_size=2, max_size=8
    )
)
@settings(max_examples=60)
def test_verified_pairs_are_those_whose_exact_similarity_reaches_the_threshold(sets):
    pairs = list(combinations(sorted(sets), 2))
    made = verify(pair_rows(*pairs), shingle_sets(sets), MatchSettings(threshold=0.5))
    expected = {
        (a, b): len(sets[a] & sets[b]) / len(sets[a] | sets[b])
        for a, b in pairs
        if 2 * len(sets[a] & sets[b]) >= len(sets[a] | sets[b])
    }
    assert {(row["a"], row["b"]): row["similarity"] for row in made.to_pylist()} == expected


def test_hashes_above_the_middle_of_their_range_are_compared_as_unsigned():
    high = [int(np.uint64(h).view(np.int64)) for h in (5, 1 << 63, (1 << 64) - 1)]
    batch = shingle_sets({1: [], 2: []})
    column = pa.array([high, high], pa.list_(pa.int64()))
    batch = batch.set_column(1, batch.schema.field("shingles"), column)
    assert verify(pair_rows((1, 2)), batch, MatchSettings()).column("similarity")[0].as_py() == 1


@pytest.mark.parametrize("threshold", [0.6, 0.7, 0.8, 0.9])
def test_a_pair_of_exactly_the_threshold_is_kept(threshold):
    n = round(threshold * 10)
    sets = {1: set(range(10)), 2: set(range(n))}
    made = verify(pair_rows((1, 2)), shingle_sets(sets), MatchSettings(threshold=threshold))
    assert made.num_rows == 1


def test_a_passage_is_found_in_the_text_that_holds_it():
    sets = {1: set(range(200)), 2: {*range(9), 999}, 3: {*range(8), 998, 999}, 4: set(range(5))}
    made = verify(pair_rows((1, 2), (1, 3), (1, 4)), shingle_sets(sets), BLOCKS)
    rows = made.to_pylist()
    assert [(row["a"], row["b"]) for row in rows] == [(1, 2)]
    assert rows[0]["containment"] == 0.9
    assert rows[0]["similarity"] == 9 / 201


def test_short_texts_are_contained_in_nothing():
    sets = {1: set(range(200)), 2: set(range(9))}
    assert verify(pair_rows((1, 2)), shingle_sets(sets), BLOCKS).num_rows == 0


def test_a_pair_without_its_shingles_is_named():
    with pytest.raises(KeyError, match="no shingles of text 7"):
        verify(pair_rows((1, 7)), shingle_sets({1: {1}}), MatchSettings())


# --- clusters


def test_each_member_reaches_the_threshold_with_its_keeper():
    chain = component_pairs([(1, 2, 0.9), (2, 3, 0.85)])
    made = {row["key"]: row for row in cluster(chain).to_pylist()}
    assert set(made) == {1, 2}
    assert made[2]["keeper"] == 1
    assert made[2]["similarity"] == 0.9


def test_the_text_of_lowest_rank_is_the_keeper():
    made = cluster(component_pairs([(1, 2, 0.9), (2, 3, 0.85)], ranks={1: 5, 2: 0, 3: 9}))
    assert [(row["key"], row["keeper"]) for row in made.to_pylist()] == [(1, 2), (2, 2), (3, 2)]
    assert [row["similarity"] for row in made.to_pylist()] == [0.9, 1.0, 0.85]


EDGES = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]),
    unique=True,
    max_size=20,
)


@given(EDGES, st.permutations(range(10)), st.randoms())
@settings(max_examples=80)
def test_clusters_are_stars_and_depend_on_no_order(edges, ranks, random):
    rank = dict(enumerate(ranks))
    rows = [(a, b, (a + 10 * b) / 100) for a, b in edges]
    made = cluster(component_pairs(rows, rank))
    random.shuffle(rows)
    assert cluster(component_pairs(rows, rank)) == made
    keeper = {row["key"]: row["keeper"] for row in made.to_pylist()}
    known = {frozenset(edge) for edge in edges}
    for row in made.to_pylist():
        key, own = row["key"], row["keeper"]
        assert keeper[own] == own
        if key != own:
            assert frozenset((key, own)) in known
            assert rank[own] < rank[key]
            assert row["similarity"] == (min(key, own) + 10 * max(key, own)) / 100
    for key in range(10):
        partners = {next(iter(pair - {key})) for pair in known if key in pair}
        assert key in keeper or partners <= set(keeper)


@given(EDGES)
@settings(max_examples=60)
def test_components_join_what_pairs_connect(edges):
    a, b = (np.array([edge[i] - 5 for edge in edges], np.int64) for i in (0, 1))
    keys, component = components(a, b)
    groups = [{key} for key in {*a.tolist(), *b.tolist()}]
    for x, y in zip(a.tolist(), b.tolist(), strict=True):
        one, other = (next(g for g in groups if key in g) for key in (x, y))
        if one is not other:
            groups.remove(other)
            one |= other
    expected = {key: min(group) for group in groups for key in group}
    assert dict(zip(keys.tolist(), component.tolist(), strict=True)) == expected
    assert keys.tolist() == sorted(expected)


def test_nothing_comes_of_nothing():
    assert candidates(bucket_rows({}), BLOCKS).num_rows == 0
    assert cluster(component_pairs([])).num_rows == 0
    assert verify(pair_rows(), shingle_sets({}), MatchSettings()).num_rows == 0
    none = np.zeros(0, np.uint64)
    assert band_buckets(np.zeros((0, 4), np.uint32), none, Bands(2, 2)).shape == (0, 2)
    assert len(anchor_buckets(none, none)) == 0
