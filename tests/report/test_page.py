import base64
import hashlib
import re
from dataclasses import replace

import pyarrow as pa
import pytest
from made_result import poison, write_hostile
from selectolax.lexbor import LexborHTMLParser

from dedup import schema
from dedup.report.collect import collect
from dedup.report.manifest import count_result, read_manifest, write_manifest
from dedup.report.page import MAX_BYTES, render, render_within, write_report
from dedup.report.result import Reading
from dedup.report.tables import write_table
from dedup.report.views import Limits


def parse(folder):
    return LexborHTMLParser((folder / "report.html").read_text(encoding="utf-8"))


@pytest.fixture
def hostile(tmp_path):
    return write_hostile(tmp_path / "OUT")


def test_nothing_that_a_page_says_becomes_markup(hostile):
    page = parse(hostile)
    assert not page.css("img, iframe, object, embed, form, base, foreignObject, use, a[download]")
    assert [e.attributes["id"] for e in page.css("input")] == ["q", "min"]
    assert {e.attributes["class"] for e in page.css("svg")} == {"bar", "chart"}
    assert len(page.css("script")) == 1
    elements = page.css("*")
    assert len(elements) > 1_000
    assert not [name for e in elements for name in e.attributes if name.startswith("on")]
    assert len(page.css("style")) == 1
    assert not page.css("[style]")
    assert "<script>alert(1)</script>" in page.body.text()
    assert "{{ 7 * 7 }}" in page.body.text()


def test_only_web_addresses_become_links(hostile):
    links = [a.attributes["href"] for a in parse(hostile).css("a")]
    outward = [link for link in links if not link.startswith("#")]
    assert outward
    assert all(link.startswith("https://a.example/") for link in outward)
    assert not [link for link in outward if len(link) > 600]


def test_nothing_is_loaded_from_outside(hostile):
    page = parse(hostile)
    assert not page.css("[src], [srcset], [background], [poster]")
    assert [e.attributes["href"] for e in page.css("link")] == ["data:,"]
    assert not re.search(r"url\(|@import", page.css_first("style").text())


def test_the_policy_lets_only_the_pages_own_script_and_styles_through(hostile):
    page = parse(hostile)
    rules = page.css_first("meta[http-equiv=Content-Security-Policy]").attributes["content"]
    policy = dict(rule.strip().split(" ", 1) for rule in rules.split(";"))
    assert policy["default-src"] == "'none'"
    for rule, element in (("script-src", "script"), ("style-src", "style")):
        text = page.css_first(element).text(deep=True)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert policy[rule] == f"'sha256-{digest}'"


def test_control_characters_are_shown(hostile):
    text = (hostile / "report.html").read_text(encoding="utf-8")
    assert "null ␀ bell ␇ escape ␛[31m" in text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)


def test_long_texts_are_cut_and_say_so(hostile):
    text = (hostile / "report.html").read_text(encoding="utf-8")
    assert "more characters" in text
    assert max(map(len, text.splitlines())) < 20_000
    assert len(text.encode()) < 1_500_000


def test_text_of_any_direction_keeps_to_itself(hostile):
    page = parse(hostile)
    texts = page.css(".text")
    assert texts
    assert all(e.attributes.get("dir") == "auto" for e in texts)


def test_the_worst_text_in_every_place_stays_below_the_bound(tmp_path, make_result, rows):
    made = poison(rows(pages=60), ["'" * 9_000], ["https://a.example/?" + "&" * 480])
    for row in made.blocks:
        row["cluster"] = f"c{row['index']}"
    for cluster in made.clusters:
        cluster["cluster"] = cluster["cluster"][:3]
    folder = make_result(tmp_path / "OUT", made)
    assert (folder / "report.html").stat().st_size < MAX_BYTES


