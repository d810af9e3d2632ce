"""What counts as a block, and that spans, titles and evidence are true."""

import re
import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from dedup import schema
from dedup.segment import segment
from dedup.segment.html import parse, scan
from dedup.segment.scratch import Scratch
from dedup.settings import SegmentSettings


def document(content, *, kind="html", title=None, rejected=None):
    return {
        "document": 1, "id": "a", "source": "crawl", "offset": 0, "site": "example.org",
        "url": None, "date": None, "title": title, "kind": kind, "n_bytes": len(content),
        "content": content, "rejected": rejected,
    }  # fmt: skip


def page_of(content, *, limits=SegmentSettings(), **columns):  # noqa: B008
    batch = pa.RecordBatch.from_pylist([document(content, **columns)], schema=schema.DOCUMENTS)
    pages = segment(batch, limits)
    pages.validate(full=True)
    assert pages.schema == schema.PAGES
    return pages.to_pylist()[0]


def blocks_of(content, **columns):
    page = page_of(content, **columns)
    raw = page["text"].encode()
    return [raw[block["start"] : block["end"]].decode() for block in page["blocks"]]


def check_spans(page):
    raw = page["text"].encode()
    before = 0
    for block in page["blocks"]:
        assert before <= block["start"] < block["end"] <= len(raw)
        text = raw[block["start"] : block["end"]].decode()
        assert text == text.strip(" \n\t")
        assert block["link_bytes"] <= block["end"] - block["start"]
        before = block["end"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<p>Snow fell <b>over</b><i>night</i>.</p>", ["Snow fell overnight."]),
        ("<ul><li>Salt<li>Sand</ul>", ["Salt", "Sand"]),
        ("<ul><li>Salt<ul><li>Sea salt</ul></ul>", ["Salt", "Sea salt"]),
        ("<div>Before<p>Inside</p>after</div>", ["Before", "Inside", "after"]),
        ("<p>One line<br>and one more</p>", ["One line\nand one more"]),
        ("<p>One thought<br><br>and one more</p>", ["One thought", "and one more"]),
        ("<table><tr><th>Month<th>Ice<tr><td>May<td>3 cm</table>", ["Month | Ice", "May | 3 cm"]),
        ("<pre>def f():\n    return 1\n</pre>", ["def f():\n    return 1"]),
        ("<dl><dt>Firn<dd>Old snow</dl>", ["Firn", "Old snow"]),
        ("<figure><img><figcaption>The quay</figcaption></figure>", ["The quay"]),
        ("<p>a<script>var x = '<p>no</p>'</script>b<style>p{}</style></p>", ["ab"]),
        ("<select><option>Norway<option>Chile</select><p>Ports</p>", ["Ports"]),
        ("<noscript><p>The post itself</p></noscript>", ["The post itself"]),
        ("<body><template><p>All there is</p></template>", ["All there is"]),
        ('<script type="text/x-handlebars-template"><p>Docs</p></script>', ["Docs"]),
        ("<p>5 &lt; 6 &amp; 7&nbsp;&gt; 6 &eacute;</p>", ["5 < 6 & 7 > 6 é"]),
        ("<p>hy\u00adphen\u200bated</p>", ["hyphenated"]),
        ("<p>港が凍った。</p><p>船は止まった。</p>", ["港が凍った。", "船は止まった。"]),
        (
            '<div dir="rtl"><p>تجمد الميناء</p><p>توقفت السفن</p></div>',
            ["تجمد الميناء", "توقفت السفن"],
        ),
        ("<p>unclosed <b>bold<p>next", ["unclosed bold", "next"]),
        ('<p 1="a>b" :class="c>d" @click="x>y">Safe</p>', ["Safe"]),
        ("<!-- <p>no</p> --><p>yes</p>", ["yes"]),
        ("", []),
    ],
)
def test_blocks_of_html(content, expected):
    assert blocks_of(content) == expected


def test_template_of_a_page_with_text_is_left_out():
    story = "<p>" + "The harbour froze over in the night. " * 10 + "</p>"
    assert len(blocks_of(story + "<template><p>Card</p></template>")) == 1


def test_lines_of_a_group_are_joined_by_one_break_and_others_by_two():
    assert page_of("<ul><li>Salt<li>Sand</ul><p>End</p>")["text"] == "Salt\nSand\n\nEnd"


def test_text_that_stands_only_in_json_ld_is_added():
    body = "The harbour froze over in the night, and no ship has left it since then, they say. " * 3
    script = f'<script type="application/ld+json">{{"articleBody": "{body}"}}</script>'
    alone = page_of(f"<h1>Ice</h1>{script}")
    assert [block["path"] for block in alone["blocks"]] == ["body/h1", "json-ld/articlebody"]
    assert len(page_of(f"<p>{body}</p>{script}")["blocks"]) == 1


