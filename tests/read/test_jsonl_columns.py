"""JSON lines read by columns are what they are line by line, with all that is wrong in them."""

import gzip
import io
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedup.errors import BadInput
from dedup.read import jsonl, jsonl_columns
from dedup.read.columns import missing_columns
from dedup.read.compression import InputStream
from dedup.read.records import Record, make_batches
from dedup.read.source import Source
from dedup.settings import ReadSettings

SOURCE = Source("lines.jsonl", "lines")
STORY = "The harbour of Lindau froze over last night, for the first time in forty years."
MANY = settings(max_examples=150)


def rows_of(batches):
    rows = []
    for batch in batches:
        batch.validate(full=True)
        rows += batch.to_pylist()
    return rows


def shown(rows):
    # texts, because a date with an unknown zone equals none
    return [str(row) for row in rows]


def read(data, chosen=None, source=SOURCE):
    """All rows, or the error that ends reading."""
    stream = InputStream(io.BytesIO(data))
    rows = []
    try:
        for batch in jsonl_columns.read_jsonl(stream, source, chosen or ReadSettings()):
            rows += rows_of([batch])
    except BadInput as error:
        return [*rows, str(error)]
    return rows


def read_line_by_line(data, chosen=None, source=SOURCE):
    """The slow twin: each line by itself, in one piece, with Python's own parser."""
    chosen = chosen or ReadSettings()
    stream = InputStream(io.BytesIO(data))
    whole = io.BufferedReader(stream).read()
    if (wrong := jsonl.is_no_jsonl(whole[:4096])) is not None:
        return rows_of(make_batches([Record(0, rejected=wrong)], source, 1 << 30))
    seen, lines, offset = jsonl.Seen(), [], 0
    for line in io.BytesIO(whole):
        is_cut_off = stream.broken is not None and not line.endswith(b"\n")
        lines.append((offset, line, is_cut_off))
        offset += len(line)
    records = list(jsonl.read_lines(lines, seen, chosen))
    if stream.broken is not None and not seen.is_given_up:
        at = len(whole) if seen.cut is None else seen.cut
        records.append(Record(at, rejected=stream.broken))
    rows = rows_of(make_batches(records, source, 1 << 30))
    is_whole = stream.broken is None and not seen.is_given_up
    if is_whole and source.named and seen.names and not seen.has_content:
        rows.append(str(BadInput(source.name, missing_columns(list(seen.names), chosen))))
    return rows


@pytest.fixture
def refused(monkeypatch):
    """Pass over single lines if they are refused; collect what was read line by line."""
    monkeypatch.setattr(jsonl_columns, "SMALL", 0)
    monkeypatch.setattr(jsonl_columns, "FEW", 1)
    lines = []
    slow = jsonl._read_line

    def noting(offset, line, chosen):
        lines.append(line)
        return slow(offset, line, chosen)

    monkeypatch.setattr(jsonl, "_read_line", noting)
    return lines


# --- any lines at all

TEXT = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "\0", "a\0b", "Inf", "a Inf, b", "-NaN", "Infinity", "[" * 300, "né", "2026-01-02"]
    ),
    st.text(st.characters(categories=["Cs"]), min_size=1, max_size=2),
)
RAW = st.sampled_from(
    ["1", "-0", "1.0", "1e3", "1" + "0" * 30, "1E999", "01", "1.", "-", "NaN", "-NaN", "Infinity",
     "-Infinity", "Inf", "-Inf", "nan", "true", "false", "null", "tru", "[1]", "{}", "[1,]",
     "[Inf]", '{"text": "inner"}',
     '{"text": 1, "text": 2}', '"\\ud800"', '"\\udc00x"', '"\\ud83e\\udd76"',
     '"\\u0000"', '"\\x"', '"\\u12"', '"\x01"', '"\x7f"', "'a'", "9" * 4300, "9" * 4301,
     "[" * 300 + "]" * 300, "[" * 3000 + "]" * 3000, "{" * 9, '"a" /* b */', "", '"a"}{"b":1',
     "9223372036854775807", "9223372036854775808", "\x0c1", "\u00a01", "\r1", " 1 ", "\t1"]
)  # fmt: skip
VALUES = st.one_of(TEXT.map(json.dumps), TEXT.map(lambda text: f'"{text}"'), RAW)
KEYS = st.sampled_from(
    [
        "text",
        "html",
        "id",
        "url",
        "date",
        "title",
        "body",
        "",
        "te\\u0078t",
        "text\\u0000",
        "\\ud800",
    ]
)
COLUMNS = ("text", "html", "id", "url", "date", "title", "other")


@st.composite
def objects(draw):
    pairs = draw(st.lists(st.tuples(KEYS, VALUES), max_size=5))
    return "{" + ", ".join(f'"{key}": {value}' for key, value in pairs) + "}"