def test_a_page_that_would_be_too_large_shows_less(tmp_path, make_result):
    folder = make_result(tmp_path / "OUT")
    whole = (folder / "report.html").stat().st_size
    small = render_within(folder, whole // 2)
    assert len(small) <= whole // 2
    assert b"Shown: the largest clusters" in small


def test_the_numbers_at_the_top_are_those_of_the_tables(tmp_path, make_result, rows):
    made = rows()
    page = parse(make_result(tmp_path / "OUT", made))
    kept = sum(row["keep"] for row in made.documents)
    assert page.css_first("h1").text() == f"{kept} of {len(made.documents) + 2} documents kept"
    first = page.css_first(".legend").text()
    assert re.search(rf"{kept} kept", " ".join(first.split()))


def test_a_cluster_shows_keeper_and_copy_with_what_differs(tmp_path, make_result):
    page = parse(make_result(tmp_path / "OUT"))
    copies = page.css_first("#documents details").css(".copy")
    assert copies[0].css_first(".tag").text() == "keeper"
    assert not copies[0].css("mark")
    assert copies[1].css_first(".tag").text().endswith("similar")
    left, right = copies[1].css(".side")
    assert left.css_first(".tag").text() == "keeper"
    assert left.css("mark")
    assert right.css("mark")
    assert left.css_first("mark").text() != right.css_first("mark").text()


def test_a_site_shows_what_it_repeats(tmp_path, make_result):
    page = parse(make_result(tmp_path / "OUT"))
    tables = {d.css_first(".what").text(): d.text() for d in page.css("#sites details")}
    assert "We use cookies to remember your berth" in tables["harbour-gazette.example"]
    assert "無断転載を禁じます" in tables["machi-dayori.example"]


def test_a_site_shows_why_its_text_went(tmp_path, make_result, rows):
    made = rows()
    data = collect(make_result(tmp_path / "OUT", made))
    site = next(s for s in data.sites if s.removal.name == "gartenblatt.example")
    ids = {row["id"] for row in made.documents if row["_site"] == "gartenblatt.example"}
    blocks = [row for row in made.blocks if row["document"] in ids]
    assert dict(site.parts)["boilerplate"] == sum(
        len(row["text"]) for row in blocks if row["reason"] == "boilerplate"
    )
    assert sum(dict(site.parts).values()) == sum(len(row["text"]) for row in blocks)


def test_sample_pages_come_from_every_site(tmp_path, make_result):
    data = collect(make_result(tmp_path / "OUT"))
    sites = {page.url.split("/")[2] for page in data.pages[:4]}
    assert len(sites) == 4
    assert all(0 < page.n_kept < page.n_blocks for page in data.pages[:4])


def test_anchors_are_unique_and_all_links_within_lead_somewhere(tmp_path, make_result):
    page = parse(make_result(tmp_path / "OUT"))
    ids = [e.attributes["id"] for e in page.css("[id]")]
    assert len(ids) == len(set(ids))
    inward = {a.attributes["href"][1:] for a in page.css('a[href^="#"]')}
    labels = {e.attributes["aria-labelledby"] for e in page.css("[aria-labelledby]")}
    assert inward | labels <= set(ids)


def test_it_has_landmarks_language_and_headed_tables(tmp_path, make_result):
    page = parse(make_result(tmp_path / "OUT"))
    assert page.css_first("html").attributes["lang"] == "en"
    assert [len(page.css(name)) for name in ("main", "nav", "h1", "title")] == [1, 1, 1, 1]
    assert all(table.css("th[scope]") for table in page.css("table"))


@pytest.mark.parametrize("format_", ["parquet", "jsonl"])
def test_a_report_is_the_same_when_it_is_built_again(tmp_path, make_result, format_):
    folder = make_result(tmp_path / "OUT", format_=format_)
    first = (folder / "report.html").read_bytes()
    write_report(folder)
    assert (folder / "report.html").read_bytes() == first
    write_report(folder, Reading(threads=3))
    assert (folder / "report.html").read_bytes() == first


def test_the_format_of_the_tables_does_not_show(tmp_path, make_result):
    one, two = (
        collect(make_result(tmp_path / name, format_=name)) for name in ("parquet", "jsonl")
    )
    assert (one.pages, one.sites) == (two.pages, two.sites)
    assert one.document_clusters == two.document_clusters
    assert one.block_clusters == two.block_clusters


def test_an_empty_result_has_a_report(tmp_path, make_result, no_rows):
    page = parse(make_result(tmp_path / "OUT", no_rows, rejected=[]))
    assert page.css_first("h1").text() == "0 of 0 documents kept"
    assert page.css_first(".lede").text() == "There was nothing to read."
    assert not page.css("#sites, #clusters, #pages, #rejected")
    assert page.css_first("#warnings").text().count(": none") == 3


def test_passages_are_shown_the_largest_first(tmp_path, make_result, no_rows):
    folder = make_result(tmp_path / "OUT", no_rows, rejected=[])
    rows = [
        {
            "passage": name,
            "kind": kind,
            "document": f"{name} {place}",
            "start": 7,
            "end": 700,
            "n_words": n_words,
            "keep": place == 0,
            "similarity": 1.0 if place == 0 else 0.875,
            "excerpt": f"<b>{name}</b> & more" if place == 0 else None,
        }
        for name, kind, n_words, places in (("small", "run", 60, 3), ("large", "substring", 90, 20))
        for place in range(places)
    ]
    table = pa.Table.from_pylist(rows, schema=schema.PASSAGES_OUT)
    write_table(table.to_batches(), table.schema, folder / "passages", "parquet")
    counts = count_result(folder, read=23, rejected=0)
    assert counts.passages == {"run": 1, "substring": 1}
    assert counts.copies == {"run": 2, "substring": 19}
    manifest = replace(read_manifest(folder), command="find", counts=counts)
    write_manifest(folder, manifest)
    page = LexborHTMLParser(render(collect(folder, Limits())))
    assert page.css_first("h1").text() == "1 repeated run of blocks and 1 repeated run of words"
    large, small = page.css("#passages details")
    assert large.css_first(".what").text() == "<b>large</b> & more"
    assert "90 words, 20 places in 20 documents" in large.css_first(".how").text()
    assert "12 more places in passages/" in large.text()
    assert [row.css("td")[2].text() for row in small.css("tbody tr")] == ["keeper", *["0.87"] * 2]


def test_clusters_alone_have_a_report(tmp_path, make_result):
    folder = make_result(tmp_path / "OUT")
    for name in ("documents", "blocks"):
        for part in (folder / name).iterdir():
            part.unlink()
    page = LexborHTMLParser(render(collect(folder, Limits())))
    assert page.css("#documents details")
    assert page.css("#blocks details")
    assert not page.css("#pages")
