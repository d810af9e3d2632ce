"""Readers of labelled pages: WCXB's layout, and JSONL or Parquet of the same facts.

WCXB (Foley 2026, arXiv 2605.21097): `html/ID.html.gz` and `ground-truth/ID.json`.
A table has a column `html` or `text`, and `body` (the text that shall stay) or `blocks`
(a list of `text` and `body: bool`); `id`, `url` and `type` if there are any.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from dedup import schema
from dedup.errors import BadInput

MAX_HTML_BYTES = 20_000_000
BATCH_BYTES = 16 << 20
SECOND_LEVEL = frozenset(
    [
        "ac",
        "co",
        "com",
        "edu",
        "gob",
        "gouv",
        "gov",
        "govt",
        "mil",
        "ne",
        "net",
        "or",
        "org",
        "sch",
    ]
)


@dataclass(frozen=True)
class Truth:
    """What is known of one labelled page."""

    id: str
    domain: str
    page_type: str
    body: str
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class Labelled:
    """Documents (schema.DOCUMENTS) and the truth of each row."""

    documents: pa.RecordBatch
    truths: tuple[Truth, ...]


def domain(url: str | None, fallback: str) -> str:
    """Give the registrable part of the host, by the shape of its last labels.

    Examples
    --------
    >>> domain("https://news.example.co.uk/a", "x"), domain("http://a.b.org", "x")
    ('example.co.uk', 'b.org')
    """
    try:
        host = urlsplit(url or "").hostname or ""
    except ValueError:
        host = ""
    labels = [label for label in host.lower().split(".") if label]
    if not labels:
        return fallback
    short = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in SECOND_LEVEL
    return ".".join(labels[-3 if short else -2 :])


def read_labelled(path: str) -> Iterator[Labelled]:
    """Read labelled pages in batches of some 16 MB, sorted by file name (or in row order).

    Raises
    ------
    BadInput: nothing at `path`, or a layout or a record that is not understood.
    """
    place = Path(path)
    if (place / "ground-truth").is_dir():
        yield from batches(wcxb_records(place))
    elif place.suffix in (".jsonl", ".parquet"):
        pages = batches(table_records(place))
        first = next(pages, None)
        if first is None:
            raise BadInput(path, "no page in it")
        yield first
        yield from pages
    else:
        raise BadInput(
            path,
            "neither a folder with ground-truth/ and html/ nor a .jsonl or .parquet file",
        )


def wcxb_records(folder: Path) -> Iterator[dict[str, Any]]:
    """Read a folder in WCXB's layout."""
    files = sorted((folder / "ground-truth").glob("*.json"))
    if not files:
        raise BadInput(str(folder), "no page in ground-truth/")
    for file in files:
        page = folder / "html" / f"{file.stem}.html.gz"
        try:
            record = json.loads(file.read_text("utf-8"))
            truth = record["ground_truth"]
            with gzip.open(page) as stream:
                html = stream.read(MAX_HTML_BYTES)
        except (
            OSError,
            EOFError,
            zlib.error,
            ValueError,
            KeyError,
            TypeError,
        ) as error:
            raise BadInput(str(file), f"no labelled page ({error})") from None
        kind = record.get("_internal", {}).get("page_type", {}).get("primary", "page")
        yield {
            "id": file.stem, "url": record.get("url"), "html": html.decode("utf-8", "replace"),
            "body": truth.get("main_content") or "", "type": kind,
            "with": truth.get("with") or (), "without": truth.get("without") or (),
        }  # fmt: skip


def table_records(file: Path) -> Iterator[dict[str, Any]]:
    """Read labelled pages from JSONL or Parquet."""
    for row, record in enumerate(table_rows(file)):
        page = dict(record)
        if page.get("blocks") is not None:
            try:
                texts = [(str(block["text"]), bool(block["body"])) for block in page["blocks"]]
            except (KeyError, TypeError):
                raise BadInput(str(file), "a block without text or body", offset=row) from None
            page["text"] = "\n\n".join(text for text, _ in texts)
            page["body"] = "\n\n".join(text for text, body in texts if body)
        if not isinstance(page.get("body"), str) or not (page.get("html") or page.get("text")):
            raise BadInput(str(file), "a page needs html or text, and body", offset=row)
        yield {
            "id": str(page.get("id") or row),
            **{k: v for k, v in page.items() if k != "id"},
        }