@st.composite
def alike(draw):
    """Lines as files have them: the same columns of the same kinds, now and then one missing."""
    kinds = {
        "text": st.text(max_size=20),
        "html": st.one_of(st.none(), st.just(""), st.text(max_size=20)),
        "id": draw(st.sampled_from([st.integers(-9, 10**20), st.text(max_size=5), st.booleans()])),
        "url": st.one_of(st.none(), st.sampled_from(["https://www.a.example/x", "", "b"])),
        "date": draw(st.sampled_from([st.integers(), st.sampled_from(["2026-01-02", "", "x"])])),
        "title": st.text(max_size=3),
        "other": st.floats(allow_nan=False),
    }
    chosen = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, unique=True))
    rows = draw(st.lists(st.fixed_dictionaries({}, optional={k: kinds[k] for k in chosen})))
    return [json.dumps(row, ensure_ascii=draw(st.booleans())) for row in rows]


def as_bytes(text):
    return text.encode("utf-8", "surrogatepass")


BROKEN = st.sampled_from(
    [b"", b" ", b"\r", b"[1]", b"5", b"rubbish", b"{", b"}", b'{"text": "cut', b'{"text": "a"}{}',
     b'{"text": "a"} ', b' {"text": "a"}', b'{"text": "a"}\r', b'\xef\xbb\xbf{"text": "a"}',
     b'{"text": "a\xff"}', b'{"text": "\xe2\x82"}', b'{"text": "\xed\xa0\x80"}', b'{"\xff": 1}',
     b'{"text": "a", "\xe2": "\xe2\\u0082"}', b'{"text": "\xe2\\u0082"}', b'{"text": "a"}\0{}',
     b'\0{"text": "a"}', b'{"text": "a\0"}', b'{"text": "a"}\r{"text": "b"}', b"\x0c{}\x0b",
     b'{"id": "\xff", "text": "a"}', b'{"date": "2026-01-0\\u00002", "text": "a"}',
     b'{"text": "' + b"x" * 200 + b'"}']
)  # fmt: skip
LINES = st.lists(
    st.one_of(
        objects().map(lambda text: [as_bytes(text)]),
        alike().map(lambda texts: [as_bytes(text) for text in texts]),
        BROKEN.map(lambda line: [line]),
        st.binary(max_size=12).map(lambda line: [line]),
    ),
    max_size=8,
).map(lambda parts: [line for part in parts for line in part])


@st.composite
def files(draw):
    lines = draw(LINES)
    end = draw(st.sampled_from([b"\n", b"\r\n"]))
    data = end.join(lines) + draw(st.sampled_from([b"", end]))
    if data and draw(st.booleans()):
        # a byte changed anywhere, so that what looks right need not be so
        at = draw(st.integers(0, len(data) - 1))
        data = data[:at] + draw(st.binary(max_size=2)) + data[at + 1 :]
    return data


@MANY
@given(
    data=files(),
    n_bytes=st.sampled_from([1, 7, 60, 300, 8 << 20]),
    most=st.sampled_from([30, 150, 64 << 20]),
    small=st.sampled_from([0, 100, 1 << 15]),
    few=st.sampled_from([1, 8]),
    named=st.booleans(),
)
@example(b'{"text": "a", "n": Inf}\n{"text": "b"}\n', 8 << 20, 64 << 20, 0, 1, True)
@example(b'{"text": "a"}\0{}\n{"text": "b"}\n', 8 << 20, 64 << 20, 0, 1, True)
@example(b'{"text": "a"}{"text": "b"}\n{"text": "b"}\n', 8 << 20, 64 << 20, 0, 1, True)
def test_rows_are_those_that_are_read_line_by_line(data, n_bytes, most, small, few, named):
    chosen = ReadSettings(batch_bytes=n_bytes, max_record_bytes=most)
    source = Source("lines.jsonl", "lines", named=named)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl_columns, "SMALL", small)
        patch.setattr(jsonl_columns, "FEW", few)
        rows = read(data, chosen, source)
    assert shown(rows) == shown(read_line_by_line(data, chosen, source))


