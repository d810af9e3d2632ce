"""The server over a real socket."""

import re
from urllib.parse import urlsplit

import pytest
from explore_support import Site, serving
from made_result import make_rows, write_result
from selectolax.lexbor import LexborHTMLParser

from dedup.explore.guard import HEADERS

HOSTILE_PATHS = [
    "/documents?start=-1",
    "/documents?start=1000000000000000000000000000000",
    "/documents?page=-1",
    "/clusters?kind=%27%3B%20DROP%20TABLE%20cluster_sizes%3B--",
    "/cluster?kind=block",
    "/cluster?kind=document&name=x&after=1",
    "/site?name=" + "x" * 5_000,
    "/blocks?q=" + "x" * 300,
    "/blocks?outcome=%00",
]


@pytest.fixture(scope="module")
def site(made):
    _, folder = made
    with serving(folder) as found:
        found.come_in()
        yield found


@pytest.fixture(scope="module")
def hostile(hostile_folder):
    with serving(hostile_folder) as found:
        found.come_in()
        yield found


def links(text):
    found = LexborHTMLParser(text).css("a[href]")
    inward = [a.attributes["href"].partition("#")[0] for a in found]
    return [link for link in inward if link.startswith("/")]


def crawl(site, most):
    """Follow all links from the overview, some of each view, and yield what is found."""
    left, seen, per_view = ["/"], {"/"}, {}
    while left:
        path = left.pop(0)
        reply = site.ask(path)
        yield path, reply
        for link in links(reply.text):
            view = urlsplit(link).path
            if link not in seen and per_view.get(view, 0) < most:
                seen.add(link)
                per_view[view] = per_view.get(view, 0) + 1
                left.append(link)


# ---- the door


def test_without_the_token_nothing_is_shown(site):
    stranger = Site(site.door)
    for path in ("/", "/blocks?q=tomaten", "/style.css", "/nowhere", "/?token=", "/?token=x"):
        reply = stranger.ask(path)
        assert reply.status == 403
        assert "set-cookie" not in reply.headers
        assert b"tomaten" not in reply.body.lower()


def test_the_token_opens_and_a_cookie_keeps_open(site):
    guest = Site(site.door)
    cookie = guest.come_in().headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert site.door.token not in cookie
    assert guest.ask("/blocks").status == 200


def test_the_token_stands_in_no_page(site):
    for _, reply in crawl(site, 2):
        assert site.door.token.encode() not in reply.body
        assert site.door.ticket.encode() not in reply.body


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:80", ""])
def test_another_name_for_this_machine_is_refused(site, host):
    reply = site.ask("/", Host=host or " ")
    assert reply.status in (400, 403)
    assert b"documents" not in reply.body


def test_it_is_asked_by_localhost_and_by_another_port_of_a_tunnel(site):
    assert site.ask("/", Host="localhost:9999").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_only_get_and_head_are_answered(site, method):
    reply = site.ask("/", method=method)
    assert reply.status == 405
    assert reply.headers["allow"] == "GET, HEAD"


def test_head_has_headers_alone(site):
    reply = site.ask("/settings", method="HEAD")
    assert (reply.status, reply.body) == (200, b"")
    assert int(reply.headers["content-length"]) > 1_000


def test_a_name_that_is_too_long_for_an_address_is_told(site):
    reply = site.ask("/long")
    assert reply.status == 200
    assert "This name is too long for an address" in reply.text


@pytest.mark.parametrize("path", ["/", "/style.css", "/nowhere", "/documents?start=-1", "/../x"])
def test_every_answer_has_the_headers_that_protect(site, path):
    for visitor in (site, Site(site.door)):
        reply = visitor.ask(path)
        for name, value in HEADERS.items():
            assert reply.headers[name.lower()] == value
        assert "server" not in reply.headers


# ---- the pages


def test_all_links_lead_to_pages(site):
    found = {}
    for path, reply in crawl(site, 6):
        assert reply.status == 200, path
        found.setdefault(urlsplit(path).path, []).append(path)
    assert {"/", "/sites", "/site", "/clusters", "/cluster", "/documents", "/document"} <= set(
        found
    )
    assert {"/blocks", "/rejected", "/warnings", "/settings"} <= set(found)


def test_every_page_has_landmarks_a_title_and_headed_tables(site):
    for path, reply in crawl(site, 2):
        page = LexborHTMLParser(reply.text)
        assert [len(page.css(name)) for name in ("main", "h1", "title")] == [1, 1, 1], path
        assert page.css_first("html").attributes["lang"] == "en"
        assert all(table.css("th[scope]") for table in page.css("table"))
        ids = [e.attributes["id"] for e in page.css("[id]")]
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", HOSTILE_PATHS)
def test_what_cannot_be_is_a_bad_request_in_a_sentence(site, path):
    reply = site.ask(path)
    assert reply.status == 400
    (said,) = LexborHTMLParser(reply.text).css("main .note")
    assert said.text().endswith(".")


@pytest.mark.parametrize(
    "path", ["/nowhere", "/document?id=x", "/cluster?kind=block&name=x", "/site?name=x", "/sites/"]
)
def test_what_is_not_there_is_not_found(site, path):
    reply = site.ask(path)
    assert reply.status == 404
    assert LexborHTMLParser(reply.text).css_first("h1").text() == "Not found"


@pytest.mark.parametrize(
    "q", ["%25", "_", "%27%20OR%201=1--", "%5C", "%00", "%FF%FE", "%ED%A0%80", ".*"]
)
def test_a_search_for_odd_signs_is_a_search(site, q):
    for view in ("documents", "blocks", "clusters", "sites", "rejected", "passages"):
        assert site.ask(f"/{view}?q={q}").status == 200


def test_a_search_shows_its_words_again_and_its_hits_marked(site):
    page = LexborHTMLParser(site.ask("/blocks?q=Newsletter%3A").text)
    assert page.css_first("input[name=q]").attributes["value"] == "Newsletter:"
    assert {mark.text() for mark in page.css("td mark")} == {"Newsletter:"}


def test_nothing_that_a_page_says_becomes_markup(hostile):
    seen = ""
    for path, reply in crawl(hostile, 5):
        assert reply.status == 200, path
        page = LexborHTMLParser(reply.text)
        assert not page.css("script, img, iframe, object, embed, base, style"), path
        named = [name for e in page.css("*") for name in e.attributes]
        assert not [name for name in named if name.startswith("on") or name == "style"], path
        for a in page.css("a"):
            assert re.match(r"/|https://a\.example/|#|$", a.attributes["href"]), path
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", reply.text), path
        assert len(reply.body) < 1_000_000, path
        seen += page.body.text()
    assert "<script>alert(1)</script>" in seen
    assert "{{ 7 * 7 }}" in seen


def test_a_hostile_query_is_shown_as_it_was_typed(hostile):
    reply = hostile.ask("/documents?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    page = LexborHTMLParser(reply.text)
    assert not page.css("script")
    assert page.css_first("input[name=q]").attributes["value"] == '"><script>alert(1)</script>'


def test_a_file_that_is_gone_is_said(tmp_path):
    write_result(tmp_path, make_rows(pages=3), rejected=[])
    with serving(tmp_path) as site:
        site.come_in()
        for part in (tmp_path / "blocks").iterdir():
            part.unlink()
        reply = site.ask("/blocks")
    assert reply.status == 500
    assert "A file of the result could not be read" in reply.text
    assert "Traceback" not in reply.text
