"""Each format, whole and broken, through the door that all inputs take."""

import bz2
import gzip
import json
import lzma

import brotli
import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from dedup import schema
from dedup.errors import BadInput
from dedup.read import expand, from_content, from_table, read_source
from dedup.settings import ReadSettings

STORY = "The harbour of Lindau froze over last night, for the first time in forty years."
PAGE = f"<!doctype html><html><head><title>Ice</title></head><body><p>{STORY}</p></body></html>"


def read(path, **options):
    """All rows of one input."""
    settings = ReadSettings(**options)
    rows = []
    for source in expand([str(path)], settings):
        for batch in read_source(source, settings):
            assert batch.schema == schema.DOCUMENTS
            rows += batch.to_pylist()
    assert len({row["document"] for row in rows}) == len(rows)
    return rows


def contents(rows):
    return [row["content"] for row in rows if row["rejected"] is None]


def reasons(rows):
    return [row["rejected"] for row in rows if row["rejected"] is not None]


# --- one page a file


def test_html_file_is_one_document(tmp_path):
    (tmp_path / "page.html").write_text(PAGE)
    (row,) = read(tmp_path / "page.html")
    assert (row["content"], row["kind"], row["url"], row["offset"]) == (PAGE, "html", None, 0)
    assert row["site"] == row["source"] == str(tmp_path / "page.html")
    assert row["n_bytes"] == len(PAGE)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Straße und Äpfel über Öl", "utf-8"),
        ("Straße und Äpfel über Öl", "utf-8-sig"),
        ("Straße und Äpfel über Öl", "utf-16"),
        ("Гавань замёрзла прошлой ночью, и паромы остались у причала.", "cp1251"),
        ("昨夜港が凍りつき、毎朝湖を渡る連絡船は動けなくなりました。", "shift_jis"),
        ("昨夜港口结冰,每天早晨渡湖的轮船都停在原处。", "gb18030"),
    ],
)
def test_text_without_a_declared_charset_is_decoded(tmp_path, text, encoding):
    (tmp_path / "a.txt").write_bytes((text * 5).encode(encoding))
    assert contents(read(tmp_path / "a.txt")) == [text * 5]


def test_charset_of_the_page_is_followed(tmp_path):
    page = '<html><head><meta charset="shift_jis"></head><p>港が凍りつき</p></html>'
    (tmp_path / "a.html").write_bytes(page.encode("shift_jis"))
    assert contents(read(tmp_path / "a.html")) == [page]


def test_wrong_bytes_cost_one_sign_and_nul_none(tmp_path):
    (tmp_path / "a.html").write_bytes(b'<meta charset="utf-8">ice \xff tea\x00s')
    assert contents(read(tmp_path / "a.html")) == ['<meta charset="utf-8">ice � teas']


@pytest.mark.parametrize(("data", "word"), [(b"", "empty"), (bytes(range(256)) * 8, "binary")])
def test_file_that_is_no_page_is_named(tmp_path, data, word):
    (tmp_path / "a.txt").write_bytes(data)
    (reason,) = reasons(read(tmp_path / "a.txt"))
    assert word in reason


def test_page_larger_than_a_record_may_be_is_set_aside(tmp_path):
    (tmp_path / "a.txt").write_text(STORY)
    (reason,) = reasons(read(tmp_path / "a.txt", max_record_bytes=20))
    assert "20 bytes" in reason


# --- compression


PACKERS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("ending", PACKERS)
def test_compression_is_known_by_content_and_members_follow_each_other(tmp_path, ending):
    halves = [STORY[:30].encode(), STORY[30:].encode()]
    path = tmp_path / "story.txt"
    path.write_bytes(b"".join(PACKERS[ending](half) for half in halves))
    assert contents(read(path)) == [STORY]


