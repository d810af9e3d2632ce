"""Inputs that mean harm, or were harmed: nothing raises, what is whole is read."""

import gc
import gzip
import io
import json
import os
import sys
import time
import zlib
from contextlib import nullcontext

import brotli
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup import schema
from dedup.errors import BadInput
from dedup.read import FORMATS, Source, expand, from_content, read_source
from dedup.settings import ReadSettings

QUICK = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n%s\r\n"
STORY = b"<p>The ferry to Bregenz stays in harbour until the ice has gone.</p>"


def record(body, *, headers=b"", length=None, kind="response"):
    body = HTML % headers + body if kind == "response" else body
    length = len(body) if length is None else length
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    return head.encode() + body + b"\r\n\r\n"


def read(path, **options):
    chosen = ReadSettings(**options)
    rows = []
    for source in expand([str(path)], chosen):
        for batch in read_source(source, chosen):
            batch.validate(full=True)
            assert batch.schema == schema.DOCUMENTS
            rows += batch.to_pylist()
    assert len({row["document"] for row in rows}) == len(rows)
    return rows


def read_bytes(tmp_path, name, data, **options):
    (tmp_path / name).write_bytes(data)
    return read(tmp_path / name, **options)


def good(rows):
    return [row["content"].encode() for row in rows if row["rejected"] is None]


def reasons(rows):
    return [row["rejected"] for row in rows if row["rejected"] is not None]


# --- anything at all


@QUICK
@given(data=st.binary(max_size=400), kind=st.sampled_from(sorted(FORMATS)))
def test_any_bytes_in_any_format_are_rows(tmp_path, data, kind):
    assert read_bytes(tmp_path, "any", data, input_format=kind) is not None


@QUICK
@given(st.data())
def test_records_before_a_damage_are_read_and_the_damage_is_named(tmp_path, data):
    bodies = [STORY + b"%d" % n for n in range(6)]
    records = [record(body) for body in bodies]
    whole = b"".join(records)
    at = data.draw(st.integers(0, len(whole) - 1))
    damage = data.draw(st.binary(min_size=1, max_size=30))
    rows = read_bytes(tmp_path, "a.warc", whole[:at] + damage + whole[at + len(damage) :])
    n_whole = next(n for n in range(7) if len(b"".join(records[: n + 1])) > at)
    assert good(rows)[:n_whole] == bodies[:n_whole]
    # a damage reaches into two records at most
    assert len(set(good(rows)) & set(bodies)) >= len(bodies) - 2


@QUICK
@given(st.data())
def test_lines_around_a_damage_are_read(tmp_path, data):
    lines = [json.dumps({"text": f"The ferry of {n} o'clock stays"}).encode() for n in range(8)]
    # the first line tells what the file is
    broken = data.draw(st.integers(1, 7))
    damaged = [data.draw(st.binary(max_size=40)) if n == broken else s for n, s in enumerate(lines)]
    rows = read_bytes(tmp_path, "a.jsonl", b"\n".join(damaged))
    assert {json.loads(s)["text"].encode() for n, s in enumerate(lines) if n != broken} <= set(
        good(rows)
    )


@QUICK
@given(
    texts=st.lists(st.text(st.characters(exclude_characters="\0"), max_size=300), max_size=30),
    batch_bytes=st.integers(1, 500),
)
def test_rows_are_the_same_however_they_are_cut_into_batches(tmp_path, texts, batch_bytes):
    lines = "\n".join(json.dumps({"text": text, "id": f"n{n}"}) for n, text in enumerate(texts))
    (tmp_path / "a.jsonl").write_text(lines or "\n")
    # JSON can hold halves of surrogate pairs, Parquet cannot
    clean = [text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
             for text in texts]  # fmt: skip
    ids = [f"n{n}" for n in range(len(texts))]
    pq.write_table(
        pa.table({"text": pa.array(clean, pa.string()), "id": pa.array(ids, pa.string())}),
        tmp_path / "a.parquet",
        row_group_size=7,
    )
    whole, cut = (read(tmp_path / "a.jsonl", batch_bytes=size) for size in (1 << 20, batch_bytes))
    assert whole == cut
    columns = read(tmp_path / "a.parquet", batch_bytes=batch_bytes)
    assert [(r["id"], r["content"]) for r in columns] == [(r["id"], r["content"]) for r in whole]
    assert [r["content"] for r in whole] == clean


