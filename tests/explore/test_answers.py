"""What is said where a page cannot show all, or nothing."""

import threading

import duckdb
import pytest
from selectolax.lexbor import LexborHTMLParser

from dedup.explore import answers, blocks
from dedup.explore.answers import Explorer, answer
from dedup.explore.counted import PARTS, Counting
from dedup.explore.scan import Found


def parse(found):
    return LexborHTMLParser(found.html)


@pytest.fixture
def uncounted(explorer):
    """The same result, of which nothing is counted yet."""
    done = {name: threading.Event() for name in PARTS}
    counting = Counting(explorer.result.connection.cursor(), done)
    return Explorer(explorer.result, counting)


def test_a_search_that_ran_out_of_time_offers_to_go_on(explorer, monkeypatch):
    stopped = Found((), 4_000, 4_000, 10_000, full=False)
    monkeypatch.setattr(blocks, "scan", lambda *_: stopped)
    page = parse(answer(explorer, "blocks", {"q": "rare", "outcome": "kept"}))
    said = page.css_first(".onward [role=status]").text()
    assert said.startswith("Time is over: 4,000 of 10,000 blocks were searched (40.0 %).")
    links = [a.attributes["href"] for a in page.css(".onward a")]
    assert links == [
        "/blocks?q=rare&outcome=kept&start=4000",
        "/blocks?q=rare&outcome=kept&start=4000&seconds=10",
    ]


def test_a_search_that_found_nothing_says_so(explorer):
    page = parse(answer(explorer, "blocks", {"q": "rare"}))
    assert page.css_first(".onward [role=status]").text() == "Nothing was found."
    assert not page.css("table")


@pytest.mark.parametrize("view", ["clusters", "sites", "passages", "warnings"])
def test_what_is_being_counted_is_said(uncounted, view):
    found = answer(uncounted, view, {})
    assert found.status == 202
    page = parse(found)
    assert page.css_first("h1").text() == "This is being counted"
    assert page.css_first("main a").attributes["href"] == ""


def test_the_other_views_do_not_wait_for_what_is_counted(uncounted):
    views = ["overview", "documents", "blocks", "rejected", "settings"]
    assert [answer(uncounted, view, {}).status for view in views] == [200] * 5
    assert "being drawn" in answer(uncounted, "overview", {}).html


def test_what_could_not_be_counted_is_said(uncounted):
    uncounted.counting.failed.append("no space is left")
    found = answer(uncounted, "clusters", {})
    assert found.status == 500
    assert "No space is left." in found.html


def test_a_query_that_is_broken_off_is_said(explorer, monkeypatch):
    def slow(*_):
        raise duckdb.InterruptException("Interrupted!")

    monkeypatch.setitem(answers.SHOWN, "settings", slow)
    found = answer(explorer, "settings", {})
    assert found.status == 503
    assert "This took too long" in found.html
    assert not explorer.active