@pytest.mark.parametrize("ending", PACKERS)
def test_lines_before_the_cut_of_a_compressed_file_are_read(tmp_path, ending):
    lines = [json.dumps({"id": n, "text": f"{STORY} {n * n * 7919}"}) for n in range(20_000)]
    packed = PACKERS[ending]("\n".join(lines).encode())
    path = tmp_path / f"lines.jsonl.{ending}"
    path.write_bytes(packed[: len(packed) // 2])
    rows = read(path)
    good = [row["id"] for row in rows if row["rejected"] is None]
    assert good == [str(n) for n in range(len(good))]
    assert len(good) > 100
    assert any("cut off" in reason for reason in reasons(rows))


def test_rubbish_in_the_middle_of_a_compressed_file_is_named(tmp_path):
    packed = bytearray(gzip.compress(json.dumps({"text": STORY}).encode() * 1))
    packed[20:40] = b"x" * 20
    (tmp_path / "a.jsonl.gz").write_bytes(packed)
    assert any(
        "gzip stream is broken" in reason for reason in reasons(read(tmp_path / "a.jsonl.gz"))
    )


def test_a_small_file_that_expands_without_end_is_set_aside(tmp_path):
    (tmp_path / "bomb.txt.gz").write_bytes(gzip.compress(b"a" * 50_000_000))
    (reason,) = reasons(read(tmp_path / "bomb.txt.gz", max_record_bytes=1 << 20))
    assert "more than" in reason


# --- JSON lines


def test_json_lines_bring_their_own_ids_addresses_and_dates(tmp_path):
    rows = [
        {
            "id": 7,
            "url": "https://www.A.example/x",
            "text": STORY,
            "date": "2026-01-02",
            "title": "T",
        },
        {"html": PAGE, "text": "shorter"},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    one, other = read(tmp_path / "a.jsonl")
    assert (one["id"], one["site"], one["title"]) == ("7", "a.example", "T")
    assert one["date"].isoformat() == "2026-01-02T00:00:00+00:00"
    assert (other["kind"], other["content"], len(other["id"])) == ("html", PAGE, 16)
    assert other["offset"] == len(json.dumps(rows[0])) + 1


@pytest.mark.parametrize(
    "line",
    ['{"text": "cut', "[1, 2]", "rubbish", '{"title": "no text"}', '{"text": 5}', '{"text": null}',
     '{"a": ' * 100_000],
)  # fmt: skip
def test_a_broken_line_is_named_and_the_others_are_read(tmp_path, line):
    good = json.dumps({"text": STORY})
    (tmp_path / "a.jsonl").write_text(f"{good}\n{line}\n\n{good}\n")
    rows = read(tmp_path / "a.jsonl")
    assert contents(rows) == [STORY, STORY]
    (bad,) = [row for row in rows if row["rejected"]]
    assert bad["offset"] == len(good) + 1


def test_a_line_longer_than_a_record_may_be_is_skipped(tmp_path):
    lines = [json.dumps({"text": text}) for text in ("one", "x" * 3_000_000, "two")]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    rows = read(tmp_path / "a.jsonl", max_record_bytes=1000)
    assert contents(rows) == ["one", "two"]
    assert len(reasons(rows)) == 1


def test_half_a_surrogate_pair_is_a_sign(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "ice \\ud83e tea \\u0000 \\ud83e\\udd76"}')
    assert contents(read(tmp_path / "a.jsonl")) == ["ice � tea  🥶"]


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_a_column_that_is_nowhere_is_the_user_s_mistake(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    if kind == "jsonl":
        path.write_text(json.dumps({"body": STORY}))
    else:
        pq.write_table(pa.table({"body": [STORY]}), path)
    with pytest.raises(BadInput, match=r"no column txt or html; it has body"):
        read(path, text_column="txt")
    rows = read(tmp_path, text_column="txt")
    assert contents(rows) == []
    assert any("no column" in reason for reason in reasons(rows)) or kind == "jsonl"
    assert contents(read(path, text_column="body")) == [STORY]


# --- Parquet and tables


def test_parquet_rows_are_documents_and_their_numbers_offsets(tmp_path):
    table = pa.table({"id": [1, 2, 3], "text": [STORY, None, "two"], "url": [None, None, "x"]})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=2)
    rows = read(tmp_path / "a.parquet")
    assert [(row["id"], row["offset"]) for row in rows if not row["rejected"]] == [
        ("1", 0),
        ("3", 2),
    ]
    assert [row["offset"] for row in rows if row["rejected"]] == [1]


def test_a_cut_parquet_file_is_named(tmp_path):
    pq.write_table(pa.table({"text": [STORY] * 1000}), tmp_path / "a.parquet")
    data = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(data[:-20])
    (reason,) = reasons(read(tmp_path / "a.parquet"))
    assert "Parquet" in reason


def test_table_in_memory():
    batches = from_table(pa.table({"text": [STORY, "two"], "id": ["a", "b"]}), ReadSettings())
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert [(row["id"], row["content"]) for row in rows] == [("a", STORY), ("b", "two")]
    with pytest.raises(BadInput, match="no column text"):
        from_table(pa.table({"body": [STORY]}), ReadSettings())


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PAGE, "html"), (PAGE.encode(), "html"), (STORY, "text"), ("a < b", "text")],
)
def test_one_page_is_html_or_text_by_its_looks(content, kind):
    (row,) = from_content(content, ReadSettings()).to_pylist()
    assert row["kind"] == kind


