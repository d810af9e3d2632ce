"""What the whole job decides, seen through the Python interface."""

from dataclasses import replace

import pyarrow as pa
import pytest

import dedup
from dedup.settings import ReadSettings, ResolveSettings, RunSettings, Settings

FROST = """The harbour of Lindau froze over last night, for the first time in more than forty
years, and the ferries that cross the lake every morning stayed where they were.
Fishermen walked out on the ice before sunrise to free their nets, and by noon half of the town
had followed them with sledges, skates and thermos flasks full of hot tea.
The harbour master expects the thaw to begin on Thursday, when the wind turns to the south, and
asks everybody to keep away from the breakwater until then."""

MARKET = """The covered market on Saint Martin's square will close for good at the end of the year,
after one hundred and twelve years in which three generations sold cheese, herrings and flowers.
Traders blame the rent, which has doubled since the city sold the building to an investor, and
the new car park that was promised and never built.
A petition with nine thousand signatures was handed to the mayor on Monday, who said that she
would buy the hall back tomorrow if somebody showed her the money."""

MENU = ["Home", "News", "Sports", "Weather", "Contact", "Imprint", "Privacy", "Newsletter"]


def page(title, story, *, menu="Home", teasers=()):
    """A page of a made-up site, with its template around a story."""
    links = "".join(f'<li><a href="/{name}">{menu} {name}</a></li>' for name in MENU)
    body = "".join(f"<p>{line}</p>" for line in sentences(story))
    cards = "".join(
        f'<li class="teaser"><a href="/{i}">{t}</a></li>' for i, t in enumerate(teasers)
    )
    return (
        f"<html><head><title>{title}</title></head><body><nav><ul>{links}</ul></nav>"
        f"<article><h1>{title}</h1>{body}</article>"
        f'<aside class="related"><h3>Related articles</h3><ul>{cards}</ul></aside>'
        f"<footer><p>Copyright {menu} media house, all rights reserved, no reuse without "
        f"permission of the publisher in writing.</p></footer></body></html>"
    )


def sentences(story):
    return [part.strip() + "." for part in " ".join(story.split()).rstrip(".").split(". ")]


def crawl(*rows):
    """A table of pages with url, html and whatever else the rows bring."""
    names = sorted({name for row in rows for name in row})
    return pa.table({name: [row.get(name) for row in rows] for name in names})


def by_url(result):
    return {row["url"]: row for row in result.documents.to_pylist()}


def test_reprint_in_another_template_is_a_duplicate_and_one_copy_stays():
    result = dedup.clean(
        crawl(
            {"url": "https://a.example/frost", "html": page("Harbour frozen", FROST)},
            {"url": "https://b.example/ice", "html": page("Harbour frozen", FROST, menu="Tides")},
            {"url": "https://b.example/hall", "html": page("Market closes", MARKET, menu="Tides")},
        )
    )
    rows = by_url(result)
    frost, reprint = rows["https://a.example/frost"], rows["https://b.example/ice"]
    assert sorted([frost["keep"], reprint["keep"]]) == [False, True]
    assert frost["cluster"] == reprint["cluster"] == frost["keeper"]
    gone = frost if reprint["keep"] else reprint
    assert (gone["reason"], gone["text"]) == ("duplicate", None)
    assert gone["similarity"] >= 0.8
    assert rows["https://b.example/hall"]["cluster"] is None


def test_pages_that_share_only_their_template_are_no_duplicates():
    stories = [" ".join([f"Item {n} of the list", *FROST.split()[n::7]]) + "." for n in range(6)]
    result = dedup.clean(
        crawl(
            *(
                {"url": f"https://a.example/{n}", "html": page(f"Page {n}", story)}
                for n, story in enumerate(stories)
            )
        )
    )
    assert {row["cluster"] for row in result.documents.to_pylist()} == {None}
    menus = [row for row in result.blocks.to_pylist() if row["text"] == "Home Weather"]
    assert {row["site_pages"] for row in menus} == {6}
    assert {row["reason"] for row in menus} == {"repeated in site"}


def test_menus_and_footers_are_not_in_the_text():
    result = dedup.clean(
        crawl({"url": "https://a.example/", "html": page("Market closes", MARKET)})
    )
    (row,) = result.documents.to_pylist()
    assert "herrings" in row["text"]
    assert "Imprint" not in row["text"]
    assert "all rights reserved" not in row["text"]
    assert row["title"] == "Market closes"


def test_teaser_is_found_in_the_article_it_advertises():
    teaser = " ".join(FROST.split()[:16]) + "…"
    result = dedup.clean(
        crawl(
            {"url": "https://a.example/1", "html": page("Harbour frozen", FROST)},
            {"url": "https://a.example/2", "html": page("Market closes", MARKET, teasers=[teaser])},
        )
    )
    (block,) = [row for row in result.blocks.to_pylist() if row["text"] == teaser]
    assert not block["keep"]
    assert block["reason"] == "teaser of another document"
    members = [row for row in result.clusters.to_pylist() if row["cluster"] == block["cluster"]]
    assert {row["keeper"] for row in members} == {True, False}
    (small,) = [row for row in members if not row["keeper"]]
    assert small["containment"] >= 0.9


