"""Copies of labelled pages in other scripts."""

import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import schema
from dedup.classify.ciphers import SCRIPTS, ciphered, make_cipher
from dedup.read import from_content
from dedup.segment import segment
from dedup.settings import ReadSettings, SegmentSettings

HTML = (
    "<title>The harbour froze</title><nav><a href='/'>Home page</a></nav>"
    "<p>The harbour froze over, for the first time in 40 years. Nobody could cross it.</p>"
    "<p>12:30</p><p>The ferry stayed, said <a href='/m'>the master</a>; see the harbour.</p>"
)


def page_of(content):
    return segment(from_content(content, ReadSettings()), SegmentSettings())


def block_texts(pages, row=0):
    text = pages.column("text")[row].as_py().encode()
    return [
        text[block["start"] : block["end"]].decode()
        for block in pages.column("blocks")[row].as_py()
    ]


def writers():
    """A cipher of each script."""
    found = {}
    for seed in range(200):
        write = make_cipher(np.random.default_rng(seed))
        letters = [c for c in write("The harbour master saw nobody cross it") if c.isalpha()]
        names = {unicodedata.name(letter).split()[0] for letter in letters}
        found.setdefault(tuple(sorted(names - {"LATIN"})), write)
    return found


def test_every_script_is_drawn():
    scripts = {name for names in writers() for name in names}
    assert scripts >= {
        "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "DEVANAGARI", "THAI", "HANGUL", "CJK", "HIRAGANA",
    }  # fmt: skip
    assert len(SCRIPTS) == 10


def test_a_page_keeps_its_blocks_and_gets_other_words():
    pages = page_of(HTML)
    made = ciphered(pages, seed=3)
    assert made.schema == schema.PAGES
    assert made.num_rows == 1
    assert made.column("document")[0].as_py() not in pages.column("document").to_pylist()
    before, after = block_texts(pages), block_texts(made)
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        assert (old == new) == (not any(c.isalpha() for c in old))
    for old, new in zip(*(p.column("blocks")[0].as_py() for p in (pages, made)), strict=True):
        assert new["path"] == old["path"]
        assert (new["link_bytes"] > 0) == (old["link_bytes"] > 0)
        assert new["link_bytes"] <= new["end"] - new["start"]
    assert ciphered(pages, seed=3) == made
    assert made.column("title")[0].as_py() != "The harbour froze"


def test_the_same_word_is_always_written_in_the_same_way():
    for write in writers().values():
        assert write("harbour") == write("harbour")
        assert write("harbour harbour").count(write("harbour")) == 2


@pytest.mark.parametrize("kept", ["", "12:30", "→ 7 %", "\n"])
def test_what_has_no_letter_stays(kept):
    for write in writers().values():
        assert write(kept) == kept


@given(st.lists(st.text("ab Cé.,\n語1’'ß", max_size=30), min_size=1, max_size=4))
@settings(max_examples=50)
def test_spans_stay_on_characters(lines):
    pages = page_of("\n\n".join(lines))
    many = pa.concat_batches([pages] * 5)
    made = ciphered(many, seed=1)
    for row in range(many.num_rows):
        assert len(block_texts(made, row)) == len(block_texts(many, row))