# --- WARC


def warc_record(body, *, url="https://www.a.example/1", kind="response", length=None, http=()):
    if kind == "response":
        head = ["HTTP/1.1 200 OK", "Content-Type: text/html; charset=utf-8", *http]
        if http and http[0].startswith("HTTP/"):
            head = list(http)
        body = "\r\n".join(head).encode() + b"\r\n\r\n" + body
        content_type = "application/http; msgtype=response"
    else:
        content_type = "text/plain"
    lines = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        f"WARC-Target-URI: {url}",
        "WARC-Date: 2026-01-02T03:04:05Z",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body) if length is None else length}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body + b"\r\n\r\n"


def test_warc_response_is_a_document(tmp_path):
    (tmp_path / "a.warc").write_bytes(warc_record(PAGE.encode()))
    (row,) = read(tmp_path / "a.warc")
    assert (row["content"], row["kind"], row["site"]) == (PAGE, "html", "a.example")
    assert row["date"].isoformat() == "2026-01-02T03:04:05+00:00"


def test_wet_conversion_is_a_document(tmp_path):
    data = gzip.compress(warc_record(STORY.encode(), kind="conversion"))
    (tmp_path / "a.warc.wet.gz").write_bytes(data * 2)
    rows = read(tmp_path / "a.warc.wet.gz")
    assert contents(rows) == [STORY, STORY]
    assert rows[0]["kind"] == "text"


def chunked(body):
    return b"".join(b"%x\r\n%s\r\n" % (len(body[i : i + 9]), body[i : i + 9])
                    for i in range(0, len(body), 9)) + b"0\r\n\r\n"  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        (["Transfer-Encoding: chunked"], chunked),
        (["Content-Encoding: gzip"], gzip.compress),
        (["Content-Encoding: gzip", "Transfer-Encoding: chunked"],
         lambda body: chunked(gzip.compress(body))),
        (["Content-Encoding: br"], brotli.compress),
        (["Content-Encoding: zstd"], zstandard.ZstdCompressor().compress),
        (["Content-Encoding: deflate"], lambda body: __import__("zlib").compress(body)),
        (["Content-Encoding: gzip"], lambda body: body),
        (["Transfer-Encoding: chunked"], lambda body: body),
    ],
)  # fmt: skip
def test_codings_of_a_body_are_undone_even_if_only_claimed(tmp_path, headers, code):
    (tmp_path / "a.warc").write_bytes(warc_record(code(PAGE.encode()), http=headers))
    assert contents(read(tmp_path / "a.warc")) == [PAGE]


