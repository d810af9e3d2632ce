"""Candidates that differ in too many bits are left out, duplicates never are."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import schema
from dedup.match import candidates
from dedup.match.bits import MISSED, N_BITS, alike, fewest_equal, signature_bits
from dedup.settings import MatchSettings
from dedup.sketch.sketches import choose_signer

DEFAULTS = MatchSettings()


def signed(sets, how=DEFAULTS):
    signatures = np.empty((len(sets), how.num_perm), np.uint32)
    ends = np.concatenate([[0], np.cumsum([len(each) for each in sets])])
    choose_signer(how)(np.concatenate(sets), ends, signatures)
    return signatures


def pairs_of(similarity, n, random):
    """Two times n sets of 200 hashes in all, a pair of them of this similarity."""
    common = round(200 * similarity)
    half = (200 - common) // 2
    union = random.integers(0, 2**63, (n, 200)).astype(np.uint64)
    return [row[: common + half] for row in union], [
        np.delete(row, np.s_[common : common + half]) for row in union
    ]


@given(st.integers(0, 2**32), st.integers(1, 300))
@settings(max_examples=30)
def test_bits_are_those_of_the_first_values(seed, num_perm):
    signatures = np.random.default_rng(seed).integers(0, 2**32, (3, num_perm)).astype(np.uint32)
    told = [
        [value * 0x9E3779B1 % 2**32 >> 31 for value in row[:N_BITS]] for row in signatures.tolist()
    ]
    bits = signature_bits(signatures)
    for row, other in [(0, 1), (1, 2), (0, 2)]:
        equal = sum(a == b for a, b in zip(told[row], told[other], strict=True))
        counted = equal + max(N_BITS - num_perm, 0)
        for fewest in (counted, counted + 1):
            passed = alike(bits, np.array([row]), np.array([other]), fewest)
            assert passed.tolist() == [counted >= fewest]


@pytest.mark.parametrize("sketch", ["minhash", "fss"])
@pytest.mark.parametrize(("common", "more"), [(1, 1), (2, 2), (4, 1), (7, 3), (9, 1), (40, 10)])
def test_short_texts_at_the_threshold_pass(sketch, common, more):
    """Of texts with few shingles no bit may depend on another one."""
    how = MatchSettings(sketch=sketch, threshold=common / (common + more))
    random = np.random.default_rng(3)
    n = 20_000
    larger = random.integers(0, 2**63, (n, common + more)).astype(np.uint64)
    bits = [signature_bits(signed(list(sets), how)) for sets in (larger, larger[:, :common])]
    number = np.arange(n)
    passed = alike(np.concatenate(bits), number, number + n, fewest_equal(how))
    # one in a million is missed: two in 20,000 are not seen once in five thousand tries
    assert (~passed).sum() <= 1


@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.8, 0.95, 1.0])
@pytest.mark.parametrize("num_perm", [16, 100, 128, 256])
def test_a_pair_at_the_threshold_is_missed_once_in_a_million(threshold, num_perm):
    fewest = fewest_equal(MatchSettings(threshold=threshold, num_perm=num_perm))
    n = min(num_perm, N_BITS)
    equal = np.random.default_rng(1).binomial(n, (1 + threshold) / 2, 2_000_000) + N_BITS - n
    assert (equal < fewest).mean() <= 4 * MISSED
    # one more would be too many
    assert fewest == N_BITS or (equal < fewest + 2).mean() > MISSED / 4


def test_similar_texts_pass_and_unrelated_ones_do_not():
    random = np.random.default_rng(2)
    fewest = fewest_equal(MatchSettings(threshold=0.8))
    passed = {}
    for similarity in (0.1, 0.3, 0.8, 0.9):
        ones, others = pairs_of(similarity, 2000, random)
        bits = signature_bits(signed(ones + others))
        number = np.arange(2000)
        passed[similarity] = alike(bits, number, number + 2000, fewest).mean()
    assert passed[0.8] > 0.999
    assert passed[0.9] == 1
    assert passed[0.3] < 0.02
    assert passed[0.1] == 0


def test_a_bucket_pairs_only_texts_whose_bits_are_alike():
    rows = [
        {"bucket": 1, "key": key, "rank": key, "low_bits": low, "high_bits": -1}
        for key, low in enumerate([0, 7, -1])
    ]
    buckets = pa.RecordBatch.from_pylist(rows, schema.BUCKETS)
    assert candidates(buckets, MatchSettings()).to_pylist() == [{"a": 0, "b": 1}]
    by_containment = candidates(buckets, MatchSettings(containment=0.9))
    assert by_containment.num_rows == 3