@pytest.mark.parametrize(
    ("keep", "priority", "kept"),
    [
        ("first", (), "https://a.example/old"),
        ("newest", (), "https://b.example/new"),
        ("longest", (), "https://c.example/long"),
    ],
)
def test_keep_policy_chooses_the_copy(keep, priority, kept):
    longer = FROST + " Nobody remembers a colder week."
    table = crawl(
        {"url": "https://a.example/old", "text": FROST, "date": "2024-01-01"},
        {"url": "https://b.example/new", "text": FROST, "date": "2026-01-01"},
        {"url": "https://c.example/long", "text": longer, "date": "2025-01-01"},
    )
    settings = Settings(resolve=ResolveSettings(keep=keep, source_priority=priority))
    rows = by_url(dedup.clean(table, settings))
    assert [url for url, row in rows.items() if row["keep"]] == [kept]


def test_source_priority_prefers_the_named_sources(tmp_path):
    for name in ("mirror", "original"):
        (tmp_path / f"{name}.txt").write_text(FROST)
    settings = Settings(
        resolve=ResolveSettings(keep="source-priority", source_priority=("original",))
    )
    result = dedup.clean(tmp_path, settings)
    (kept,) = [row["source"] for row in result.documents.to_pylist() if row["keep"]]
    assert kept.endswith("original.txt")


@pytest.mark.parametrize(("scope", "n_kept"), [("crawl", 1), ("site", 2), ("page", 3)])
def test_documents_are_compared_within_their_scope(scope, n_kept):
    table = crawl(
        {"url": "https://a.example/1", "text": FROST},
        {"url": "https://a.example/2", "text": FROST},
        {"url": "https://b.example/1", "text": FROST},
    )
    result = dedup.clean(table, Settings(resolve=ResolveSettings(scope=scope)))
    assert sum(row["keep"] for row in result.documents.to_pylist()) == n_kept


def test_annotated_run_gives_every_whole_text_and_the_same_decisions():
    table = crawl(
        {"url": "https://a.example/1", "html": page("Harbour frozen", FROST)},
        {"url": "https://b.example/1", "html": page("Harbour frozen", FROST, menu="Tides")},
    )
    plain = by_url(dedup.clean(table))
    noted = by_url(dedup.clean(table, Settings(resolve=ResolveSettings(annotate=True))))
    for url, row in noted.items():
        assert "all rights reserved" in row["text"]
        assert (row["keep"], row["reason"]) == (plain[url]["keep"], plain[url]["reason"])


def test_ids_that_two_records_share_are_told_apart():
    result = dedup.clean(crawl({"id": "x", "text": FROST}, {"id": "x", "text": MARKET}))
    assert sorted(row["id"] for row in result.documents.to_pylist()) == ["x", "x-2"]


def test_spans_of_blocks_are_characters_of_the_extracted_text():
    story = "Über vierzig Jahre lang fror der Hafen nicht zu. 🥶 " * 3 + "\n\n" + MARKET
    table = crawl({"id": "x", "text": story})
    noted = dedup.clean(table, Settings(resolve=ResolveSettings(annotate=True)))
    (document,) = noted.documents.to_pylist()
    for block in noted.blocks.to_pylist():
        assert document["text"][block["start"] : block["end"]] == block["text"]


def test_page_without_words_has_no_body():
    result = dedup.clean(crawl({"id": "x", "text": "*** ---"}, {"id": "y", "text": MARKET}))
    rows = {row["id"]: row for row in result.documents.to_pylist()}
    assert (rows["x"]["keep"], rows["x"]["reason"]) == (False, "no body")


def test_batches_and_workers_do_not_change_the_result():
    table = crawl(
        *({"url": f"https://a.example/{n}", "html": page(f"Page {n}", FROST)} for n in range(3)),
        *({"url": f"https://b.example/{n}", "html": page(f"Hall {n}", MARKET)} for n in range(3)),
    )
    settings = Settings(run=RunSettings(workers=1))
    small = replace(settings, read=ReadSettings(batch_bytes=1), run=RunSettings(workers=2))
    assert dedup.clean(table, settings) == dedup.clean(table, small)


def test_find_duplicates_names_the_longest_text():
    clusters = dedup.find_duplicates([MARKET, FROST, "cat", FROST + " It snows.", "dog", "Cat!"])
    rows = clusters.to_pylist()
    assert [(row["cluster"], row["text"], row["keeper"]) for row in rows] == [
        (3, 3, True),
        (3, 1, False),
        (5, 5, True),
        (5, 2, False),
    ]


def test_extract_gives_body_and_reasons():
    page_ = dedup.extract(page("Market closes", MARKET))
    assert "herrings" in page_.text
    assert "Imprint" not in page_.text
    reasons = {block.text: block.reason for block in page_.blocks}
    assert reasons["Home Weather"] == "boilerplate"
