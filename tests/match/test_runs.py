"""Repeated runs of symbols: all that repeat are found, and each has one copy that stays."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from match.passages_reference import find_runs, flat, repeating, windows

from dedup.match import runs, substrings
from dedup.match.windows_kernels import hash_windows, spread

MASK = (1 << 64) - 1


@st.composite
def corpora(draw, symbols=12):
    """Documents put together from a few sections, with other symbols between them."""
    sections = draw(
        st.lists(st.lists(st.integers(0, symbols), min_size=1, max_size=14), min_size=1, max_size=4)
    )
    other = st.lists(st.integers(0, symbols), max_size=4)
    piece = st.one_of(other, st.sampled_from(sections))
    documents = st.lists(st.lists(piece, max_size=6), min_size=1, max_size=5)
    return [[s for part in document for s in part] for document in draw(documents)]


def windows_of(sequences, size):
    return runs.all_windows(*flat(sequences), size)


def overlaps_itself(sequence, size):
    """Tell whether a run of `size` symbols and more overlaps or touches an equal one."""
    for period in range(1, len(sequence)):
        length = max(period, size)
        for i in range(len(sequence) - period - length + 1):
            if sequence[i : i + length] == sequence[i + period : i + period + length]:
                return True
    return False


def windows_within(found, size):
    return {(rank, at) for rank, b, e, _, _ in found for at in range(b, e - size + 1)}


@given(corpora(), st.integers(2, 6))
@settings(deadline=None, max_examples=300)
@example([[1, 2, 3, 9, 1, 2, 3], [1, 2, 3]], 3)
@example([[1] * 40], 3)
@example([[1, 2] * 20, [2, 1] * 9], 3)
@example([[7, 1, 2, 3, 8], [1, 2, 3, 4, 5, 6], [9, 1, 2, 3, 4, 5, 6]], 3)
def test_runs_hold_the_windows_that_stand_earlier_and_no_others(sequences, size):
    found = find_runs(sequences, size, windows_of(sequences, size))
    for rank, begin, end, source, source_begin in found:
        assert end - begin >= size
        assert (source, source_begin) < (rank, begin)
        copied = sequences[source][source_begin : source_begin + end - begin]
        assert sequences[rank][begin:end] == copied
    held, repeated = windows_within(found, size), repeating(sequences, size)
    assert held <= repeated
    # a run that overlaps its own copy is cut into whole periods: windows across are in none
    across = {r for r, sequence in enumerate(sequences) if overlaps_itself(sequence, size)}
    assert {rank for rank, _ in repeated - held} <= across


@given(st.lists(st.integers(0, 2), min_size=1, max_size=4), st.integers(2, 12), st.integers(2, 5))
def test_periods_are_marked_but_for_the_first_and_a_rest(period, times, size):
    sequence = [*period * times, 9]
    found = find_runs([sequence], size, windows_of([sequence], size))
    assert all(end - begin >= size and b + end - begin <= begin for _, begin, end, _, b in found)
    marked = {i for _, begin, end, _, _ in found for i in range(begin, end)}
    # at most one piece stays, and what is left at the end is shorter than a window
    assert len(sequence) - len(marked) <= 2 * (size + len(period))


@given(corpora(symbols=40), st.integers(2, 5))
def test_runs_are_as_long_as_they_can_be_and_within_no_other(sequences, size):
    found = find_runs(sequences, size, windows_of(sequences, size))
    for rank, begin, end, source, source_begin in found:
        shift = source_begin - begin
        own = {tuple(sequences[rank][i : i + size]) for i in range(begin)}
        if not own & {tuple(sequences[rank][i : i + size]) for i in range(begin, end)}:
            mine, theirs = sequences[rank], sequences[source]
            if end < len(mine) and end + shift < len(theirs):
                assert mine[end] != theirs[end + shift]
            if begin > 0 and begin + shift > 0:
                assert mine[begin - 1] != theirs[begin + shift - 1]
        others = [run for run in found if run[:3] != (rank, begin, end) and run[0] == rank]
        assert not any(b <= begin and end <= e for _, b, e, _, _ in others)


@given(corpora(symbols=3), st.integers(2, 6))
@settings(deadline=None, max_examples=300)
@example([[0, 1], [0, 1, 0, 1], [0, 1, 0, 1, 0, 1]], 2)
def test_copy_that_stays_is_itself_no_repetition(sequences, size):
    found = find_runs(sequences, size, windows_of(sequences, size))
    for _, begin, end, source, source_begin in found:
        kept = (source_begin, source_begin + end - begin)
        assert not any(
            rank == source and b <= kept[0] and kept[1] <= e for rank, b, e, _, _ in found
        )


@given(corpora(), st.integers(2, 9))
def test_seeds_find_the_runs_that_all_windows_find(sequences, n_words):
    """Only windows around seeds that stand twice are hashed; what is found is the same."""
    size, width = substrings.seed_size(n_words), substrings.seed_width(n_words)
    symbols, offsets = flat(sequences)
    hashes, rows, at = runs.find_seeds(symbols, offsets, size, width)
    twice = {h for h, n in zip(*np.unique(hashes, return_counts=True), strict=True) if n > 1}
    chosen = np.array([h in twice for h in hashes], bool)
    ends = np.concatenate([[0], np.cumsum(np.bincount(rows[chosen], minlength=len(sequences)))])
    some = runs.seeded_windows(symbols, offsets, (at[chosen], ends), n_words, width)
    found = find_runs(sequences, n_words, some)
    expected = find_runs(sequences, n_words, windows_of(sequences, n_words))
    if not any(overlaps_itself(sequence, n_words) for sequence in sequences):
        assert found == expected


@given(st.lists(st.integers(0, MASK), max_size=30), st.integers(1, 7))
def test_windows_have_the_hash_of_their_symbols(symbols, size):
    out = np.zeros(len(symbols) + 1, np.uint64)
    n = hash_windows(np.array(symbols, np.uint64), 0, len(symbols), size, out)
    expected = []
    for at in range(len(symbols) - size + 1):
        h = 0
        for symbol in symbols[at : at + size]:
            h = (h * 0xD6E8FEB86659FD93 + symbol) & MASK
        expected.append(int(spread(np.uint64(h))))
    assert out[:n].tolist() == expected


@given(corpora(), st.integers(1, 4), st.integers(1, 5))
def test_equal_stretches_have_a_seed_in_common(sequences, size, width):
    hashes, rows, at = runs.find_seeds(*flat(sequences), size, width)
    seeds = {(r, a): h for r, a, h in zip(rows.tolist(), at.tolist(), hashes.tolist(), strict=True)}
    for places in windows(sequences, size + width - 1).values():
        held = [{seeds[r, a] for a in range(b, b + width) if (r, a) in seeds} for r, b in places]
        assert set.intersection(*held)


def test_symbol_without_end_gives_few_seeds():
    assert find_seeds([[7] * 1_000], 5, 10) == [(0, at) for at in range(9, 996, 10)]


def find_seeds(sequences, size, width):
    _, rows, at = runs.find_seeds(*flat(sequences), size, width)
    return list(zip(rows.tolist(), at.tolist(), strict=True))


def test_two_windows_of_one_hash_are_told_apart_by_their_symbols():
    """A hash that lies: the windows are said to be equal, their symbols are not."""
    sequences = [[1, 2, 3, 4], [5, 6, 7, 8]]
    hashes, rows, at = windows_of(sequences, 3)
    assert find_runs(sequences, 3, (np.full_like(hashes, 9), rows, at)) == []


def test_one_symbol_without_end_is_cut_into_pieces():
    found = find_runs([[5] * 17], 5, windows_of([[5] * 17], 5))
    assert found == [(0, 5, 10, 0, 0), (0, 10, 15, 0, 0)]


def test_menu_that_a_page_repeats_is_repeated_as_often_as_it_stands():
    menu = [1, 2, 3, 4, 5, 6]
    found = find_runs([[9, *menu * 4, 8]], 4, windows_of([[9, *menu * 4, 8]], 4))
    assert found == [(0, begin, begin + 6, 0, 1) for begin in (7, 13, 19)]


def test_long_repetition_from_a_later_document_swallows_a_short_one_from_an_earlier_one():
    short, long = [4, 5, 6], [1, 2, 3, 4, 5, 6, 7, 8]
    sequences = [[9, *short, 9], [0, *long, 0], [8, *long, 8]]
    assert find_runs(sequences, 3, windows_of(sequences, 3)) == [
        (1, 4, 7, 0, 1),
        (2, 1, 9, 1, 1),
    ]


def test_second_copy_on_a_page_is_led_to_the_document_that_keeps_it():
    section = [1, 2, 3, 4]
    sequences = [section, [7, *section, 8, *section]]
    assert find_runs(sequences, 3, windows_of(sequences, 3)) == [(1, 1, 5, 0, 0), (1, 6, 10, 0, 0)]


@pytest.mark.parametrize("copies", [10_000])
def test_template_on_many_pages_takes_time_in_proportion(copies):
    template = list(range(100, 130))
    sequences = [[*template, 1_000 + n] for n in range(copies)]
    found = find_runs(sequences, 5, windows_of(sequences, 5))
    assert found == [(n, 0, 30, 0, 0) for n in range(1, copies)]