# --- wrong lengths


def test_lengths_that_all_lie_cost_no_more_than_reading(tmp_path):
    lies = b"".join(record(STORY, length=60_000_000) for _ in range(20_000))
    begin = time.process_time()
    rows = read_bytes(tmp_path, "a.warc", lies + record(STORY))
    assert time.process_time() - begin < 10
    assert len(rows) == 20_001
    assert good(rows) == [STORY]


@pytest.mark.parametrize("length", [10**14, 200_000_000])
def test_a_record_that_claims_to_be_huge_swallows_nothing(tmp_path, length):
    rows = read_bytes(tmp_path, "a.warc", record(STORY, length=length) + record(STORY))
    assert good(rows) == [STORY]
    assert len(reasons(rows)) == 1


def test_a_request_with_a_wrong_length_swallows_nothing(tmp_path):
    request = record(b"GET / HTTP/1.1", kind="request", length=100_000)
    rows = read_bytes(tmp_path, "a.warc", request + record(STORY))
    assert good(rows) == [STORY]
    assert "length does not fit" in reasons(rows)[0]


def test_headers_without_length_follow_each_other(tmp_path):
    rows = read_bytes(tmp_path, "a.warc", b"WARC/1.0\r\nWARC-Type: response\r\n\r\n" * 50)
    assert len(reasons(rows)) == 50


def test_a_record_within_a_record_is_not_taken_for_the_next(tmp_path):
    inner = record(b"<p>inner</p>")
    rows = read_bytes(tmp_path, "a.warc", record(STORY + b"\n" + inner) + record(STORY))
    assert len(good(rows)) == 2
    assert reasons(rows) == []


def test_blank_lines_and_rubbish_by_the_megabyte_are_passed_over(tmp_path):
    between = b"\r\n" * 2_000_000 + b"x\n" * 2_000_000
    rows = read_bytes(tmp_path, "a.warc", record(STORY) + between + record(STORY))
    assert good(rows) == [STORY, STORY]
    assert len(reasons(rows)) == 1


# --- what expands


def bomb(compress, flush, n_megabytes=40):
    return b"".join(compress(bytes(1 << 20)) for _ in range(n_megabytes)) + flush()


def bombs():
    gz = zlib.compressobj(9, wbits=31)
    br = brotli.Compressor(quality=5)
    zs = zstandard.ZstdCompressor().compressobj()
    return {
        "gzip": bomb(gz.compress, gz.flush),
        "br": bomb(br.process, br.finish),
        "zstd": bomb(zs.compress, zs.flush),
    }


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_body_that_expands_without_end_is_named(tmp_path, coding):
    packed = bombs()[coding]
    data = record(packed, headers=b"Content-Encoding: %s\r\n" % coding.encode()) + record(STORY)
    rows = read_bytes(tmp_path, "a.warc", data, max_record_bytes=1 << 20)
    assert good(rows) == [STORY]
    assert "expands beyond 1,048,576 bytes" in reasons(rows)[0]


def test_a_body_coded_a_thousand_times_is_named(tmp_path):
    data = record(STORY, headers=b"Content-Encoding: " + b"gzip," * 1000 + b"\r\n")
    assert "coded 1001 times" in reasons(read_bytes(tmp_path, "a.warc", data))[0]


def test_what_is_compressed_twice_is_read(tmp_path):
    twice = zstandard.ZstdCompressor().compress(gzip.compress(STORY))
    assert good(read_bytes(tmp_path, "a.html", twice)) == [STORY]


