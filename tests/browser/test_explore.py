"""`dedup explore` in a real browser."""

import re

import pytest
from explore_support import serving
from made_result import REJECTED, make_rows, write_hostile, write_result

VIEWS = ["", "sites", "clusters", "documents", "blocks", "rejected", "warnings", "settings"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explored")
    write_result(folder, make_rows(), rejected=REJECTED)
    with serving(folder) as found:
        yield found


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory):
    with serving(write_hostile(tmp_path_factory.mktemp("hostile"))) as found:
        yield found


@pytest.fixture
def visit(browser):
    """Hand out a function that opens a server by its token, as one does who is given the address.

    In the end no page may have shown a dialog, written an error, or asked elsewhere.
    """
    contexts, seen = [], []

    def visit_(site, *, width=1280, **options):
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("dialog", lambda dialog: (seen.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on("console", lambda said: seen.append(said.text))
        page.on("popup", lambda other: seen.append(other.url))
        own = site.address.partition("?")[0]
        page.on(
            "request",
            lambda asked: asked.url.startswith((own, "data:,")) or seen.append(asked.url),
        )
        page.goto(site.address)
        return page

    yield visit_
    for context in contexts:
        context.close()
    assert seen == []


def overflow(page):
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def go(page, site, view):
    return page.goto(f"{site.address.partition('?')[0]}{view}")


def test_the_address_opens_it_and_links_need_no_token(visit, site):
    page = visit(site)
    page.get_by_role("link", name=re.compile("^Blocks")).click()
    assert page.url.endswith("/blocks")
    assert page.locator("h1").inner_text() == "Blocks"
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")


def test_without_the_token_a_browser_sees_nothing(browser, site):
    context = browser.new_context()
    page = context.new_page()
    assert page.goto(site.address.partition("?")[0]).status == 403
    context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_from_a_search_to_a_block_to_its_cluster_and_back(visit, site, scripts):
    page = visit(site, java_script_enabled=scripts)
    page.get_by_role("link", name=re.compile("^Blocks")).click()
    page.get_by_role("searchbox").fill("cookies to remember")
    page.get_by_label("Outcome").select_option("boilerplate")
    page.get_by_role("button", name="Show").click()
    assert "q=cookies+to+remember" in page.url
    rows = page.locator("tbody tr")
    assert rows.count() == 24
    assert rows.first.locator("mark").inner_text() == "cookies to remember"
    rows.first.get_by_role("link", name="24 pages").click()
    assert page.locator("h1").inner_text() == "Cluster of blocks"
    page.locator("tbody tr").nth(3).get_by_role("link").click()
    assert re.search(r"/document\?id=\w+&start=1#b1$", page.url)
    target = page.locator("li:target")
    assert "We use cookies" in target.inner_text()
    page.go_back()
    page.go_back()
    assert page.get_by_role("searchbox").input_value() == "cookies to remember"


def test_a_block_tells_its_probability_and_span_when_it_has_the_focus(visit, site):
    page = visit(site)
    go(page, site, "documents")
    page.locator("tbody a").first.click()
    # the click left the pointer somewhere, perhaps on a block
    page.mouse.move(0, 0)
    block = page.locator(".blocks li").nth(2)
    assert not block.locator(".tip").is_visible()
    block.focus()
    said = block.locator(".tip").inner_text()
    assert re.search(r"probability of body 0\.\d{3}", said)
    assert "characters [" in said


def test_a_form_is_sent_by_the_keyboard(visit, site):
    page = visit(site)
    go(page, site, "sites")
    page.get_by_role("searchbox").focus()
    page.keyboard.type("garten")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sites?q=garten*")
    assert page.locator("tbody tr").count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"


@pytest.mark.parametrize("width", [360, 1280])
def test_hostile_texts_run_nothing_and_stay_within_the_page(visit, hostile_site, width):
    page = visit(hostile_site, width=width)
    for view in VIEWS:
        assert go(page, hostile_site, view).status == 200
        assert overflow(page) <= 0, view
        for link in ("document", "cluster", "site"):
            inward = page.locator(f"main a[href^='/{link}?']")
            if inward.count():
                leads = inward.first.get_attribute("href")
                assert go(page, hostile_site, leads[1:]).status == 200
                assert overflow(page) <= 0, (view, leads)
                go(page, hostile_site, view)
    assert page.evaluate("typeof window.alerted") == "undefined"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(visit, site, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = visit(site, color_scheme=scheme)
    # axe is put into the page by the browser itself, which the policy of the page does not bind
    paths = [*VIEWS]
    for view in ("documents", "clusters?kind=document", "clusters?kind=block", "sites"):
        go(page, site, view)
        paths.append(page.locator("tbody tr a").first.get_attribute("href")[1:])
    for path in paths:
        go(page, site, path)
        found = axe.run(page).response["violations"]
        serious = [v for v in found if v["impact"] in ("serious", "critical")]
        assert not serious, (path, [(v["id"], v["nodes"][0]["html"][:200]) for v in serious])
