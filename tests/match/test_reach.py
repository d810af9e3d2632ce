"""Texts reach the keepers of those they were verified with."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import schema
from dedup.match import cluster, components, unmet_keepers

N = 12
TEXTS = range(-3, N - 3)
PAIRS = [(a, b) for a in TEXTS for b in TEXTS if a < b]


def component_pairs(similar, ranks):
    """Pairs {(a, b): similarity} as schema.COMPONENT_PAIRS."""
    ends = list(similar)
    a, b = (pa.array([end[i] for end in ends], pa.int64()).to_numpy() for i in (0, 1))
    keys, component = components(a, b)
    of = dict(zip(keys.tolist(), component.tolist(), strict=True))
    rows = [
        {"component": of[a], "a": a, "b": b, "a_rank": ranks[a], "b_rank": ranks[b],
         "similarity": s, "containment": 1.0}
        for (a, b), s in similar.items()
    ]  # fmt: skip
    rows.sort(key=lambda row: (row["component"], row["a"], row["b"]))
    return pa.RecordBatch.from_pylist(rows, schema.COMPONENT_PAIRS)


def unmet(similar, ranks=None, minimums=(0.0,)):
    made = unmet_keepers(component_pairs(similar, ranks or {key: key for key in TEXTS}), minimums)
    return {(row["a"], row["b"]) for row in made.to_pylist()}


def keepers(similar, ranks):
    made = cluster(component_pairs(similar, ranks)).to_pylist()
    return {row["key"]: row["keeper"] for row in made}


def test_a_text_left_alone_is_paired_with_the_keeper_of_its_partner():
    assert unmet({(1, 2): 0.9, (2, 3): 0.9}) == {(1, 3)}


def test_a_keeper_is_paired_with_the_keeper_of_its_partner():
    assert unmet({(1, 2): 0.9, (2, 3): 0.9, (3, 4): 0.9}) == {(1, 3)}


def test_a_member_is_paired_with_the_better_keeper_of_its_partner():
    assert unmet({(1, 2): 0.9, (2, 4): 0.9, (3, 4): 0.9, (3, 5): 0.9}) == {(1, 4)}


def test_members_whose_keepers_are_partners_need_no_comparison():
    assert unmet({(1, 2): 0.9, (1, 3): 0.9, (2, 3): 0.9}) == set()


def test_each_minimum_has_its_own_keepers():
    similar = {(1, 3): 0.1, (2, 3): 0.9, (3, 4): 0.9}
    assert unmet(similar, minimums=(0.0,)) == {(1, 2), (1, 4)}
    assert unmet(similar, minimums=(0.0, 0.8)) == {(1, 2), (1, 4), (2, 4)}


@given(st.sets(st.sampled_from(PAIRS)), st.permutations(range(N)))
@settings(max_examples=100)
def test_there_are_never_more_than_verified_pairs_and_none_of_them(known, places):
    ranks = dict(zip(TEXTS, places, strict=True))
    pairs = component_pairs(dict.fromkeys(sorted(known), 0.9), ranks)
    made = unmet_keepers(pairs, (0.0,))
    assert made.num_rows <= len(known)
    found = {(row["a"], row["b"]) for row in made.to_pylist()}
    assert all(a < b for a, b in found)
    component = {row[end]: row["component"] for row in pairs.to_pylist() for end in "ab"}
    for row in made.to_pylist():
        assert row["component"] == component[row["a"]] == component[row["b"]]
        assert (row["a_rank"], row["b_rank"]) == (ranks[row["a"]], ranks[row["b"]])


@given(st.sets(st.sampled_from(PAIRS)), st.sets(st.sampled_from(PAIRS)), st.permutations(range(N)))
@settings(max_examples=100)
def test_rounds_end_where_no_text_left_alone_reaches_a_keeper_of_its_partners(
    alike, compared, places
):
    """Some pairs are alike, and of some it is known."""
    ranks = dict(zip(TEXTS, places, strict=True))
    known, tried = alike & compared, set(compared)
    while more := unmet(dict.fromkeys(sorted(known), 0.9), ranks) - tried:
        tried |= more
        known |= more & alike
    keeper = keepers(dict.fromkeys(sorted(known), 0.9), ranks)
    for a, b in known:
        for text, partner in ((a, b), (b, a)):
            if text not in keeper:
                assert tuple(sorted((text, keeper[partner]))) in tried - alike