def test_what_is_compressed_without_end_is_binary_data(tmp_path):
    data = STORY
    for _ in range(9):
        data = gzip.compress(data)
    assert good(read_bytes(tmp_path, "a.html", data)) == []


def test_frames_that_parallel_compressors_begin_with_are_skipped(tmp_path):
    skipped = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"
    packed = skipped + zstandard.ZstdCompressor().compress(STORY)
    assert good(read_bytes(tmp_path, "a.html", packed)) == [STORY]


def test_a_text_that_a_table_repeats_is_not_held_a_thousand_times(tmp_path):
    text = pa.array(["x" * 100_000] * 2_000, pa.large_string())
    pq.write_table(pa.table({"text": text}), tmp_path / "a.parquet")
    chosen = ReadSettings(batch_bytes=1 << 20)
    (source,) = expand([str(tmp_path / "a.parquet")], chosen)
    sizes = [batch.column("content").nbytes for batch in read_source(source, chosen)]
    assert max(sizes) < 2 << 20
    assert sum(sizes) > 2_000 * 100_000


# --- what is cut off


def test_of_a_page_that_is_cut_off_the_beginning_is_read_and_the_cut_named(tmp_path):
    page = b"<!doctype html>" + b"".join(b"<p>%d</p>" % (n * n * 7919) for n in range(20_000))
    rows = read_bytes(tmp_path, "a.html.gz", gzip.compress(page)[:-2000])
    (text,) = good(rows)
    assert page.startswith(text)
    assert "cut off" in reasons(rows)[0]
    assert [row["offset"] for row in rows] == [0, len(text)]


def test_a_line_that_is_cut_off_is_one_row_with_its_offset(tmp_path):
    lines = [json.dumps({"text": f"{n * n * 7919} ferries"}) + "\n" for n in range(20_000)]
    rows = read_bytes(tmp_path, "a.jsonl.gz", gzip.compress("".join(lines).encode())[:-5000])
    n_good = len(good(rows))
    (bad,) = [row for row in rows if row["rejected"]]
    assert bad["offset"] == len("".join(lines[:n_good]))


@pytest.mark.parametrize("coding", [b"gzip", b"deflate"])
def test_of_a_body_that_breaks_off_what_came_before_is_read(tmp_path, coding):
    page = b"".join(b"<p>%d</p>" % (n * n * 7919) for n in range(5_000))
    packed = {b"gzip": gzip.compress, b"deflate": zlib.compress}[coding](page)
    data = record(packed[:-3000] + os.urandom(50), headers=b"Content-Encoding: %s\r\n" % coding)
    (text,) = good(read_bytes(tmp_path, "a.warc", data))
    assert len(text) > len(page) // 2
    assert text[:1000] == page[:1000]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"8\r\nThe ice \r\n6\r\nholds.\r\n0\r\n\r\n", b"The ice holds."),
        (b"8;a=b\r\nThe ice \r\n6\r\nhol", b"The ice hol"),
        (b"8\r\nThe ice \r\nzz\r\nholds.", b"The ice zz\r\nholds."),
        (b"8\nThe ice \n6\nholds.\n0\n\n", b"The ice holds."),
        (b"Cafe\nThe ice holds.", b"Cafe\nThe ice holds."),
        (b"add\r\nThe ice holds" + b"." * 4000, b"add\r\nThe ice holds" + b"." * 4000),
        (b"-5\r\nThe ice", b"-5\r\nThe ice"),
        (b"", b""),
    ],
)
def test_chunks_that_are_broken_or_none_lose_no_text(tmp_path, body, text):
    data = record(body, headers=b"Transfer-Encoding: chunked\r\n")
    assert good(read_bytes(tmp_path, "a.warc", data)) == [text]


