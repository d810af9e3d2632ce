"""Broken and hostile inputs, all in one run: each is named, and nothing of the rest is lost."""

import gzip
import json

import pytest
from cli_support import read_lines, read_rows, run_dedup

ARTICLE = """<html><head><title>Harbour frozen</title></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/news">News</a></li></ul></nav>
<article><h1>Harbour frozen</h1>
<p>The harbour of Lindau froze over last night, for the first time in more than forty years,
and the ferries that cross the lake every morning stayed where they were.</p>
<p>Fishermen walked out on the ice before sunrise to free their nets, and by noon half of the
town had followed them with sledges, skates and thermos flasks full of hot tea.</p>
<p>The harbour master expects the thaw to begin on Thursday, when the wind turns to the south,
and asks everybody to keep away from the breakwater until then.</p></article>
<footer><a href="/imprint">Imprint</a></footer></body></html>"""

LINE = "Log {n} of the lighthouse: {square} waves, {n} gulls, no ship, and no letter from home."

PARAGRAPH = (
    "<p>The {n}th report of the harbour master says that {n} boats left the port before noon, "
    "that the wind came from the south and that nobody saw the lighthouse after {n} o'clock.</p>"
)


def warc_record(url, body, *, length=None):
    """Bytes of one WARC response; `length` lies about its content if it is given."""
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\n"
        f"WARC-Target-URI: {url}\r\nWARC-Date: 2026-01-02T03:04:05Z\r\n"
        "WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\n"
        "Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http) if length is None else length}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def captured(number):
    """Bytes of a small page of its own."""
    story = "".join(PARAGRAPH.format(n=number * 1000 + n) for n in range(4))
    return f"<html><body><article>{story}</article></body></html>".encode()


@pytest.fixture(scope="module")
def crawl(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile") / "crawl"
    folder.mkdir()
    page = ARTICLE.encode()
    (folder / "good.html").write_bytes(page)
    (folder / "empty.html").write_bytes(b"")
    lines = "".join(
        json.dumps({"id": f"line-{i}", "text": LINE.format(n=i, square=i * i)}) + "\n"
        for i in range(2000)
    )
    packed = gzip.compress(lines.encode())
    (folder / "cut.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    (folder / "broken.warc").write_bytes(
        warc_record("https://a.example/1", captured(1))
        + b"WARC/1.0\r\nthis is no header\r\nContent-Length: minus one\r\n\r\nrubbish\r\n\r\n"
        + warc_record("https://a.example/2", captured(2))
    )
    (folder / "invalid.txt").write_bytes(b"The harbour \xff\xfe froze over \xc3\x28 last night.\n")
    huge = "".join(PARAGRAPH.format(n=n) for n in range(50_000_000 // len(PARAGRAPH)))
    (folder / "huge.html").write_text(f"<html><body><main>{huge}</main></body></html>")
    deep = "<div>" * 100_000 + "<p>Far below stands a sentence.</p>" + "</div>" * 100_000
    (folder / "nested.html").write_text(deep)
    (folder / "no-words.txt").write_text("*** --- ***\n\n???\n")
    (folder / "lines.jsonl").write_text(
        json.dumps({"id": "fine", "text": "A line that is fine."})
        + '\n{"id": "cut", "text": "A li\n'
    )
    return folder


@pytest.fixture(scope="module")
def result(crawl, tmp_path_factory):
    out = tmp_path_factory.mktemp("result") / "out"
    done = run_dedup("clean", crawl, "-o", out, "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return out


@pytest.fixture(scope="module")
def documents(result):
    return read_rows(result / "documents")


@pytest.fixture(scope="module")
def rejected(result):
    return read_lines(result / "rejected.jsonl")


def of(rows, name):
    return [row for row in rows if row["source"].endswith(name)]


def test_good_page_among_broken_ones_is_cleaned(documents):
    (page,) = of(documents, "good.html")
    assert page["keep"]
    assert page["text"].startswith("Harbour frozen")
    assert "Fishermen walked out" in page["text"]
    assert "Imprint" not in page["text"]


def test_empty_file_is_named(documents, rejected):
    (record,) = of(rejected, "empty.html")
    assert "empty" in record["reason"]
    assert not of(documents, "empty.html")


def test_records_before_the_cut_of_a_gzip_are_kept_and_the_cut_is_named(documents, rejected):
    kept = {row["id"] for row in of(documents, "cut.jsonl.gz")}
    assert {f"line-{i}" for i in range(10)} <= kept
    assert any("cut off" in row["reason"] or "truncated" in row["reason"]
               for row in of(rejected, "cut.jsonl.gz"))  # fmt: skip


def test_records_around_a_broken_warc_record_are_read(documents, rejected):
    urls = {row["url"] for row in of(documents, "broken.warc")}
    assert urls == {"https://a.example/1", "https://a.example/2"}
    assert of(rejected, "broken.warc")


def test_invalid_utf8_is_replaced_and_the_rest_read(documents):
    (page,) = of(documents, "invalid.txt")
    assert page["keep"] in (True, False)


def test_page_of_50_megabytes_is_read_whole(documents):
    (page,) = of(documents, "huge.html")
    assert page["keep"]
    assert len(page["text"]) > 30_000_000


def test_deeply_nested_page_keeps_its_text(result, documents):
    (page,) = of(documents, "nested.html")
    texts = {row["text"] for row in read_rows(result / "blocks") if row["document"] == page["id"]}
    assert "Far below stands a sentence." in texts


def test_text_without_any_word_has_no_body(documents):
    (page,) = of(documents, "no-words.txt")
    assert (page["keep"], page["reason"]) == (False, "no body")


def test_broken_line_is_named_with_its_offset_and_the_others_are_read(documents, rejected):
    assert [row["id"] for row in of(documents, "/lines.jsonl")] == ["fine"]
    (record,) = of(rejected, "/lines.jsonl")
    assert record["offset"] > 0


def test_manifest_counts_every_record(result, documents, rejected):
    counts = json.loads((result / "manifest.json").read_text())["counts"]
    assert counts["rejected"] == len(rejected)
    assert counts["read"] == len(documents) + len(rejected)


def test_offsets_and_ids_are_unique(documents):
    ids = [row["id"] for row in documents]
    assert len(ids) == len(set(ids))
