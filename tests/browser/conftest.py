"""Chromium, and pages in it that report whatever they should not do."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from made_result import write_hostile

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Start the Chromium of the system; without one, or without playwright, tests are skipped."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser) -> Iterator[Callable[..., object]]:
    """Hand out a function that opens a file in a window of some size, light or dark.

    In the end no page may have shown a dialog, written an error, or asked for anything but its
    own file.
    """
    contexts, seen = [], []

    def open_(file: Path, view: str = "", *, width: int = 1280, **options: object) -> object:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on(
            "dialog", lambda dialog: (seen.append(("dialog", dialog.message)), dialog.dismiss())
        )
        page.on("pageerror", lambda error: seen.append(("error", str(error))))
        page.on("console", lambda said: seen.append((said.type, said.text)))
        page.on("popup", lambda other: seen.append(("popup", other.url)))
        page.on(
            "request",
            lambda asked: (
                asked.url.split("#")[0] in {file.as_uri(), "data:,"}
                or seen.append(("request", asked.url))
            ),
        )
        page.goto(file.as_uri() + view)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert seen == []


@pytest.fixture(scope="session")
def hostile_report(tmp_path_factory) -> Path:
    """The report of pages that say what should break it."""
    return write_hostile(tmp_path_factory.mktemp("hostile")) / "report.html"
