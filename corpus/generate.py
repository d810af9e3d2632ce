"""`python -m corpus.generate`: a large crawl of made-up sites, as a stream, with its truth.

A page depends on the seed and its number only, so that page 17 of a crawl of a hundred is
page 17 of a crawl of a million, and parts can be made side by side.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import BinaryIO

from corpus.archives import conversion, record, warcinfo
from corpus.parts import Page, Part, Section, to_html

PAGES_A_PART = 5_000
COPIES = 10
"""Every so many pages one is a copy of an earlier one: a reprint, or an update."""

ENDINGS = {"warc": "warc.gz", "wet": "warc.wet.gz", "jsonl": "jsonl.gz"}
SYLLABLES = tuple(c + v for c in "bdfghklmnprstvw" for v in "aeio")


def vocabulary(seed: int) -> list[str]:
    """Make the words of a crawl, frequent ones first and short."""
    random = Random(f"{seed}/words")
    return [
        "".join(
            random.choices(SYLLABLES, k=1 + min(3, rank.bit_length() // 4) + random.randrange(2))
        )
        for rank in range(1, 8_000)
    ]


def sentences(random: Random, words: list[str], n: int) -> list[str]:
    """Make sentences of 8 to 22 words; the word of rank r is drawn as often as 1 / r."""
    made = []
    top = len(words)
    for _ in range(n):
        # the inverse of the distribution's cumulative sum, which is nearly logarithmic
        drawn = [words[int(top ** random.random()) - 1] for _ in range(random.randint(8, 22))]
        middle = len(drawn) // 2
        drawn[middle] += ","
        made.append(" ".join(drawn).capitalize() + ".")
    return made


def story(seed: int, number: int, words: list[str]) -> tuple[str, list[str]]:
    """Make title and paragraphs of an article of its own."""
    random = Random(f"{seed}/{number}")
    title = " ".join(random.choices(words[50:2000], k=random.randint(4, 8))).capitalize()
    paragraphs = [
        " ".join(sentences(random, words, random.randint(2, 5)))
        for _ in range(random.randint(3, 7))
    ]
    return title, paragraphs


def origin_of(seed: int, number: int) -> tuple[int, float]:
    """Tell which article a page holds, and how many of its words were changed.

    Returns
    -------
    Number of the page that has the article for the first time (its own, for nine pages of
    ten), and the share of words that differ from it.
    """
    if number % COPIES != COPIES - 1:
        return number, 0.0
    random = Random(f"{seed}/copy/{number}")
    source = number - random.randint(1, min(number, 1_000))
    if source % COPIES == COPIES - 1:
        source -= 1
    return source, random.choice((0.0, 0.005, 0.02, 0.1))


def page_of(seed: int, number: int, sites: int, words: list[str]) -> Page:
    """Make one page: an article in its site's template, with teasers of other articles."""
    source, edits = origin_of(seed, number)
    title, paragraphs = story(seed, source, words)
    random = Random(f"{seed}/page/{number}")
    if edits:
        paragraphs = [edited(random, text, edits, words) for text in paragraphs]
    site = random.randrange(sites)
    frame = Random(f"{seed}/site/{site}")
    menu = [" ".join(frame.choices(words[:400], k=frame.randint(1, 2))).title() for _ in range(9)]
    notice = " ".join(sentences(frame, words, 2))
    others = [random.randrange(max(1, number)) for _ in range(3)]
    teasers = [story(seed, origin_of(seed, other)[0], words) for other in others]
    css = frame.choice(("story", "post-content", "entry", "artikel"))
    list_item = '<li><a href="/x">{}</a></li>'
    return Page(
        f"https://site{site}.example/{number}",
        f"Site {site}",
        "en",
        title,
        "",
        "article",
        (
            Section(
                f'<nav class="{frame.choice(("menu", "topnav", "header-links"))}"><ul>',
                "</ul></nav>",
                tuple(Part(name, "menu", list_item) for name in menu),
            ),
            Section(
                f'<div class="{css}">',
                "</div>",
                (
                    Part(title, "title", "<h1>{}</h1>"),
                    *(Part(text, "paragraph") for text in paragraphs),
                ),
            ),
            Section(
                '<aside class="related"><h3>Related</h3><ul>',
                "</ul></aside>",
                tuple(
                    Part(text[0][:90].rsplit(" ", 1)[0] + "…", "teaser", list_item)
                    for _, text in teasers
                ),
            ),
            Section("<footer>", "</footer>", (Part(notice, "footer"),)),
        ),
    )


