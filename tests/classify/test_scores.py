"""Scores of extractions: which snippets are found, and what a card tells of them."""

from hypothesis import given
from hypothesis import strategies as st

from dedup.classify.align import WORD, words
from dedup.classify.labelled import BARE, Truth
from dedup.classify.scores import (
    Score,
    Scores,
    card_scores,
    found,
    page_score,
)

PAGE = "The harbour’s ice – 30 cm of it –\nheld “everyone” who came. Shared by many."


def hits(*snippets):
    return found(snippets, words(PAGE))


def test_snippet_is_found_whatever_quotes_dashes_and_spaces_it_is_written_with():
    assert hits('The harbour\'s ice - 30 cm of it - held "everyone" who came.') == (1, 1)


def test_snippet_is_found_on_whole_words_only():
    assert hits("Share:", "bour's ice", "The harbour", "it held") == (2, 4)


def test_words_in_another_order_are_not_the_snippet():
    assert hits("ice harbour", "the ice") == (0, 2)


def test_snippet_without_a_word_says_nothing():
    assert hits("…", "•", "ice") == (1, 1)


def test_last_word_of_a_snippet_that_was_cut_off_may_go_on():
    assert hits("held “every", "held “every…", "held “ever y", "eld “every") == (1, 4)


def has_run(snippet, page):
    """The slow twin: look at each place."""
    wanted, is_cut = words(snippet), WORD.fullmatch(snippet[-1])
    *begin, last = wanted
    for start in range(len(page) - len(wanted) + 1):
        *first, final = page[start : start + len(wanted)]
        if first == begin and (final == last or (is_cut and final.startswith(last))):
            return True
    return False


@given(st.lists(st.text("aab é'", max_size=6), max_size=6), st.text("aab é'", max_size=30))
def test_found_is_what_looking_at_each_place_finds(snippets, text):
    page = words(text)
    said = [snippet for snippet in snippets if words(snippet)]
    assert found(snippets, page) == (sum(has_run(s, page) for s in said), len(said))


def test_page_is_scored_by_words_and_snippets():
    truth = Truth("1", "a.example", "forum", "Rain fell.", ("Rain fell",), ("Menu", "Log in"))
    score = page_score("Menu\nRain fell", truth)
    assert (score.page_type, score.precision, score.recall) == ("forum", 2 / 3, 1.0)
    assert (score.required, score.forbidden) == ((1, 1), (1, 2))
    assert page_score("", Truth("2", "a.example", BARE, "")).f1 == 1.0


def test_card_tells_of_snippets_where_there_are_any():
    overall = Score(1, 0.9, 0.9, 0.9)
    told = card_scores(Scores(overall, {"forum": overall}, 0.93214, 0.04, 0.02))
    assert told["snippets that must be there"] == 0.9321
    assert told["snippets that must not"] == 0.04
    assert "snippets that must not" not in card_scores(Scores(overall, {}, 0.5, None, 0.02))
