"""`python docs/screenshots.py`: take the pictures that stand in docs/ anew.

Cleans the sample crawl and looks at its report, and through all of it, in the Chromium that is
installed. Needs the extra `test`, and fonts of the crawl's scripts, as Debian's fonts-noto-core
and fonts-noto-cjk.
"""

import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

DOCS = Path(__file__).parent
COMMAND = Path(sys.executable).with_name("dedup")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


@dataclass(frozen=True)
class Shot:
    """A picture: its name, what of the report or server it shows, and in which window."""

    name: str
    view: str = ""
    width: int = 1180
    height: int = 900
    scheme: str = "light"
    # what is asked of the server, beside the token
    asked: str = ""
    # a block of the sample page that has the focus, so that it tells why
    block: int | None = None
    # whether the window begins at the tabs
    from_tabs: bool = True


SHOTS = (
    Shot("report", height=980, from_tabs=False),
    Shot("report-dark", height=980, scheme="dark", from_tabs=False),
    Shot("report-sites", "#sites", height=820),
    Shot("report-clusters", "#clusters", height=820),
    Shot("report-pages", "#pages", height=820, block=4),
    Shot("report-phone", width=390, height=844, from_tabs=False),
)
EXPLORED = (
    Shot("explore", "/documents", asked="&q=harbour&where=text", height=820, from_tabs=False),
)


def main() -> None:
    """Clean the sample crawl and take every picture."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("screenshots: no Chromium is installed")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        out = Path(folder) / "cleaned"
        command = [COMMAND, "clean", "corpus/crawl", "-o", out, "--reasons", "--quiet"]
        for _ in range(2):  # once to compile, so that times are those of a usual run
            shutil.rmtree(out, ignore_errors=True)
            subprocess.run(command, check=True, cwd=DOCS.parent)  # noqa: S603 - our own
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for shot in SHOTS:
            take(browser, (out / "report.html").as_uri() + shot.view, shot)
        with exploring(out) as address:
            for shot in EXPLORED:
                take(browser, address._replace(path=shot.view).geturl() + shot.asked, shot)
        browser.close()


@contextmanager
def exploring(out: Path) -> Iterator[SplitResult]:
    """Serve a result as `dedup explore` does; give the address."""
    command = [COMMAND, "explore", out, "--no-browser"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    try:
        assert server.stdout is not None
        yield urlsplit(server.stdout.readline().strip())
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


def take(browser: Browser, address: str, shot: Shot) -> None:
    """Take one picture into docs/."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.scheme
    )
    page = context.new_page()
    page.goto(address)
    show(page, shot)
    page.screenshot(path=DOCS / f"{shot.name}.png")
    context.close()


def show(page: Page, shot: Shot) -> None:
    """Bring into the window what the picture is of."""
    if shot.block is not None:
        page.locator("ol.blocks li").nth(shot.block).focus()
    if shot.from_tabs:
        page.evaluate("document.querySelector('.tabs').scrollIntoView()")
        page.evaluate("scrollTo(0, document.querySelector('.panel.open').offsetTop - 60)")
    else:
        page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(300)


if __name__ == "__main__":
    main()