@MANY
@given(lines=alike(), end=st.sampled_from(["\n", "\r\n"]), rows=st.sampled_from([1, 3, 1000]))
def test_lines_that_are_alike_are_the_same_by_columns(lines, end, rows):
    data = as_bytes(end.join(lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl_columns, "MAX_ROWS", rows)
        patch.setattr(jsonl_columns, "SMALL", 0)
        rows = read(data)
    assert shown(rows) == shown(read_line_by_line(data))


@MANY
@given(data=files(), cut=st.integers(1, 40))
def test_a_compressed_file_that_is_cut_off_is_read_as_far_as_it_goes(data, cut):
    packed = gzip.compress(data)
    packed = packed[: max(len(packed) - cut, 12)]
    assert shown(read(packed)) == shown(read_line_by_line(packed))


# --- what Python and Arrow see differently

GOOD = json.dumps({"id": "a", "text": STORY}).encode()


def with_value(value):
    return b'{"id": "a", "text": "ice", "other": %s}' % value


@pytest.mark.parametrize(
    "line",
    [
        *map(with_value, (b"Inf", b"-Inf", b"-NaN", b"[Inf]", b"[Inf,1]", b"Inf\t")),
        *map(with_value, (b"NaN", b"Infinity", b"-Infinity", b"1E999", b"01", b"1.", b"+1")),
        with_value(b"9" * 4301),
        with_value(b"-" + b"9" * 9000),
        with_value(b"[" * 3000 + b"]" * 3000),
        with_value(b'{"a":' * 3000 + b"1" + b"}" * 3000),
        with_value(b"[" * 1_000_000 + b"]" * 1_000_000),
        with_value(b'"\\ud800"'),
        b'{"text": "a"}\0{}',
        b'{"text": "a"}{"text": "b"}',
        b'{"text": "a"}\r{"text": "b"}',
        b'{"text": "a", "text": "b"}',
        b'{"text": "a", "te\\u0078t": null}',
        b'{"text\\u0000": "a", "text": "b"}',
        b'{"text": "\\ud83e", "id": "\\udd76"}',
        b'{"text": "a\\u0000b", "id": "\\u0000", "title": "\\u0000x", "date": "2026\\u0000-01-01"}',
        b'{"text": "\xe2\\u0082\xac", "id": "\xff", "date": "\xff"}',
        b'{"text": "\xed\xa0\x80\xc0\x80"}',
        b'{"text": true}',
        b'{"text": [], "html": "a"}',
        b'{"text": "a", "html": 0}',
        b'{"text": "a", "html": 1}',
        b'{"text": "a", "html": ""}',
        b'{"text": null, "html": ""}',
        b'{"text": "", "html": null}',
        b'{"text": "", "html": "a"}',
        b'{"text": null, "html": null, "id": "x", "url": "http://a.b"}',
        b'{"id": "x", "title": "no text"}',
        b"{}",
        b'{"meta": {"text": "inner"}, "text": "outer"}',
        b'{"id": true, "url": 1, "title": 1.5, "date": 20260101, "text": "a"}',
        b'{"id": "", "url": "", "title": "", "date": "", "text": "a"}',
        b'{"id": [], "text": "a"}',
        b"",
        b" ",
        GOOD + b" ",
        b" " + GOOD,
        GOOD + b"\r\r",
        b"\xef\xbb\xbf" + GOOD,
        b"[1]",
        b'{"text": "cut',
        b"}",
        b"{",
    ],
    ids=lambda line: repr(line[:50]),
)  # fmt: skip
@pytest.mark.parametrize("place", ["first", "between", "last", "alone"])
def test_a_line_that_may_be_seen_otherwise_is_as_python_sees_it(refused, line, place):
    before = [GOOD] * (place in ("between", "last"))
    after = [GOOD] * (place in ("first", "between"))
    data = b"\n".join([*before, line, *after])
    rows = read(data)
    assert GOOD not in [each.rstrip(b"\n") for each in refused]
    assert shown(rows) == shown(read_line_by_line(data))


def test_an_object_over_two_lines_is_none():
    data = b'{"text": "a", "other": {}\n{"b": 1}}\n{"text": "a}\n{b"}\n'
    assert [row["rejected"] is None for row in read(data)] == [False] * 4
    assert shown(read(data)) == shown(read_line_by_line(data))


@pytest.mark.parametrize(
    ("value", "id_"),
    [("7", "7"), ("-0", "0"), ("1.0", "1.0"), ("1e3", "1000.0"), ("1" + "0" * 30, "1" + "0" * 30),
     ("9223372036854775808", "9223372036854775808"), ('"7"', "7"), ("1E999", "inf")],
)  # fmt: skip
def test_numbers_are_ids_as_python_writes_them(value, id_):
    lines = [f'{{"text": "{n}", "id": {value}}}' for n in range(4)]
    assert [row["id"] for row in read("\n".join(lines).encode())] == [id_] * 4


@pytest.mark.parametrize(
    "ids", [[1, 2, 3, 4], ["1", "2", "3", "4"], [None, 2, None, 4], [True] * 4]
)
def test_ids_of_any_kind_are_read_by_columns(refused, ids):
    data = "\n".join(json.dumps({"text": "ice", "id": id_}) for id_ in ids).encode()
    rows = read(data)
    assert len(refused) <= 1
    assert shown(rows) == shown(read_line_by_line(data))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_good_lines_are_read_by_columns_and_their_places_are_true(refused, end):
    lines = [json.dumps({"text": f"{STORY} é{n}", "id": n}, ensure_ascii=False) for n in range(99)]
    data = end.join(lines).encode()
    rows = read(data, ReadSettings(batch_bytes=1000))
    assert not refused
    for row, line in zip(rows, lines, strict=True):
        assert row["n_bytes"] == len(line.encode())
        assert data[row["offset"] :].startswith(line.encode())


def test_a_broken_line_leaves_the_others_to_columns(refused):
    lines = [json.dumps({"text": f"{n}"}).encode() for n in range(64)]
    lines[40] = b'{"text": broken}'
    rows = read(b"\n".join(lines))
    assert [line.rstrip(b"\n") for line in refused] == [b'{"text": broken}']
    assert [row["content"] for row in rows if not row["rejected"]] == [
        str(n) for n in range(64) if n != 40
    ]


def test_a_line_longer_than_a_piece_is_read():
    lines = [json.dumps({"text": text}).encode() for text in ("one", "x" * 5000, "two")]
    rows = read(b"\n".join(lines), ReadSettings(batch_bytes=100))
    assert [len(row["content"]) for row in rows] == [3, 5000, 3]


@pytest.mark.parametrize("n_bytes", [10, 100, 1 << 20])
def test_of_a_line_that_is_too_long_only_its_place_is_kept(n_bytes):
    lines = [json.dumps({"text": text}).encode() for text in ("one", "x" * 5000, "two")]
    chosen = ReadSettings(batch_bytes=n_bytes, max_record_bytes=200)
    rows = read(b"\n".join(lines), chosen)
    assert [row["offset"] for row in rows] == [0, 16, 16 + len(lines[1]) + 1]
    assert rows[1]["rejected"] == "the line has more than 200 bytes"


def test_a_long_line_before_a_stream_breaks_off_keeps_its_reason():
    lines = [b'{"text": "%s"}' % (b"x" * 5000), b'{"text": "ice"}', b'{"text": "cu']
    packed = gzip.compress(b"\n".join(lines))[:-8]
    rows = read(packed, ReadSettings(max_record_bytes=200))
    assert [row["rejected"] is None for row in rows] == [False, True, False]
    assert rows[0]["rejected"] == "the line has more than 200 bytes"
    assert rows[2]["offset"] == len(lines[0]) + len(lines[1]) + 2


def test_columns_with_other_names(refused):
    names = {"text_column": "body", "id_column": "key", "date_column": "key", "html_column": "body"}
    data = b'{"body": "ice", "key": "2026-01-02", "text": 5, "id": {}}\n' * 3
    (row, *_) = rows = read(data, ReadSettings(**names))
    assert not refused
    assert (row["content"], row["id"], row["kind"]) == ("ice", "2026-01-02", "html")
    assert shown(rows) == shown(read_line_by_line(data, ReadSettings(**names)))


def test_a_column_whose_name_is_no_unicode_is_looked_for():
    data = b'{"text": "ice", "\\udcff": "a"}\n'
    (row,) = read(data, ReadSettings(id_column="\udcff"))
    assert row["id"] == "a"


def test_a_column_that_comes_after_many_others_is_found():
    many = json.dumps({f"column {n}": n for n in range(30)}).encode()
    rows = read(many + b'\n{"text": "ice"}')
    assert [row["rejected"] is None for row in rows] == [False, True]


def test_a_file_without_the_column_is_the_user_s_mistake():
    rows = read(b'{"body": "ice"}\n' * 3)
    assert "there is no column text or html; it has body" in rows[-1]
    rows = read(b'{"body": "ice"}\n' * 3, source=Source("a", "a", named=False))
    assert len(rows) == 3


def test_small_batches_are_joined_and_rows_bounded():
    lines = [b'{"text": "%d"}' % n if n % 100 else b"broken" for n in range(40_000)]
    stream = InputStream(io.BytesIO(b"\n".join(lines)))
    batches = list(jsonl_columns.read_jsonl(stream, SOURCE, ReadSettings()))
    assert max(batch.num_rows for batch in batches) <= jsonl_columns.MAX_ROWS
    assert len(batches) <= 5
    assert sum(batch.num_rows for batch in batches) == 40_000


def test_what_has_come_is_read_before_more_is_asked_for():
    asked = []

    class Pipe(io.RawIOBase):
        def readable(self):
            return True

        def read(self, n=-1):  # noqa: ARG002
            asked.append(len(asked))
            return b'{"text": "%d"}\n' % len(asked) if len(asked) < 1000 else b""

    batches = jsonl_columns.read_jsonl(InputStream(Pipe()), SOURCE, ReadSettings(batch_bytes=200))
    assert next(batches).num_rows > 0
    # what tells the format, and a piece
    assert len(asked) < 300
