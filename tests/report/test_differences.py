import string

from hypothesis import given
from hypothesis import strategies as st

from dedup.report.differences import MAX_TOKENS, compare, first_difference

TEXTS = st.text(alphabet=string.ascii_lowercase[:4] + "  .\n時計\u0301", max_size=300)


def written(runs):
    return "".join(run.text for run in runs)


def told(runs):
    return sum(len(run.text) + run.skipped for run in runs)


def same(runs):
    return "".join("".join(run.text.split()) for run in runs if not run.differs)


@given(TEXTS, TEXTS)
def test_both_texts_are_shown_whole_where_there_is_room(keeper, copy):
    found = compare(keeper, copy, limit=10_000, context=10_000)
    assert (written(found.keeper), written(found.copy)) == (keeper, copy)
    assert (found.keeper_more, found.copy_more) == (0, 0)


@given(TEXTS, TEXTS)
def test_what_is_not_marked_is_the_same_on_both_sides(keeper, copy):
    found = compare(keeper, copy, limit=10_000, context=10_000)
    assert same(found.keeper) == same(found.copy)


@given(TEXTS, TEXTS, st.integers(1, 80), st.integers(0, 40))
def test_no_character_is_lost_from_the_count(keeper, copy, limit, context):
    found = compare(keeper, copy, limit=limit, context=context)
    for text, runs, more in (
        (keeper, found.keeper, found.keeper_more),
        (copy, found.copy, found.copy_more),
    ):
        assert told(runs) + more == len(text)
        assert len(written(runs)) <= limit


@given(TEXTS)
def test_nothing_is_marked_in_equal_texts(text):
    found = compare(text, text, limit=10_000)
    assert not any(run.differs for run in (*found.keeper, *found.copy))


def test_a_late_difference_is_reached_past_a_long_equal_text():
    begin, end = "The ferry sails at noon. " * 400, " Tickets stay valid." * 200
    found = compare(f"{begin}Tuesday{end}", f"{begin}Wednesday{end}", limit=1_000)
    assert [run.text for run in found.keeper if run.differs] == ["Tuesday"]
    assert [run.text for run in found.copy if run.differs] == ["Wednesday"]
    assert sum(run.skipped for run in found.copy) > 9_000
    assert found.copy_more == 0


def test_a_difference_is_found_wherever_it_stands():
    begin, end = "The ferry sails at noon. " * 4_000, " Tickets stay valid." * 2_000
    keeper, copy = f"{begin}Tuesday{end}", f"{begin}Wednesday{end}"
    found = compare(keeper, copy, limit=1_000)
    assert [run.text for run in found.keeper if run.differs] == ["Tuesday"]
    assert [run.text for run in found.copy if run.differs] == ["Wednesday"]
    assert found.keeper[0].skipped > 99_000
    assert told(found.keeper) + found.keeper_more == len(keeper)
    assert told(found.copy) + found.copy_more == len(copy)


@given(TEXTS, TEXTS)
def test_before_the_first_difference_only_blanks_differ(one, other):
    here, there, same = first_difference(one, other)
    assert one[:here].split() == other[:there].split()
    assert one[here - same : here] == other[there - same : there]
    alike = (here, there) == (len(one), len(other))
    assert alike == (one.split() == other.split())


@given(TEXTS, TEXTS, TEXTS)
def test_the_first_difference_is_found_after_a_long_common_part(common, one, other):
    long = common * 40
    here, there, _ = first_difference(f"{long}.{one}", f"{long}.{other}")
    assert here > len(long)
    assert there > len(long)


def test_blanks_that_differ_first_do_not_hide_words_that_differ_later():
    begin = "The ferry sails at noon. " * 4_000
    found = compare(f"Tides. {begin}Tuesday", f"Tides.\n{begin}Wednesday", limit=1_000)
    assert [run.text for run in found.keeper if run.differs] == ["Tuesday"]
    assert [run.text for run in found.copy if run.differs] == ["Wednesday"]


def test_texts_that_share_nothing_are_compared_up_to_a_bound():
    ours = " ".join(f"a{n}" for n in range(5 * MAX_TOKENS))
    theirs = " ".join(f"b{n}" for n in range(5 * MAX_TOKENS))
    found = compare(ours, theirs, limit=100_000)
    assert all(run.differs for run in found.keeper if run.text.strip())
    assert found.keeper_more > 5_000