@pytest.mark.parametrize(
    "start",
    [
        "<SCRIPT TYPE='application/ld+json'>",
        '<script id="ld+json-1" type="application/ld+json">',
    ],
)
def test_json_ld_is_found_however_its_tag_is_written(start):
    body = "The harbour froze over in the night, and no ship has left it since then, they say. " * 3
    page = page_of(f'<h1>Ice</h1>{start}{{"articleBody": "{body}"}}</script>')
    assert [block["path"] for block in page["blocks"]] == ["body/h1", "json-ld/articlebody"]


def test_capitals_and_typographic_signs_do_not_make_another_text_of_json_ld():
    body = "ÉTÉ À L’ÎLE — LE PORT « GELÉ » CETTE NUIT… AUCUN BATEAU N’EST PARTI DEPUIS. " * 3
    plain = body.lower().translate(str.maketrans("’—", "'-"))
    script = f'<script type="application/ld+json">{{"articleBody": "{plain}"}}</script>'
    assert len(page_of(f"<p>{body}</p>{script}")["blocks"]) == 1


def test_letters_of_text_that_looks_like_tags_are_kept():
    assert blocks_of("<textarea>use <Button></textarea>") == ["use <Button>"]
    assert (
        page_of("<title>How to use <Button></title><p>Text</p>")["title"] == "How to use <Button>"
    )


@pytest.mark.parametrize(
    "attribute",
    [
        "hidden",
        'aria-hidden="true"',
        'style="color:red; display: none"',
        'style="visibility:hidden"',
    ],
)
def test_what_is_not_shown_is_marked_hidden(attribute):
    blocks = page_of(f"<div {attribute}><p>Unseen</p></div><p>Seen</p>")["blocks"]
    assert [block["hidden"] for block in blocks] == [True, False]


def test_title_is_the_records_then_the_pages_then_the_first_heading():
    html = "<title>Ice &amp; snow</title><h1>Frozen</h1>"
    assert page_of(html, title="Of the record")["title"] == "Of the record"
    assert page_of(html)["title"] == "Ice & snow"
    assert (
        page_of('<meta property="og:title" content="Shared"><h1>Frozen</h1>')["title"] == "Shared"
    )
    assert page_of("<h1>Frozen</h1>")["title"] == "Frozen"
    assert page_of("<p>Nothing</p>")["title"] is None


def test_title_of_a_drawing_is_not_the_pages():
    assert page_of("<svg><title>Arrow</title></svg><p>Text</p>")["title"] is None


def test_path_and_hints_say_where_a_block_stands():
    html = '<main id="siteMain"><div class="post-body x1"><p class="leadText">Hi</p></div></main>'
    block = page_of(html)["blocks"][0]
    assert block["path"] == "body/main/div/p"
    assert block["hints"] == "site main/post body x/lead text"
    bare = page_of('<div class="post"><p>Hi</p></div>')["blocks"][0]
    assert bare["hints"] == "post/"


def test_links_and_tags_are_counted():
    block = page_of('<p>See <a href="/x">the map</a> <b>now</b></p>')["blocks"][0]
    assert (block["link_bytes"], block["n_links"], block["n_tags"]) == (6, 1, 2)


def test_rejected_record_stays_a_page_without_text():
    page = page_of("", rejected="cut off")
    assert (page["rejected"], page["text"], page["blocks"]) == ("cut off", "", [])


def test_pages_do_not_depend_on_their_batch():
    contents = ["<p>One</p>", "Two\n\nThree", "", "<ul><li>Four</ul>"]
    rows = [document(c, kind="html" if "<" in c else "text") for c in contents]
    batch = pa.RecordBatch.from_pylist(rows, schema=schema.DOCUMENTS)
    whole = segment(batch, SegmentSettings())
    parts = [segment(batch.slice(i, 1), SegmentSettings()) for i in range(len(rows))]
    assert pa.Table.from_batches([whole]) == pa.Table.from_batches(parts).combine_chunks()


PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<div class='aB'>", "</div>", "<b>", "</b>", "<a href=x>", "</a>", "<br>"),
        *("<li>", "<ul>", "</ul>", "<table>", "<tr>", "<td>", "</table>", "<pre>", "</pre>"),
        *("<!--", "-->", "<script>", "</script>", "<noscript>", "</noscript>", "<template>"),
        *("</template>", "<select>", "<option>", "</select>", "<svg>", "</svg>", "<title>"),
        *("</title>", "<textarea>", "</textarea>", "<h1>", "<x-y>", "<xmp>", "</xmp>", "<p/hidden"),
        *("&nbsp;", "&amp;", "&#0;", "<", ">", '"', "=", "é", "港", "\u00a0", "\u200b", "\u2003"),
        *("word", "\0", "\n", "  ", "\r\n", "\t"),
    ]
)


