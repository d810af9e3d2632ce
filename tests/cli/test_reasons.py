"""Why each block got its label, as a user reads it."""

import json

import pytest
from cli_support import CORPUS, PARAGRAPHS, read_rows, read_table, run_dedup

MENU = ["Home", "News from the lake", "Sports", "Weather", "Contact", "Log in"]
PLACES = ["Lindau", "Bregenz", "Romanshorn", "Meersburg", "Arbon", "Rorschach"]
LINKS = "".join(f'<li><a href="/{i}">{name}</a></li>' for i, name in enumerate(MENU))


def lake_page(place):
    story = "".join(f"<p>{line.replace('Lindau', place)} In {place}.</p>" for line in PARAGRAPHS)
    return (
        f"<html><head><title>Ice in {place}</title></head><body><nav class='menu'>"
        f"<ul>{LINKS}</ul></nav><article><h1>Ice in {place}</h1>{story}</article></body></html>"
    )


@pytest.fixture(scope="module")
def crawl(tmp_path_factory):
    """Six pages of one site, and the text of one of them."""
    path = tmp_path_factory.mktemp("crawl") / "pages.jsonl"
    rows = [{"url": f"https://lake.example/{p}", "html": lake_page(p)} for p in PLACES]
    text = "\n".join([*MENU, "Ice in Lindau", *(f"{line} In Lindau." for line in PARAGRAPHS)])
    rows.append({"url": "https://lake.example/Lindau", "text": text})
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


@pytest.fixture(scope="module")
def reasoned(crawl, tmp_path_factory):
    out = tmp_path_factory.mktemp("reasoned") / "out"
    done = run_dedup("clean", crawl, "-o", out, "--reasons")
    assert done.returncode == 0, done.stderr
    return out


def test_menu_of_a_site_is_told_by_the_pages_on_which_it_stands(reasoned):
    menu = [row for row in read_rows(reasoned / "blocks") if row["text"] in MENU]
    phrases = [row["why"].split("; ") for row in menu if row["document"]]
    assert {row["label"] for row in menu} == {"boilerplate"}
    assert sum("stands on 6 of 6 pages of this site" in each for each in phrases) >= len(PLACES)


def test_each_block_says_why_in_a_few_phrases(reasoned):
    for row in read_rows(reasoned / "blocks"):
        assert 1 <= len(row["why"].split("; ")) <= 3, row


def test_text_says_that_the_html_of_its_address_decided(reasoned):
    (text,) = (row["id"] for row in read_rows(reasoned / "documents") if row["title"] is None)
    why = {row["why"] for row in read_rows(reasoned / "blocks") if row["document"] == text}
    assert "judged as in the HTML of this address" in why


def test_reasons_change_nothing_else(crawl, reasoned, tmp_path):
    done = run_dedup("clean", crawl, "-o", tmp_path / "out", "--workers", 2)
    assert done.returncode == 0, done.stderr
    plain, told = (read_table(out / "blocks") for out in (tmp_path / "out", reasoned))
    assert plain.column("why").null_count == plain.num_rows
    assert plain.drop_columns("why") == told.drop_columns("why")


def test_report_shows_the_reasons_escaped(reasoned):
    report = (reasoned / "report.html").read_text()
    assert "stands on 6 of 6 pages of this site" in report
    assert "in <nav>" not in report


def test_extract_tells_what_spoke_for_each_label_of_a_page():
    page = CORPUS / "crawl" / "html" / "kettle-docs-cache.html"
    done = run_dedup("extract", page, "--format", "jsonl", "--blocks")
    assert done.returncode == 0, done.stderr
    (row,) = map(json.loads, done.stdout.splitlines())
    why = {block["text"]: block["why"] for block in row["blocks"]}
    assert "in <footer>" in why["Kettle is free software. These pages may be copied."]
    assert why["Docs"].endswith("before the body")
    assert why["Edit this page"].endswith("after the body")
    assert any("link density 0.9" in each for each in why.values())
    (story,) = (each for text, each in why.items() if text.startswith("By default the cache"))
    assert story.endswith("between blocks of body")
