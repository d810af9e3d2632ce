"""Plain text into blocks."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import schema
from dedup.segment import page_texts, segment
from dedup.settings import SegmentSettings


def page_of(content, *, max_blocks=100_000):
    row = {
        "document": 1, "id": "a", "source": "crawl", "offset": 0, "site": "crawl", "kind": "text",
        "n_bytes": len(content), "content": content,
    }  # fmt: skip
    batch = pa.RecordBatch.from_pylist([row], schema=schema.DOCUMENTS)
    return segment(batch, SegmentSettings(max_blocks=max_blocks)).to_pylist()[0]


def blocks_of(content):
    page = page_of(content)
    raw = page["text"].encode()
    return [raw[block["start"] : block["end"]].decode() for block in page["blocks"]]


WRAPPED = """The harbour of the old town froze over in the night, and in the morning
nobody could remember when that had happened before. Ships that were due
to leave stayed at the quay, and their crews walked over the ice to town.

The museum opened its doors to everybody who was cold, and its director
read to them from the log of a whaler that had wintered there in the year
of the great frost, when bread was baked with the flour of fish bones."""


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "Home\nNews\nSport\nA story of some length.",
            ["Home", "News", "Sport", "A story of some length."],
        ),
        ("  Title \r\n\r\n\tFirst.\r\nSecond.\r\n", ["Title", "First.", "Second."]),
        (WRAPPED, WRAPPED.split("\n\n")),
        ("a\0b", ["ab"]),
        ("", []),
        (" \n\n ", []),
    ],
)
def test_blocks_of_text(content, expected):
    assert blocks_of(content) == expected


def test_page_in_one_line_is_split_by_sentences():
    sentences = [
        "Dr. Hall measured 3.5 degrees on 4 May, e.g. at noon.",
        "Was it ice? ",
        "It was!",
    ] * 20
    found = blocks_of(" ".join(s.strip() for s in sentences))
    assert found == [s.strip() for s in sentences]


def test_line_without_sentences_is_cut_to_bounded_blocks():
    found = blocks_of("港" * 20_000)
    assert "".join(found) == "港" * 20_000
    assert max(len(block.encode()) for block in found) <= 8_000


def test_rest_of_too_many_lines_is_in_the_last_block():
    page = page_of("one\ntwo\nthree\nfour", max_blocks=2)
    assert [(b["start"], b["end"]) for b in page["blocks"]] == [(0, 3), (4, 18)]


@settings(max_examples=200)
@given(
    st.text(alphabet="ab é港.!? \n\t\r\u00a0。", max_size=200)
    | st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=80)
)
def test_spans_are_in_order_and_hold_all_words(content):
    page = page_of(content)
    raw = page["text"].encode()
    assert page["text"] == content.replace("\0", "")
    found, before = [], 0
    for block in page["blocks"]:
        assert before <= block["start"] < block["end"]
        before = block["end"]
        assert (block["path"], block["hints"]) == ("", "")
        found.append(raw[block["start"] : block["end"]].decode())
    assert "".join("".join(found).split()) == "".join(page["text"].split())


@pytest.mark.parametrize("kinds", [("text", "text", "text"), ("text", "html", "text")])
def test_pages_without_blocks_have_the_same_text(kinds):
    contents = ("Home\0\nA <b>story</b>.", "<p>One <b>story</b>", "")
    rows = [
        {"document": n, "id": "a", "source": "crawl", "offset": n, "site": "crawl", "kind": kind,
         "n_bytes": 1, "content": content, "rejected": "broken" if not content else None}
        for n, (kind, content) in enumerate(zip(kinds, contents, strict=True))
    ]  # fmt: skip
    batch = pa.RecordBatch.from_pylist(rows, schema=schema.DOCUMENTS)
    pages = segment(batch, SegmentSettings()).drop_columns(["blocks"])
    assert page_texts(batch, SegmentSettings()).to_pylist() == pages.to_pylist()
