"""What is left out of a page before it is parsed changes nothing of its blocks."""

import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dedup.segment import html
from dedup.segment.html import lightened, segment_html
from dedup.segment.scratch import Scratch
from dedup.settings import SegmentSettings

PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<div class='aB' id=x>", "</div>", "<b title='a>b'>", "</b>", "<br/>"),
        *("<a href=x/>", "<A HREF='y' href=z Class=one class=two>", "</a>", "<p/hidden", "<p =x>"),
        *("<table>", "<tr>", "<td style='display:none' data-x=1>", "</table>", "<pre>", "</pre>"),
        *("  \n ", "\n\n", "<listing>", "</listing>", "x  "),
        *("<!--", "-->", "<!-->", "<!--->", "--!>", "<!", "<!doctype html>", "<?x", "</ ", "</>"),
        *("<script>", "<SCRIPT type='application/LD+json'>", "</script", "</script >", "<script/>"),
        *("<style>", "</STYLE>", "<title>", "</title>", "<textarea>", "</textarea x>", "<xmp>"),
        *("</xmp>", "<noframes>", "</noframes>", "<![CDATA[", "]]>", "<x-y z>"),
        *(
            "<svg>",
            "<svg/>",
            "<svg class=k />",
            "<svg data-x=a/>",
            "<svg class=k><path d='</svg>'/>",
            "<?",
            *("</section>", "<section>", "<mtext>"),
            "</svg>",
            "<g>",
            "<title/>",
            "<desc>",
        ),
        *("<foreignObject>", "</foreignObject>", "<template>", "</template>", "<noscript>"),
        *("</noscript>", "<select>", "</select>", "<math>", "</math>", "<meta content='w' "),
        *("property=og:title>", "<font>", "word", "=", '"', "'", "<", ">", "/"),
        *(
            "&amp;",
            "é",
            "\0",
            "\n",
            " ",
            "\f",
            "x" * 40,
            '{"text": "' + "Ice and snow. " * 9 + '"}',
        ),
    ]
)


def told(page):
    """Give all that is known of a page's blocks."""
    arrays = (page.start, page.end, page.counts, page.paths[1], page.hints[1])
    plain = tuple(np.asarray(array).tolist() for array in arrays)
    return (bytes(page.text), bytes(page.paths[0]), bytes(page.hints[0]), page.title, *plain)


def whole(content, _scratch):
    """Leave nothing out."""
    return content.copy()


def segmented(content):
    """Segment one page."""
    return segment_html(np.frombuffer(content, np.uint8), SegmentSettings(), Scratch())


def both_ways(content):
    """Segment a page as it is done, and from all of its bytes."""
    light = told(segmented(content))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html, "lightened", whole)
        return light, told(segmented(content))


# the first trial compiles
@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_blocks_are_those_of_the_whole_page(content):
    # what nobody closed there ends there, see below
    assume("<noscript>" not in content or not re.search("<style|<noframes", content))
    # lexbor repeats text in the place of "<!" at the very end
    light, all_of_it = both_ways(f"{content} ".encode())
    assert light == all_of_it


@pytest.mark.parametrize("frame", ["<iframe src='//a.example'/>", "<IFRAME>", "<style>p {}"])
def test_what_is_left_open_in_noscript_ends_with_it(frame):
    page = f"<p>Before</p><noscript>{frame}</noscript><p>After</p><noscript>Seen</noscript>"
    assert lines(page) == ["Before", "After", "Seen"]


def test_a_frame_that_is_closed_in_noscript_hides_nothing_else():
    assert lines("<p>Ice<noscript><iframe></iframe>Inside</noscript>After") == [
        *("Ice", "Inside", "After")
    ]


def test_tags_in_scripts_and_comments_do_not_count_as_depth():
    script = "<script>" + "'<div>'+" * 20_000 + "</script>"
    comment = "<!--" + "<div>" * 20_000 + "-->"
    assert lines(f"<div>{script}{comment}<p>One</p><p>Two</p></div>") == ["One", "Two"]


def test_json_ld_in_a_comment_is_not_read():
    text = "The harbour froze over in the night, and no ship has left it since then. " * 2
    data = f'<script type="application/ld+json">{{"text": "{text}"}}</script>'
    assert lines(f"<p>Ice</p><!-- {data} -->") == ["Ice"]
    assert lines(f"<p>Ice</p>{data}") == ["Ice", text.strip()]


def test_most_bytes_are_left_out():
    noise = "<script>var a = 1</script><style>p {}</style><!-- note --><svg><path d='M0 0'/></svg>"
    tag = "<p data-x='{\"a\": 1}' class='lead' onclick=go() class=second>"
    page = f"{noise}{tag}Text<a href='https://a.example/'>link</a>".encode()
    light = lightened(np.frombuffer(page, np.uint8), Scratch())
    assert bytes(light) == (
        b"<script></script><style></style><svg></svg><p class='lead'>Text<a href>link</a>"
    )


def lines(content):
    return bytes(segmented(content.encode()).text).decode().split("\n\n")
