"""Comments below an article: dropped, or kept where that is asked for."""

import json

import pytest
from cli_support import PARAGRAPHS, run_dedup

COMMENT = "We stood on that ice with the children all afternoon, and nobody wanted to go home."
PAGE = f"""<html><body class="single comments-open"><nav><a href="/">Home</a></nav>
<article>{"".join(f"<p>{line}</p>" for line in PARAGRAPHS)}</article>
<section id="comments"><h3>Comments (1)</h3><ol class="comment-list"><li class="comment">
<div class="comment-meta">Anna wrote on the ninth of January at noon</div>
<div class="comment-body"><p>{COMMENT}</p></div><a class="comment-reply-link" href="#">Reply</a>
</li></ol><form class="comment-form"><label>Write what you think of it, and be kind to others
</label></form></section>
<footer>Published by the harbour office, all rights reserved</footer></body></html>"""


@pytest.fixture
def page(tmp_path):
    (tmp_path / "page.html").write_text(PAGE)
    return tmp_path / "page.html"


def extracted(page, *options):
    done = run_dedup("extract", page, "--format", "jsonl", "--blocks", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_comments_go_unless_they_are_asked_for(page):
    assert COMMENT not in extracted(page)["text"]
    kept = extracted(page, "--keep-comments")
    assert all(line in kept["text"] for line in (*PARAGRAPHS, COMMENT))
    for around in ("Anna wrote", "Reply", "Write what you think", "all rights reserved", "Home"):
        assert around not in kept["text"]
    (said,) = [block["why"] for block in kept["blocks"] if block["text"] == COMMENT]
    assert said.startswith("a comment, and these are kept")


def test_a_crawl_keeps_comments_too(page, tmp_path):
    done = run_dedup("clean", page, "-o", tmp_path / "out", "--keep-comments", "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["settings"]["classify"]["keep_comments"] is True


def test_comments_of_texts_that_are_not_judged_cannot_be_kept(page, tmp_path):
    done = run_dedup("find", page, "-o", tmp_path / "out", "--keep-comments")
    assert done.returncode == 2
    assert "--keep-comments has no effect without --on body" in done.stderr