def table_rows(file: Path) -> Iterator[dict[str, Any]]:
    """Read the rows of a JSONL or Parquet file as dicts."""
    try:
        if file.suffix == ".parquet":
            import pyarrow.parquet as pq  # noqa: PLC0415 - heavy

            for batch in pq.ParquetFile(file).iter_batches(1024):
                yield from batch.to_pylist()
            return
        with file.open(encoding="utf-8") as stream:
            for line in stream:
                if line.strip():
                    record = json.loads(line)
                    if not isinstance(record, dict):
                        raise BadInput(str(file), "a line that is no JSON object")
                    yield record
    except (OSError, ValueError, pa.ArrowException) as error:
        raise BadInput(str(file), f"cannot be read ({error})") from None


def batches(records: Iterator[dict[str, Any]]) -> Iterator[Labelled]:
    """Collect records into batches of some 16 MB."""
    rows: list[dict[str, Any]] = []
    size = n_seen = 0
    for record in records:
        rows.append(record)
        size += len(record.get("html") or record.get("text") or "")
        if size >= BATCH_BYTES:
            yield labelled(rows, n_seen)
            n_seen += len(rows)
            rows, size = [], 0
    if rows:
        yield labelled(rows, n_seen)


def labelled(rows: list[dict[str, Any]], first: int) -> Labelled:
    """Make documents and truths of records."""
    documents, truths = [], []
    for number, row in enumerate(rows, first):
        html = row.get("html")
        home = domain(row.get("url"), row["id"])
        documents.append({
            "document": number, "id": row["id"], "source": "labelled", "offset": number,
            "site": home, "url": row.get("url"), "title": row.get("title"),
            "kind": schema.HTML if html else schema.TEXT,
            "n_bytes": len(html or row["text"]), "content": html or row["text"],
        })  # fmt: skip
        truths.append(
            Truth(
                row["id"], home, str(row.get("type") or "page"), row["body"],
                tuple(row.get("with") or ()), tuple(row.get("without") or ()),
            )
        )  # fmt: skip
    return Labelled(pa.RecordBatch.from_pylist(documents, schema.DOCUMENTS), tuple(truths))


BARE, CIPHERED = "bare", "ciphered"
"""Page types of pages that are nothing but body, and of copies in other scripts."""

UNSCORED = frozenset([BARE, CIPHERED])
"""Made of labelled pages, to learn from; no score counts them."""

BARE_EVERY = 4


def bare(pages: Labelled, kind: str) -> Labelled:
    """Give the bodies of every fourth page as pages of their own, without boilerplate.

    Crawled pages always have some; a model that saw no other would look for it in a clean
    text too.

    Parameters
    ----------
    kind: schema.HTML for pages of plain paragraphs, schema.TEXT for the labelled text itself.
    """
    rows, truths = [], []
    for row, truth in zip(pages.documents.to_pylist(), pages.truths, strict=True):
        if row["document"] % BARE_EVERY or not truth.body.strip():
            continue
        content = truth.body.replace("\0", "")
        if kind == schema.HTML:
            lines = "".join(f"<p>{escape(line)}</p>" for line in content.splitlines())
            content = f"<html><body><article>{lines}</article></body></html>"
        rows.append(row | {"document": -1 - row["document"], "content": content, "kind": kind})
        truths.append(replace(truth, page_type=BARE))
    return Labelled(pa.RecordBatch.from_pylist(rows, schema.DOCUMENTS), tuple(truths))


def strip_html(html: str) -> str:
    """Turn a page into plain text as tools do that know nothing of its body.

    This is resiliparse's plain text: menus, footers and all, with line breaks between
    paragraphs and bullets before items, without scripts, styles and NUL. `<noscript>` is taken,
    as by any reader that runs no script: many forums give their threads to crawlers there.

    Examples
    --------
    >>> strip_html("<ul><li>Home</ul><p>Rain fell <b>all</b> day.</p>").split()
    ['•', 'Home', 'Rain', 'fell', 'all', 'day.']
    """
    from resiliparse.extract.html2text import extract_plain_text  # noqa: PLC0415 - only here

    text = extract_plain_text(html, preserve_formatting=True, main_content=False, noscript=True)
    return str(text).replace("\0", "")


def stripped(pages: Labelled) -> Labelled:
    """Give the same labelled pages as plain text (`strip_html`), without title."""
    rows = pages.documents.to_pylist()
    for row in rows:
        if row["kind"] == schema.HTML:
            row |= {"content": strip_html(row["content"]), "kind": schema.TEXT, "title": None}
    return replace(pages, documents=pa.RecordBatch.from_pylist(rows, schema.DOCUMENTS))
