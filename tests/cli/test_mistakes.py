"""A user's mistake is one sentence and exit status 2."""

import pytest
from cli_support import CORPUS, run_dedup

PAGE = "<p>The harbour of Lindau froze over last night, for the first time in forty years.</p>"


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.html"
    path.write_text(PAGE)
    return path


def refused(*arguments, **options):
    """Standard error of a command that must be refused."""
    done = run_dedup(*arguments, **options)
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert done.stdout == ""
    assert done.stderr.startswith("dedup: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_missing_file(tmp_path):
    message = refused("clean", tmp_path / "nothing.warc.gz", "-o", tmp_path / "out")
    assert "nothing.warc.gz" in message
    assert not (tmp_path / "out").exists()


def test_empty_folder(tmp_path):
    (tmp_path / "crawl").mkdir()
    assert "crawl" in refused("clean", tmp_path / "crawl", "-o", tmp_path / "out")


def test_mistyped_option_is_answered_with_the_right_one(page, tmp_path):
    message = refused("clean", page, "-o", tmp_path / "out", "--treshold", "0.7")
    assert "--threshold" in message


def test_mistyped_command():
    assert "No such command" in refused("claen", "x")


def test_missing_output(page):
    assert "--output" in refused("clean", page)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--threshold", "1.5"], "threshold"),
        (["--threshold", "high"], "threshold"),
        (["--num-perm", "3"], "num-perm"),
        (["--sketch", "oph"], "sketch"),
        (["--workers", "0"], "workers"),
        (["--memory", "lots"], "memory"),
        (["--memory", "1GB", "--workers", "2"], "memory is 1,024 MB; 2 workers must have 1,656 MB"),
        (["--keep", "source-priority"], "source-priority"),
        (["--source-priority", "a.example"], "source-priority"),
        (["--keep", "source-priority", "--source-priority", ""], "empty"),
        (["--keep", "source-priority", "--source-priority", "nowhere"], "page.html"),
        (["--keep", "source-priority", "--source-priority", "page", "--scope", "source"], "scope"),
        (["--min-cluster-size", "1"], "min-cluster-size"),
        (["--temp", "nowhere"], "temp"),
        (["--model", "nowhere.model"], "model"),
    ],
)
def test_impossible_settings(page, tmp_path, options, word):
    assert word in refused("clean", page, "-o", tmp_path / "out", *options)
    assert not (tmp_path / "out").exists()


def test_options_that_would_do_nothing_are_refused(page, tmp_path):
    message = refused("find", page, "-o", tmp_path / "out", "--body-threshold", "0.4")
    assert "--on body" in message
    refused("find", page, "-o", tmp_path / "out", "--unit", "block", "--keep", "first")
    refused("extract", page, "--blocks")
    refused("extract", page, "--overwrite")


def test_output_that_is_taken(page, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("do not touch")
    refused("clean", page, "-o", tmp_path / "out")
    refused("clean", page, "-o", tmp_path / "out", "--overwrite")
    assert (tmp_path / "out" / "thesis.txt").read_text() == "do not touch"


def test_file_that_extract_would_replace(page, tmp_path):
    (tmp_path / "body.txt").write_text("do not touch")
    assert "--overwrite" in refused("extract", page, "-o", tmp_path / "body.txt")
    assert (tmp_path / "body.txt").read_text() == "do not touch"


def test_column_that_no_record_has(tmp_path):
    (tmp_path / "docs.jsonl").write_text('{"body": "The harbour froze over last night."}\n')
    arguments = ("clean", tmp_path / "docs.jsonl", "-o", tmp_path / "out", "--text-column", "txt")
    message = refused(*arguments)
    assert "txt" in message
    assert "body" in message


def test_settings_file_with_a_mistyped_key(page, tmp_path):
    (tmp_path / "dedup.toml").write_text("treshold = 0.7\n")
    message = refused("clean", page, "-o", tmp_path / "out", "--config", tmp_path / "dedup.toml")
    assert "threshold" in message


def test_settings_file_that_is_none(page, tmp_path):
    (tmp_path / "dedup.toml").write_text("threshold 0.7\n")
    refused("clean", page, "-o", tmp_path / "out", "--config", tmp_path / "dedup.toml")


def test_model_that_is_none(page):
    message = refused("extract", page, "--model", CORPUS / "README.md")
    assert "model" in message


def test_names_in_messages_cannot_steer_the_terminal(tmp_path):
    message = refused("clean", tmp_path / "red\x1b[31m\u202e.html", "-o", tmp_path / "out")
    assert message.removesuffix("\n").isprintable()
    assert "red\\x1b[31m" in message