@settings(max_examples=200)
@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60))
def test_spans_of_any_html_are_in_order_and_on_character_boundaries(content):
    check_spans(page_of(content))


@settings(max_examples=100)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_word_is_lost_when_there_may_be_only_few_blocks(content):
    few = page_of(content, limits=SegmentSettings(max_blocks=2, max_depth=3))
    check_spans(few)
    assert len(few["blocks"]) <= 2
    many = page_of(content, limits=SegmentSettings(max_depth=3))
    assert few["text"].replace("|", " ").split() == many["text"].replace("|", " ").split()


SKIPPED = {"script", "style", "svg", "iframe", "object", "select", "head", "template"}


def characters_by_walking(content):
    """All characters of a page but blanks, by walking lexbor's tree."""
    root = LexborHTMLParser(content).root
    found, waiting = [], [root] if root else []
    while waiting:
        node = waiting.pop()
        if node.tag == "-text":
            found.append(node.text_content or "")
        elif node.tag not in SKIPPED and node.tag[0] not in "-!":
            waiting.extend(reversed(list(node.iter(include_text=True))))
    return re.sub(r"[\s\u200b\x00|]", "", "".join(found))


@settings(max_examples=150)
@given(
    st.lists(PIECES.filter(lambda p: p not in {"<xmp>", "</xmp>", "\0"}), max_size=40).map("".join)
)
def test_kernel_finds_the_characters_that_a_walk_over_the_tree_finds(content):
    content = f"<body><p>{'Long enough to need no template. ' * 8}</p>{content}"
    found = page_of(content)["text"]
    assert re.sub(r"[\s\u200b\x00|]", "", found) == characters_by_walking(content)


HOSTILE = {
    "open blocks": ("<div>" * 100_000 + "deep", 1),
    "end tags without a start": ("<div></b>" * 30_000 + "deep", 1),
    "open formatting": ("<b><p>" * 5_000 + "deep" + "</b>" * 5_000, 1),
    "attributes": ("<p " + " ".join(f"a{i}=b" for i in range(50_000)) + ">deep", 1),
    "open paragraphs": ("<p>line of words<br>\n" * 15_000 + "<p>deep", 15_001),
    "open templates": ('<script type="text/template">' * 30_000, 0),
    "open json": ('<script type="application/ld+json">' * 30_000, 0),
    "nested json": ('<script type="application/ld+json">' + "[" * 100_000 + "</script>deep", 1),
    "words of json": ("deep<!-- " + ("<script" * 60 + "ld+json" * 60) * 1_200 + "-->", 1),
    "open frames": ("<noscript>" + "<iframe>" * 50_000 + "</noscript>deep", 1),
    "open drawings": ("<svg>" * 50_000 + "</svg>" * 49_999 + "<p>deep", 1),
    "signs in a drawing": ("deep<svg>" + "<" * 500_000, 1),
    "names in a drawing": ("deep<svg>" + "<a" * 200_000 + "</svg>", 1),
    "open comments": ("<!--" * 100_000 + "-->deep", 1),
    "open tags": ("deep <a " * 50_000, 1),
    "only signs": ("<" * 500_000 + " deep", 1),
    "one block": ("deep " * 200_000, 1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_page_takes_bounded_time(name):
    content, n_blocks = HOSTILE[name]
    page_of("<p>compiled</p>")
    begin = time.process_time()
    page = page_of(content)
    assert time.process_time() - begin < 2
    check_spans(page)
    assert len(page["blocks"]) == n_blocks
    assert page["text"].endswith("deep" if n_blocks else "")


def test_long_attributes_are_not_cut():
    value = "word " * 5_000
    assert blocks_of(f"<p data-x=\"{value}\" title='{value}'>Text</p>") == ["Text"]


def test_words_of_classes_stay_in_their_room():
    tag = f'<br class="{"aB" * 40}">'
    scratch = Scratch()
    parsed = parse(np.frombuffer((tag * 400).encode(), np.uint8), scratch)
    scanned = scan(parsed, SegmentSettings(), scratch, templates=False)
    # html, head, body, and the tags, after one that is none
    assert scanned.elements[4 + 400 - 1, 4] <= len(scanned.hints)
