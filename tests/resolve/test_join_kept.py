"""Clean texts equal those of the obvious loop."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from dedup import schema
from dedup.resolve.blocks import join_kept

GAPS = st.sampled_from(["", " ", "\n", " \n ", "\n\n", "\n \n\n", "  "])
WORDS = st.sampled_from(["a", "né", "漢字", "two words", "line\nline"])
PAGES = st.lists(st.lists(st.tuples(WORDS, GAPS, st.booleans()), max_size=6), max_size=5)


def joined_slowly(page):
    text, previous = "", None
    for place, (word, _, stays) in enumerate(page):
        if not stays:
            continue
        if previous is not None:
            gap = page[previous][1] if previous == place - 1 else "\n\n"
            breaks = min(gap.count("\n"), 2)
            text += "\n" * breaks or " " * bool(gap)
        text += word
        previous = place
    return text


@given(PAGES, st.integers(0, 3))
def test_kept_blocks_are_joined_as_they_stood(pages, skipped):
    texts, rows, stays, counts = [], [], [], []
    for page in pages:
        text = ""
        for word, gap, stay in page:
            begin = len(text.encode())
            text += word
            rows.append((begin, len(text.encode())))
            stays.append(stay)
            text += gap
        texts.append(text)
        counts.append(len(page))
    block = [
        {
            field.name: {"start": begin, "end": end}.get(field.name)
            or {"string": "", "bool": False}.get(str(field.type), 0)
            for field in schema.BLOCK
        }
        for begin, end in rows
    ]
    # the texts of a batch may be a slice of more
    given_ = pa.array(["before\n"] * skipped + texts, pa.string()).slice(skipped)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    blocks = pa.array(block, pa.struct(list(schema.BLOCK)))
    made = join_kept(given_, blocks, offsets, np.array(stays, bool))
    assert made.to_pylist() == [joined_slowly(page) for page in pages]