def edited(random: Random, text: str, share: float, words: list[str]) -> str:
    """Change a share of a text's words."""
    return " ".join(
        random.choice(words) if random.random() < share else word for word in text.split()
    )


@dataclass(frozen=True)
class Made:
    """What a crawl is made of."""

    pages: int
    seed: int
    sites: int
    # "html" or one of ENDINGS
    form: str


def generate(made: Made, folder: Path, workers: int) -> None:
    """Write a crawl into folder/crawl and its truth into folder/truth, a part in each worker."""
    (folder / "crawl").mkdir(parents=True)
    (folder / "truth").mkdir()
    begins = range(0, made.pages, PAGES_A_PART)
    with ProcessPoolExecutor(workers) as pool:
        for _ in pool.map(partial(write_part, made, folder), begins):
            pass


def write_part(made: Made, folder: Path, begin: int) -> None:
    """Write PAGES_A_PART pages and their truth."""
    words = vocabulary(made.seed)
    part = f"part-{begin // PAGES_A_PART:05}"
    with ExitStack() as stack:
        truth = folder / "truth" / f"{part}.jsonl"
        told = stack.enter_context(truth.open("w", encoding="utf-8"))
        write = _writer(made.form, folder / "crawl", part, stack)
        for number in range(begin, min(begin + PAGES_A_PART, made.pages)):
            page = page_of(made.seed, number, made.sites, words)
            write(page, number)
            source, edits = origin_of(made.seed, number)
            row = {
                "url": page.url,
                "copy_of": None if source == number else source,
                "edited": edits,
                "blocks": [[p.text, "body" if p.is_body else "boilerplate"] for p in page.parts],
            }
            told.write(json.dumps(row, ensure_ascii=False) + "\n")


def _writer(form: str, folder: Path, part: str, stack: ExitStack) -> Callable[[Page, int], None]:
    """Open a part of the crawl; what is given back writes a page to it."""
    if form == "html":
        (folder / part).mkdir()

        def write_file(page: Page, number: int) -> None:
            (folder / part / f"{number:09}.html").write_text(to_html(page), "utf-8")

        return write_file
    file: BinaryIO = stack.enter_context((folder / f"{part}.{ENDINGS[form]}").open("wb"))
    if form == "jsonl":
        packed = stack.enter_context(gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0))

        def write_line(page: Page, number: int) -> None:
            row = {"id": str(number), "url": page.url, "html": to_html(page)}
            packed.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")

        return write_line
    file.write(warcinfo(0))
    make = conversion if form == "wet" else _response

    def write_record(page: Page, number: int) -> None:
        file.write(make(page, number))

    return write_record


def _response(page: Page, number: int) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    content_type = "application/http; msgtype=response"
    return record("response", page.url, number, head + to_html(page).encode(), content_type)


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m corpus.generate", description=__doc__)
    parser.add_argument("--pages", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sites", type=int, default=50)
    parser.add_argument("--format", choices=[*ENDINGS, "html"], default="warc")
    parser.add_argument("--workers", type=int, default=1, help="processes; 1")
    parser.add_argument("-o", "--output", type=Path, required=True, help="a new or empty folder")
    return parser.parse_args(arguments)


def _complaints(options: argparse.Namespace) -> Iterator[str]:
    if min(options.pages, options.sites, options.workers) < 1:
        yield "--pages, --sites and --workers must be at least 1"
    if options.output.exists() and (not options.output.is_dir() or any(options.output.iterdir())):
        yield f"{options.output} exists and is not an empty folder"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; gives its exit status."""
    options = _arguments(arguments)
    for complaint in _complaints(options):
        print(f"corpus.generate: {complaint}", file=sys.stderr)
        return 2
    made = Made(options.pages, options.seed, options.sites, options.format)
    generate(made, options.output, options.workers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