def test_charset_of_the_header_comes_before_that_of_the_page(tmp_path):
    page = "<html><meta charset=utf-8><p>Гавань</p></html>"
    http = ["HTTP/1.1 200 OK", "Content-Type: text/html; charset=windows-1251"]
    (tmp_path / "a.warc").write_bytes(warc_record(page.encode("cp1251"), http=http))
    assert contents(read(tmp_path / "a.warc")) == [page]


@pytest.mark.parametrize("status", [301, 404, 500])
def test_a_response_that_is_no_page_is_named_with_its_status(tmp_path, status):
    http = [f"HTTP/1.1 {status} Whatever", "Content-Type: text/html"]
    (tmp_path / "a.warc").write_bytes(warc_record(PAGE.encode(), http=http))
    assert reasons(read(tmp_path / "a.warc")) == [f"HTTP status {status}"]


def test_pictures_and_requests_are_no_documents(tmp_path):
    image = ["HTTP/1.1 200 OK", "Content-Type: image/png"]
    data = warc_record(b"\x89PNG", http=image) + warc_record(b"GET / HTTP/1.1", kind="request")
    (tmp_path / "a.warc").write_bytes(data + warc_record(PAGE.encode()))
    rows = read(tmp_path / "a.warc")
    assert contents(rows) == [PAGE]
    assert reasons(rows) == []


@pytest.mark.parametrize(
    "broken",
    [
        b"WARC/1.0\r\nthis is no header\r\nContent-Length: minus one\r\n\r\nrubbish\r\n\r\n",
        b"rubbish " * 100 + b"\r\n\r\n",
        warc_record(b"<p>too long</p>", length=1_000),
        warc_record(b"<p>too short</p>" * 20, length=100),
        warc_record(b"x", http=["Content-Encoding: rot13"]),
        warc_record(b"\x1f\x8brubbish", http=["Content-Encoding: gzip"]),
    ],
    ids=["no header", "rubbish", "too long", "too short", "unknown coding", "broken coding"],
)
def test_records_around_a_broken_one_are_read_and_it_is_named(tmp_path, broken):
    first, last = (warc_record(f"{PAGE}{n}".encode(), url=f"https://a.example/{n}") for n in "12")
    (tmp_path / "a.warc").write_bytes(first + broken + last)
    rows = read(tmp_path / "a.warc")
    assert {PAGE + "1", PAGE + "2"} <= set(contents(rows))
    assert reasons(rows)
    assert min(row["offset"] for row in rows if row["rejected"]) >= len(first)


def test_a_record_that_is_cut_off_is_named(tmp_path):
    data = warc_record(PAGE.encode())
    (tmp_path / "a.warc").write_bytes(data + data[:-60])
    rows = read(tmp_path / "a.warc")
    assert contents(rows) == [PAGE]
    assert "cut off" in reasons(rows)[0]


def test_a_record_that_is_too_large_is_passed_over(tmp_path):
    data = warc_record(b"x" * 5000) + warc_record(b"<p>ice</p>")
    (tmp_path / "a.warc").write_bytes(data)
    rows = read(tmp_path / "a.warc", max_record_bytes=1000)
    assert contents(rows) == ["<p>ice</p>"]
    assert "bytes" in reasons(rows)[0]


# --- remote


def test_addresses_of_other_file_systems(tmp_path):  # noqa: ARG001
    memory = fsspec.filesystem("memory")
    memory.pipe("/crawl/a.txt", STORY.encode())
    memory.pipe("/crawl/b.txt.gz", gzip.compress(b"two"))
    assert sorted(contents(read("memory://crawl"))) == sorted([STORY, "two"])
    assert contents(read("memory://crawl/*.gz")) == ["two"]
    assert read("memory://crawl/a.txt")[0]["source"] == "memory:///crawl/a.txt"
    with pytest.raises(BadInput, match="nothing at this address"):
        read("memory://crawl/nothing")
