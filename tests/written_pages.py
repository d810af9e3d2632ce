"""Pages written for the tests in 13 languages, and what of each must stay and must go.

`tests/classify/pages/NAME.html` is a page as sites make them, all of it made up; beside it
`NAME.json` says which sentences are `body` and which are `boilerplate`, each by kind, which may be
`either` (bylines, captions, comments: docs/classifier.md), and which stand twice and may stay
`once`. `python tests/written_pages.py` prints what the shipped model makes of them.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import dedup
from dedup.classify.labelled import strip_html

FOLDER = Path(__file__).parent / "classify" / "pages"
FORMS = ("html", "text")


@dataclass(frozen=True)
class WrittenPage:
    """A page and its marks; `body` and `boilerplate` are sentences by kind."""

    name: str
    language: str
    about: str
    html: str
    body: dict[str, list[str]]
    boilerplate: dict[str, list[str]]
    either: list[str]
    once: list[str]


@dataclass(frozen=True)
class Judged:
    """What is left of a page; sentences that its form does not have are in no list.

    body, boilerplate: for each kind the sentences, and those that were judged wrong.
    """

    text: str
    body: dict[str, tuple[list[str], list[str]]]
    boilerplate: dict[str, tuple[list[str], list[str]]]


def one_line(text):
    return " ".join(text.split())


def read_page(name):
    marks = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    html = (FOLDER / f"{name}.html").read_text("utf-8")
    return WrittenPage(
        name,
        marks["language"],
        marks["page"],
        html,
        marks["body"],
        marks["boilerplate"],
        marks["either"],
        marks.get("once", []),
    )


def names():
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def judge(page, form):
    """Extract the page from its HTML, or from its plain text as other tools make it."""
    extracted = dedup.extract(page.html if form == "html" else strip_html(page.html))
    # blocks hold all of the page, what went too
    whole = one_line(" ".join(block.text for block in extracted.blocks))
    text = one_line(extracted.text)

    def wrong(kinds, stays):
        held = {kind: [s for s in sentences if s in whole] for kind, sentences in kinds.items()}
        return {k: (all_, [s for s in all_ if (s in text) != stays]) for k, all_ in held.items()}

    return Judged(text, wrong(page.body, True), wrong(page.boilerplate, False))


def wrong(judged, kinds=None):
    """Name the sentences that were judged wrong, of all kinds or of these."""
    return [s for kind, (_, bad) in judged.items() if kinds is None or kind in kinds for s in bad]


def share(judged):
    """Say which share of the sentences was judged right."""
    n_all = sum(len(all_) for all_, _ in judged.values())
    return 1 - len(wrong(judged)) / n_all


def table():
    """Make a Markdown table: for each page and form the shares of body kept, boilerplate gone."""
    lines = [
        "| page | HTML: body kept | boilerplate gone | text: body kept | boilerplate gone |",
        "|---|---:|---:|---:|---:|",
    ]
    for name in names():
        page = read_page(name)
        found = [judge(page, form) for form in FORMS]
        shares = [f"{share(part):.2f}" for one in found for part in (one.body, one.boilerplate)]
        lines.append(f"| {name}: {page.about} | {' | '.join(shares)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
