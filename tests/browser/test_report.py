"""`report.html` in a real browser."""

import re
from dataclasses import replace

import pytest
from made_result import make_rows, write_result, write_whole

from dedup.report.manifest import Removal, read_manifest, write_manifest
from dedup.report.page import write_report

TABS = ["overview", "sites", "clusters", "pages", "warnings", "settings"]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A result with something on every tab."""
    folder = tmp_path_factory.mktemp("made")
    rows = make_rows(pages=60)
    for row in rows.blocks:
        row["why"] = "link density 0.9; stands on 24 of 24 pages of this site"
    near = [row for row in rows.clusters if row["kind"] == "block" and not row["keeper"]]
    near[0]["similarity"] = 0.71
    rejected = [{"source": "a.jsonl", "offset": 1, "url": None, "reason": "line is not JSON"}]
    write_result(folder, rows, rejected=rejected)
    manifest = read_manifest(folder)
    sources = (Removal("spam.jsonl", 1_000, 3, 9_000, 40),)
    warnings = ("997 of the 1,000 documents of spam.jsonl are removed",)
    write_manifest(folder, replace(manifest, sources=sources, warnings=warnings))
    write_report(folder)
    return folder / "report.html"


def expect(locator):
    from playwright.sync_api import expect as expected  # noqa: PLC0415 - the extra may be missing

    return expected(locator)


def visible_panels(page):
    return [
        panel.get_attribute("id") for panel in page.locator(".panel").all() if panel.is_visible()
    ]


def overflow(page):
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def open_all(page):
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")


# ---- tabs


def test_each_tab_shows_its_panel_and_writes_its_address(open_page, report):
    page = open_page(report)
    assert visible_panels(page) == ["overview"]
    for name in TABS:
        page.get_by_role("tab", name=re.compile(name, re.IGNORECASE)).click()
        assert visible_panels(page) == [name]
        assert page.url.endswith(f"#{name}")
        expect(page.locator("[role=tab][aria-selected=true]")).to_have_attribute("id", f"to-{name}")
    page.go_back()
    assert visible_panels(page) == ["warnings"]


@pytest.mark.parametrize("view", ["#sites", "#clusters", "#rejected", "#documents"])
def test_an_address_leads_to_its_tab(open_page, report, view):
    page = open_page(report, view)
    panel = {"#rejected": "warnings", "#documents": "clusters"}.get(view, view[1:])
    assert visible_panels(page) == [panel]
    expect(page.locator(view)).to_be_in_viewport()


def test_an_address_that_leads_nowhere_opens_the_first_tab(open_page, report):
    page = open_page(report, "#%E0%A4%A")
    assert visible_panels(page) == ["overview"]


def test_arrow_keys_go_from_tab_to_tab_and_around(open_page, report):
    page = open_page(report)
    page.locator("#to-overview").focus()
    for key, name in [
        ("ArrowRight", "sites"),
        ("ArrowLeft", "overview"),
        ("ArrowLeft", "settings"),
        ("ArrowRight", "overview"),
        ("End", "settings"),
        ("Home", "overview"),
    ]:
        page.keyboard.press(key)
        assert visible_panels(page) == [name]
        expect(page.locator(f"#to-{name}")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.tabs')") is None


def test_without_javascript_all_stands_one_below_another(open_page, report):
    page = open_page(report, java_script_enabled=False)
    assert visible_panels(page) == TABS
    expect(page.locator(".filter")).to_be_hidden()
    page.locator("#to-warnings").click()
    expect(page.locator("#warnings-title")).to_be_in_viewport()


def test_printed_all_stands_one_below_another(open_page, report):
    page = open_page(report, "#clusters")
    page.emulate_media(media="print")
    assert visible_panels(page) == TABS
    expect(page.locator(".filter")).to_be_hidden()


# ---- clusters


def clusters(page):
    return [card for card in page.locator(".cluster").all() if card.is_visible()]


def status(page):
    return page.locator(".filter [role=status]").inner_text()


def test_search_leaves_the_clusters_that_hold_all_words(open_page, report):
    page = open_page(report, "#clusters")
    n = len(clusters(page))
    assert status(page).startswith(f"{n} of the {n} clusters")
    page.locator("#q").fill("COOKIES berth")
    found = clusters(page)
    assert 0 < len(found) < n
    assert all("cookies" in card.text_content().lower() for card in found)
    assert status(page).startswith(f"{len(found)} of the {n} clusters")
    page.locator("#q").fill("cookies nowhere-to-be-found")
    assert clusters(page) == []
    assert status(page).startswith("0 of the")
    expect(page.locator("#documents-title")).to_be_hidden()


def test_kind_and_similarity_filter_together(open_page, report):
    page = open_page(report, "#clusters")
    page.locator("#kind").select_option("block")
    blocks = clusters(page)
    assert blocks
    assert {card.get_attribute("data-kind") for card in blocks} == {"block"}
    page.locator("#min").fill("0.9")
    kept = clusters(page)
    assert len(kept) == len(blocks) - 1
    assert all(float(card.get_attribute("data-similarity")) >= 0.9 for card in kept)
    expect(page.locator(".filter output")).to_have_text("0.90")
    page.locator("#clear").click()
    assert len(clusters(page)) > len(blocks)
    expect(page.locator("#min")).to_have_value("0")


def test_slash_goes_to_the_search_and_escape_clears_it(open_page, report):
    page = open_page(report)
    page.keyboard.press("/")
    assert visible_panels(page) == ["clusters"]
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#q")).to_have_value("")
    n = len(clusters(page))
    page.keyboard.type("tides/")
    assert page.locator("#q").input_value() == "tides/"
    page.keyboard.press("Escape")
    expect(page.locator("#q")).to_have_value("")
    expect(page.locator("#q")).not_to_be_focused()
    assert len(clusters(page)) == n


def test_what_was_asked_stands_in_the_address(open_page, report):
    page = open_page(report, "#clusters")
    page.locator("#q").fill("cookies & berth")
    page.locator("#min").fill("0.5")
    page.wait_for_timeout(400)
    view = page.url[page.url.index("#") :]
    assert view.startswith("#clusters?")
    other = open_page(report, view)
    expect(other.locator("#q")).to_have_value("cookies & berth")
    expect(other.locator(".filter output")).to_have_text("0.50")
    assert len(clusters(other)) == len(clusters(page))


def test_a_copy_stands_beside_its_keeper_with_marks_on_both_sides(open_page, report):
    page = open_page(report, "#clusters")
    card = page.locator("#documents .cluster").first
    expect(card.locator(".copy .tag").first).to_have_text("keeper")
    left, right = card.locator(".pair").first.locator(".side").all()
    assert left.bounding_box()["x"] < right.bounding_box()["x"]
    assert abs(left.bounding_box()["y"] - right.bounding_box()["y"]) < 2
    assert left.locator("mark").count()
    assert right.locator("mark").count()


# ---- sites and pages


def test_sites_are_sorted_by_a_column_and_back(open_page, report):
    page = open_page(report, "#sites")
    column = page.locator("table.sortable tbody tr td:nth-child(4)")
    head = page.get_by_role("columnheader", name="Text removed")

    def values():
        return [float(cell.get_attribute("data-value")) for cell in column.all()]

    page.get_by_role("button", name="Text removed").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert values() == sorted(values(), reverse=True)
    page.get_by_role("button", name="Text removed").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert values() == sorted(values())
    page.get_by_role("button", name="Site").click()
    names = page.locator("table.sortable tbody th").all_inner_texts()
    assert names == sorted(names)


def test_a_block_tells_why_when_it_is_pointed_at_or_has_the_focus(open_page, report):
    page = open_page(report, "#pages")
    blocks = page.locator("ol.blocks").first.locator("li")
    for way in ("hover", "focus"):
        getattr(blocks.nth(0), way)()
        tip = blocks.nth(0).locator(".tip")
        expect(tip).to_be_visible()
        text = tip.inner_text()
        assert re.search(r"probability of body 0\.\d{3}", text)
        assert "link density 0.9" in text
        assert re.search(r"characters \[\d+, \d+\)", text)
    page.mouse.move(0, 0)
    page.keyboard.press("ArrowDown")
    expect(blocks.nth(1)).to_be_focused()
    expect(blocks.nth(1).locator(".tip")).to_be_visible()
    expect(blocks.nth(0).locator(".tip")).to_be_hidden()


def test_kept_and_removed_blocks_differ_by_more_than_colour(open_page, report):
    page = open_page(report, "#pages")
    kept = page.locator("ol.blocks li:not(.gone)").first
    gone = page.locator("ol.blocks li.gone").first
    assert "kept" in kept.locator(".label").inner_text()
    assert "✓" in kept.locator(".label").inner_text()
    assert "✕" in gone.locator(".label").inner_text()
    colours = {each.evaluate("it => getComputedStyle(it).borderLeftColor") for each in (kept, gone)}
    assert len(colours) == 2


def test_warnings_name_what_to_look_at(open_page, report):
    text = open_page(report, "#warnings").locator("#warnings").inner_text()
    assert "spam.jsonl" in text
    assert "line is not JSON" in text


# ---- hostile texts, any width, any colours


@pytest.mark.parametrize("width", [360, 1280])
def test_hostile_texts_neither_run_nor_break_the_layout(open_page, hostile_report, width):
    page = open_page(hostile_report, width=width)
    for name in TABS:
        page.locator(f"#to-{name}").click()
        open_all(page)
        assert overflow(page) <= 0, name
    page.locator("#to-clusters").click()
    page.locator("#q").fill('"><img src=x onerror=alert(1)>')
    page.locator("#q").fill("<script>alert(1)</script>")
    assert page.locator("main img").count() == 0
    page.locator("#to-pages").click()
    for block in page.locator("ol.blocks li").all()[:12]:
        block.focus()
        assert overflow(page) <= 0


@pytest.mark.parametrize("width", [360, 1280])
def test_no_tab_is_wider_than_the_window(open_page, report, width):
    page = open_page(report, width=width)
    for name in TABS:
        page.locator(f"#to-{name}").click()
        open_all(page)
        assert overflow(page) <= 0, name


def test_right_to_left_text_runs_from_the_right(open_page, report):
    page = open_page(report, "#pages")
    open_all(page)
    text = page.locator("ol.blocks .text", has_text="الجسر").first
    assert text.evaluate("it => getComputedStyle(it).direction") == "rtl"


@pytest.fixture(scope="module")
def small_report(tmp_path_factory):
    return write_whole(tmp_path_factory.mktemp("small"), make_rows(pages=8)) / "report.html"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_axe_finds_no_serious_fault(open_page, small_report, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_page(small_report, color_scheme=scheme, width=width)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (max(map(int, re.findall(r"\d+", paper))) < 64) == (scheme == "dark")
    for name in TABS:
        page.locator(f"#to-{name}").click()
        for details in page.locator(f"#{name} details:not([open]) > summary").all()[:2]:
            details.click()
        # the page as a whole once, then what each tab shows
        found = axe.run(page, None if name == TABS[0] else f"#{name}").response["violations"]
        grave = [
            (fault["id"], [node["html"][:200] for node in fault["nodes"][:3]])
            for fault in found
            if fault["impact"] in ("serious", "critical")
        ]
        assert grave == [], name
