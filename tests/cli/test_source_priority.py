"""`--keep source-priority`: of copies in several sources, that of the preferred one stays."""

import json

import pytest
from cli_support import PARAGRAPHS, read_rows, run_dedup

STORY = " ".join(PARAGRAPHS)
PREFERRED = ["--keep", "source-priority", "--source-priority"]


def write(path, name, text):
    path.write_text(json.dumps({"id": name, "text": text}) + "\n")


@pytest.fixture
def crawl(tmp_path):
    """The same story in three sources; the mirror's copy is the longest."""
    write(tmp_path / "mirror.jsonl", "m", STORY + " Nobody remembers a colder week.")
    write(tmp_path / "wire's 'own'.jsonl", "w", STORY)
    write(tmp_path / "caf\udce9.jsonl", "c", STORY)
    return tmp_path


def kept(crawl, command, *options):
    """Ids of documents that stay, or that lead a cluster."""
    done = run_dedup(command, crawl, "-o", crawl / "out", "--overwrite", *options)
    assert done.returncode == 0, done.stderr
    if command == "clean":
        rows = read_rows(crawl / "out" / "documents")
        return [row["id"] for row in rows if row["keep"]]
    rows = read_rows(crawl / "out" / "clusters")
    return [row["document"] for row in rows if row["kind"] == "document" and row["keeper"]]


@pytest.mark.parametrize("command", ["clean", "find"])
def test_the_first_preferred_source_that_has_a_copy_wins(crawl, command):
    assert kept(crawl, command) == ["m"]
    assert kept(crawl, command, *PREFERRED, "wire's 'own'") == ["w"]
    both = ["--source-priority", "mirror"]
    assert kept(crawl, command, *PREFERRED, "caf", *both) == ["c"]
    assert kept(crawl, command, *PREFERRED, "no such source", *both) == ["m"]


def test_a_source_whose_name_is_no_utf8_can_be_preferred(crawl):
    assert kept(crawl, "find", *PREFERRED, "caf\udce9") == ["c"]