def test_two_members_of_a_body_are_both_read(tmp_path):
    packed = gzip.compress(STORY[:20]) + gzip.compress(STORY[20:])
    data = record(packed, headers=b"Content-Encoding: gzip\r\n")
    assert good(read_bytes(tmp_path, "a.warc", data)) == [STORY]


def test_a_picture_that_is_called_a_page_is_named(tmp_path):
    rows = read_bytes(tmp_path, "a.warc", record(b"\x89PNG\r\n\x1a\n" + bytes(200)))
    assert reasons(rows) == ["binary data, called text/html"]
    with pytest.raises(BadInput, match="binary data"):
        from_content(b"\x89PNG\r\n\x1a\n" + bytes(200), ReadSettings())


# --- no such format


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_a_json_array_is_named_with_what_to_do(tmp_path, name):
    (reason,) = reasons(read_bytes(tmp_path, name, b'[ {"text": "ice"},\n {"text": "snow"}]'))
    assert "write one object a line" in reason


def test_a_file_without_any_json_line_is_given_up(tmp_path):
    rows = read_bytes(tmp_path, "a.jsonl", b"{\n" * 100_000)
    assert len(rows) == 1001
    assert "none of the first 1,000" in reasons(rows)[-1]


@pytest.mark.parametrize("name", ["a.warc", "a.jsonl", "a.parquet", "a.html", "a"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_an_empty_file_is_named(tmp_path, name, pack):
    assert reasons(read_bytes(tmp_path, name, pack(b""))) == ["the file is empty"]


def test_a_broken_row_group_costs_its_rows_and_no_others(tmp_path):
    table = pa.table({"text": [os.urandom(3000).hex() for _ in range(30)]})
    path = tmp_path / "a.parquet"
    pq.write_table(table, path, row_group_size=10, compression="zstd", use_dictionary=False)
    column = pq.read_metadata(path).row_group(1).column(0)
    data = bytearray(path.read_bytes())
    begin = column.data_page_offset
    data[begin : begin + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    rows = read_bytes(tmp_path, "a.parquet", bytes(data))
    assert [row["offset"] for row in rows if row["rejected"] is None] == [
        *range(10),
        *range(20, 30),
    ]
    (bad,) = [row for row in rows if row["rejected"]]
    assert bad["offset"] == 10
    assert "for 10 rows" in bad["rejected"]


# --- standard input


@pytest.mark.parametrize("seekable", [False, True], ids=["pipe", "file"])
@pytest.mark.parametrize("kind", ["text", "warc", "jsonl", "parquet"])
def test_standard_input_is_known_by_its_content(monkeypatch, kind, seekable):
    table = io.BytesIO()
    pq.write_table(pa.table({"text": [STORY.decode()]}), table)
    data = {
        "text": STORY,
        "warc": gzip.compress(record(STORY)),
        "jsonl": json.dumps({"text": STORY.decode()}).encode(),
        "parquet": table.getvalue(),
    }[kind]

    class Pipe(io.BytesIO):
        def seekable(self):
            return seekable

    pipe = Pipe(data)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(pipe))
    (row,) = read("-")
    assert (row["content"].encode(), row["source"], row["site"]) == (STORY, "-", "-")
    gc.collect()
    assert not pipe.closed


class Refusing(io.RawIOBase):
    """A remote file whose connection is lost."""

    def __init__(self):
        self.pieces = [json.dumps({"text": "ice"}).encode() + b"\n"]

    def readable(self):
        return True

    def read(self, n=-1):  # noqa: ARG002
        if self.pieces:
            return self.pieces.pop()
        raise RuntimeError("the connection is lost")


def test_a_source_that_fails_midway_is_named_and_what_came_is_read(monkeypatch):
    monkeypatch.setattr(Source, "open", lambda _: nullcontext(Refusing()))
    batches = read_source(Source("far://a.jsonl", "far"), ReadSettings())
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert good(rows) == [b"ice"]
    assert reasons(rows) == ["reading failed: the connection is lost"]
