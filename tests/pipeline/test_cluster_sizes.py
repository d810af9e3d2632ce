"""`min_cluster_size`: what is repeated less often is not reported, and nothing goes for it."""

from collections import Counter

import pyarrow as pa
import pytest
from cli_support import PARAGRAPHS
from hypothesis import given, settings
from hypothesis import strategies as st

import dedup
from dedup.pipeline import jobs
from dedup.pipeline.run import open_engine, scan_inputs
from dedup.settings import FindSettings, ResolveSettings, Settings

LETTERS = "abcdefgh"
ARTICLE = """The harbour of Lindau froze over last night, for the first time in forty years or more.
Fishermen walked out on the ice before sunrise to free their nets from the frozen water.
Half of the town had followed them by noon with sledges, skates and flasks full of hot tea."""

MARKET = "A petition with nine thousand signatures was handed to the mayor of the town on Monday."


def family(letter, *, changed=0):
    """A text of its own words; of `changed` others, near enough to be its duplicate."""
    words = [f"{letter}{n}" for n in range(60)]
    words[:changed] = [f"{letter}new{n}" for n in range(changed)]
    return " ".join(words)


# copies of each of a few texts, of which some are changed a little
crawls = st.lists(
    st.tuples(st.sampled_from(LETTERS), st.integers(0, 2), st.integers(0, 1)),
    min_size=2,
    max_size=16,
)


def table_of(crawl):
    """One page a row; pages stand on two sites."""
    return pa.table(
        {
            "id": [f"{n:02d}" for n in range(len(crawl))],
            "url": [f"https://{'ab'[site]}.example/{n}" for n, (*_, site) in enumerate(crawl)],
            "text": [
                f"{family(letter, changed=changed)}\n\n{family('menu')}"
                for letter, changed, _ in crawl
            ],
        }
    )


def found(table, unit, **resolve):
    """Rows of clusters or passages."""
    chosen = Settings(resolve=ResolveSettings(**resolve))
    with open_engine(chosen.run) as engine:
        scan = scan_inputs(engine, table, chosen.read)
        outcome = jobs.find_in_texts(engine, scan, chosen, wanted=FindSettings(unit))
        return engine.table(outcome.passages if unit == "passage" else outcome.clusters).to_pylist()


@pytest.mark.parametrize("unit", ["document", "block", "both", "passage"])
@settings(max_examples=8)
@given(crawl=crawls, size=st.integers(2, 7), scope=st.sampled_from(["crawl", "site"]))
def test_larger_clusters_are_those_of_two_members_and_more_by_size(unit, crawl, size, scope):
    table = table_of(crawl)
    name = "passage" if unit == "passage" else "cluster"
    rows = found(table, unit, scope=scope)
    sizes = Counter((row["kind"], row[name]) for row in rows)
    assert set(sizes.values()) <= set(range(2, len(crawl) + 1))
    expected = [row for row in rows if sizes[row["kind"], row[name]] >= size]
    assert found(table, unit, scope=scope, min_cluster_size=size) == expected


def cleaned(pages, size):
    table = pa.table({"id": list(pages), "text": list(pages.values())})
    return dedup.clean(table, Settings(resolve=ResolveSettings(min_cluster_size=size)))


def test_documents_of_small_clusters_stay_and_are_in_no_cluster():
    market = (
        "The covered market on the square will close for good at the end of the year, says she."
    )
    pages = {f"spam {n}": ARTICLE for n in range(5)} | {f"reprint {n}": market for n in range(2)}
    rows = {row["id"]: row for row in cleaned(pages, 5).documents.to_pylist()}
    assert [name for name in pages if rows[name]["keep"]] == ["spam 0", "reprint 0", "reprint 1"]
    assert {rows[f"spam {n}"]["reason"] for n in range(1, 5)} == {"duplicate"}
    for n in range(2):
        columns = ("reason", "cluster", "keeper", "similarity")
        assert [rows[f"reprint {n}"][name] for name in columns] == [None] * 4
    rows = {row["id"]: row for row in cleaned(pages, 6).documents.to_pylist()}
    assert all(row["keep"] for row in rows.values())


def reason_of_second(pages, size):
    """Of the block that stands twice in the first page: why its second place goes."""
    rows = [row for row in cleaned(pages, size).blocks.to_pylist() if row["document"] == "a"]
    first, second = (row for row in rows if row["text"] == ARTICLE.splitlines()[0])
    assert first["reason"] is None
    return second["reason"]


def test_blocks_repeated_less_often_stay_in_their_page():
    lines = ARTICLE.splitlines()
    pages = {"a": "\n\n".join([*lines, MARKET, lines[0], *PARAGRAPHS])}
    assert reason_of_second(pages, 2) == "repeated in page"
    assert reason_of_second(pages, 3) is None
    elsewhere = "The ferries stayed where they were, and the harbour master expects a thaw soon."
    pages["b"] = "\n\n".join([elsewhere, lines[0].upper()])
    assert reason_of_second(pages, 3) == "repeated in page"
    assert reason_of_second(pages, 4) is None


def test_teasers_repeated_less_often_stay_in_their_page():
    teaser = " ".join(ARTICLE.split()[:14]) + "…"
    other = "The covered market on the square will close for good at the end of the year, says she."
    bread = "Bakers in the valley still prove their dough for two days in wooden troughs of lime."
    pages = {"a": ARTICLE.replace("\n", " "), "b": "\n\n".join([other, bread, teaser, other[::-1]])}
    reasons = {}
    for size in (2, 3):
        rows = cleaned(pages, size).blocks.to_pylist()
        (reasons[size],) = [row for row in rows if row["text"] == teaser]
    assert reasons[2]["reason"] == "teaser of another document"
    assert reasons[3]["reason"] != "teaser of another document"
    assert reasons[3]["cluster"] is None
