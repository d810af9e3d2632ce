"""In a large bucket texts are paired with those whose bits are most like theirs."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.match.nearest import NEAR, WINDOW, nearest

HASHES = st.integers(-(2**63), 2**63 - 1)


def differ(one, other):
    return sum(
        (int(a) % 2**64 ^ int(b) % 2**64).bit_count() for a, b in zip(one, other, strict=True)
    )


def turned(bucket, bits):
    """One half of the bits, as a string, turned as the bucket's name says."""
    name = bucket % 2**64
    half = f"{int(bits[name >> 6 & 1]) % 2**64:064b}"
    return half[name & 63 :] + half[: name & 63]


def expected(buckets, bits):
    made = set()
    for bucket in dict.fromkeys(buckets.tolist()):
        rows = np.flatnonzero(buckets == bucket).tolist()
        order = sorted(rows, key=lambda row: turned(bucket, bits[row]))
        for at, row in enumerate(order):
            before = order[max(0, at - WINDOW) : at][::-1]
            best = sorted(before, key=lambda other: differ(bits[row], bits[other]))[:NEAR]
            made |= {(row, other) for other in best}
    return made


@given(
    st.dictionaries(HASHES, st.integers(1, 50), max_size=4),
    st.integers(0, 2**32),
    st.integers(1, 64),
)
@settings(max_examples=60)
def test_pairs_equal_their_twin(sizes, seed, spread):
    random = np.random.default_rng(seed)
    buckets = np.repeat(list(sizes), list(sizes.values())).astype(np.int64)
    # few distinct values where the spread is small
    bits = random.integers(-(2 ** (spread - 1)), 2 ** (spread - 1), (len(buckets), 2))
    a, b = nearest(buckets, bits)
    assert len(a) == len(set(zip(a.tolist(), b.tolist(), strict=True)))
    assert set(zip(a.tolist(), b.tolist(), strict=True)) == expected(buckets, bits)


def test_a_text_finds_its_like_in_a_crowd_wherever_it_stands():
    random = np.random.default_rng(1)
    n, found = 4_000, 0
    bits = random.integers(-(2**63), 2**63 - 1, (n, 2))
    # the other half are copies in which one of 128 bits differs
    copies = bits.copy()
    flipped = random.integers(0, 128, n)
    copies[np.arange(n), flipped // 64] ^= np.left_shift(np.int64(1), flipped % 64)
    every = np.concatenate([bits, copies])
    place = random.permutation(2 * n)
    for bucket in (5, 100, -7):
        a, b = nearest(np.full(2 * n, bucket), every[place])
        assert len(a) < NEAR * 2 * n
        found += (np.abs(place[a] - place[b]) == n).sum()
    assert found > 0.9 * 3 * n


def test_a_bucket_of_equals_pairs_each_with_those_before_it():
    a, b = nearest(np.zeros(100, np.int64), np.zeros((100, 2), np.int64))
    assert set(zip(a.tolist(), b.tolist(), strict=True)) == {
        (row, row - back) for row in range(100) for back in (1, 2) if row >= back
    }
