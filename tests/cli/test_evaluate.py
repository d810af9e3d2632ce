"""`dedup evaluate` as a user runs it."""

import json
import re

import pytest
from cli_support import CORPUS, run_dedup


@pytest.mark.parametrize("options", [[], ["--text"]], ids=["html", "text"])
def test_scores_snippets_and_time_are_told(options):
    done = run_dedup("evaluate", CORPUS / "labelled", *options)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^all +0\.\d{3} ", done.stdout, re.MULTILINE)
    (shown,) = re.findall(r"^CPU ms a page, .*: (\d+\.\d\d)$", done.stdout, re.MULTILINE)
    assert 0 < float(shown) < 1000


def test_the_dial_trades_recall_for_precision():
    done = run_dedup("evaluate", CORPUS / "labelled", "--dial")
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    assert [row[0] for row in rows] == [f"0.{n}" for n in range(1, 10)]
    recalls = [float(row[3]) for row in rows]
    assert recalls == sorted(recalls, reverse=True)
    assert recalls[0] > recalls[-1]
    assert float(rows[-1][2]) > float(rows[0][2])


def test_snippets_are_found_by_their_words(tmp_path):
    body = "The harbour’s ice held “everyone” who came, said the man at the ferry’s landing. " * 3
    page = {
        "html": f"<html><body><article><p>{body}</p></article></body></html>",
        "body": body,
        "with": ['The harbour\'s ice - held "everyone"', "ferry’s landing"],
        "without": ["arbour", "harb.", "everyone came"],
    }
    (tmp_path / "pages.jsonl").write_text(json.dumps(page) + "\n")
    shown = run_dedup("evaluate", tmp_path / "pages.jsonl").stdout
    assert "snippets that must be there: 1.000" in shown
    assert "snippets that must not: 0.000" in shown


def test_file_without_a_page_is_refused(tmp_path):
    (tmp_path / "pages.jsonl").write_text("\n")
    done = run_dedup("evaluate", tmp_path / "pages.jsonl")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == f"dedup: {tmp_path / 'pages.jsonl'}: no page in it"
