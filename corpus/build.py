"""`python -m corpus.build [FOLDER]`: write the sample crawl and its labels."""

import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from corpus.archives import conversion, not_found, response, warcinfo
from corpus.parts import Page, to_html, to_text
from corpus.sites import LAKEPOST, MINATO, SEEBLATT, all_pages


def forms_of(page: Page, number: int) -> list[str]:
    """Say in which forms a page stands in the crawl; some stand in two."""
    if page.url.startswith((LAKEPOST, SEEBLATT)):
        return ["warc", "wet"] if number % 5 == 0 else ["warc"]
    if page.url.startswith(MINATO):
        return ["warc"] if number % 2 else ["html"]
    if page.page_type == "forum":
        return ["jsonl"]
    return ["text"] if page.page_type == "product" else ["html"]


def file_name(page: Page, ending: str) -> str:
    """Name the file of a page that is one."""
    host, path = page.url.removeprefix("https://").split("/", 1)
    return f"{host.split('.')[0]}-{path.replace('/', '-')}.{ending}"


def write_crawl(pages: list[Page], folder: Path) -> None:
    """Write all pages in the forms in which they were crawled."""
    warc, wet, lines = [warcinfo(0)], [warcinfo(1)], []
    for name in ("html", "text"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(pages):
        forms = forms_of(page, number)
        if "warc" in forms:
            warc.append(response(page, number))
        if "wet" in forms:
            wet.append(conversion(page, number))
        if "html" in forms:
            data = to_html(page).encode(page.charset, "xmlcharrefreplace")
            (folder / "html" / file_name(page, "html")).write_bytes(data)
        if "text" in forms:
            (folder / "text" / file_name(page, "txt")).write_text(to_text(page), "utf-8")
        if "jsonl" in forms:
            lines.append({"id": page.url, "url": page.url, "html": to_html(page)})
    warc.append(not_found(f"{LAKEPOST}/gone", 99))
    (folder / "news.warc.gz").write_bytes(b"".join(warc))
    (folder / "news.warc.wet.gz").write_bytes(b"".join(wet))
    write_lines(folder / "forum.jsonl", lines)


def write_labels(pages: list[Page], folder: Path) -> None:
    """Write what each block is, and which pages and blocks belong together."""
    folder.mkdir(parents=True, exist_ok=True)
    blocks = [
        {
            "page": page.url,
            "text": part.text,
            "label": "body" if part.is_body else "boilerplate",
            "kind": part.kind,
        }
        for page in pages
        for part in page.parts
    ]
    write_lines(folder / "blocks.jsonl", blocks)
    write_lines(folder / "clusters.jsonl", clusters(pages))


def clusters(pages: list[Page]) -> list[dict[str, Any]]:
    """Find pages that tell the same story, and texts that stand on several pages."""
    stories: dict[str, list[str]] = defaultdict(list)
    places: dict[str, list[str]] = defaultdict(list)
    for page in pages:
        lead = next((p.text for p in page.parts if p.kind == "lead"), page.url)
        stories[lead].append(page.url)
        for part in page.parts:
            places[part.text].append(page.url)
    found: list[dict[str, Any]] = [
        {"kind": "document", "members": members} for members in stories.values() if len(members) > 1
    ]
    found += [
        {"kind": "block", "text": text, "members": members}
        for text, members in places.items()
        if len(members) > 1
    ]
    return found


def write_labelled(pages: list[Page], folder: Path) -> None:
    """Write the pages in WCXB's layout, for `dedup evaluate` and `dedup train`."""
    for name in ("html", "ground-truth"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(pages):
        name = f"{number:04}"
        data = gzip.compress(to_html(page).encode("utf-8"), 9, mtime=0)
        (folder / "html" / f"{name}.html.gz").write_bytes(data)
        kept = [part.text for part in page.parts if part.is_body]
        left_out = [p.text for p in page.parts if not p.is_body and p.text not in "\n".join(kept)]
        truth = {
            "url": page.url,
            "file_id": name,
            "_internal": {"page_type": {"primary": page.page_type}},
            "ground_truth": {
                "title": page.title,
                "author": page.author,
                "main_content": page.body,
                "with": [text.split("\n")[0][:60] for text in kept[:3]],
                "without": [text[:60] for text in left_out[-3:] if len(text) > 25],
            },
        }
        text = json.dumps(truth, ensure_ascii=False, indent=1) + "\n"
        (folder / "ground-truth" / f"{name}.json").write_text(text, "utf-8")


def write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write JSON lines."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, "utf-8")


def build(folder: Path) -> None:
    """Write crawl/, labels/ and labelled/ into a folder."""
    pages = all_pages()
    write_crawl(pages, folder / "crawl")
    write_labels(pages, folder / "labels")
    write_labelled(pages, folder / "labelled")


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
