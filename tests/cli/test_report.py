"""`dedup report`, as a user runs it."""

import json
import shutil

import pytest
from cli_support import CORPUS, run_dedup, table_bytes


@pytest.fixture
def result(cleaned, tmp_path):
    return shutil.copytree(cleaned, tmp_path / "out")


def refused(*arguments):
    """Run it, and give back the one sentence that it was refused with."""
    done = run_dedup("report", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def test_the_page_of_a_finished_run_is_built_again(result):
    page, tables = (result / "report.html").read_bytes(), table_bytes(result)
    (result / "report.html").unlink()
    done = run_dedup("report", result)
    assert (done.returncode, done.stderr) == (0, "")
    assert str(result / "report.html") in done.stdout
    assert (result / "report.html").read_bytes() == page
    assert table_bytes(result) == tables
    assert not [path for path in result.iterdir() if path.name.startswith(".")]


def test_it_reads_json_lines_as_well(tmp_path):
    out = tmp_path / "out"
    run_dedup("find", CORPUS / "crawl", "-o", out, "--format", "jsonl", "--unit", "document")
    page = (out / "report.html").read_bytes()
    assert run_dedup("report", out).returncode == 0
    assert (out / "report.html").read_bytes() == page


def test_another_file_is_written_once_and_replaced_when_that_is_asked(result, tmp_path):
    place = tmp_path / "crawl.html"
    assert run_dedup("report", result, "-o", place).returncode == 0
    assert place.read_bytes() == (result / "report.html").read_bytes()
    place.write_text("mine")
    assert "--overwrite" in refused(result, "-o", place)
    assert place.read_text() == "mine"
    assert run_dedup("report", result, "-o", place, "--overwrite").returncode == 0
    assert place.read_bytes().startswith(b"<!doctype html>")


@pytest.mark.parametrize("name", ["manifest.json", "documents", "notes.html"])
def test_nothing_else_within_the_result_is_written(result, name):
    before = table_bytes(result)
    manifest = (result / "manifest.json").read_bytes()
    assert name in refused(result, "-o", result / name, "--overwrite")
    assert table_bytes(result) == before
    assert (result / "manifest.json").read_bytes() == manifest


def test_what_is_no_result_is_refused(tmp_path):
    assert "is no result of dedup" in refused(tmp_path / "nowhere")
    assert "is no result of dedup" in refused(tmp_path)
    assert "is no result of dedup" in refused(CORPUS / "README.md")


def test_a_result_of_another_version_is_refused(result):
    (result / "manifest.json").write_text(json.dumps({"dedup": "0.0.1"}))
    assert "not a manifest of this version" in refused(result)


def test_a_result_that_is_not_whole_is_refused_and_keeps_its_page(result):
    page = (result / "report.html").read_bytes()
    (part,) = (result / "blocks").iterdir()
    part.write_bytes(b"PAR1" + b"\0" * 99)
    assert "its tables cannot be read" in refused(result)
    part.unlink()
    assert "holds no blocks/" in refused(result)
    assert (result / "report.html").read_bytes() == page


def test_a_folder_that_is_not_there_is_named(result, tmp_path):
    assert "cannot be written" in refused(result, "-o", tmp_path / "no" / "page.html")


def test_an_option_without_effect_is_refused(result):
    assert "--overwrite has no effect without --output" in refused(result, "--overwrite")


@pytest.mark.parametrize("end", ["resigned", "remained", "resigned, as had been expected"])
def test_a_difference_far_into_a_text_is_marked(end, tmp_path):
    report = report_of_two(tmp_path, 2_000, ("departed", end))
    assert "<mark>departed</mark> at last" in report
    assert f"<mark>{end}</mark> at last" in report


def test_a_difference_further_than_texts_are_read_is_not_called_none(tmp_path):
    report = report_of_two(tmp_path, 20_000, ("departed", "resigned"))
    assert "The same words as the keeper" not in report
    assert "what differs stands further on" in report


def report_of_two(folder, n_words, ends):
    words = " ".join(f"word{i} of{i % 7}" for i in range(n_words))
    pages = [f"{words} and then the mayor {each} at last." for each in ends]
    given = folder / "pages.jsonl"
    given.write_text(
        "".join(json.dumps({"id": f"p{i}", "text": t}) + "\n" for i, t in enumerate(pages))
    )
    done = run_dedup("clean", given, "-o", folder / "out")
    assert done.returncode == 0, done.stderr
    return (folder / "out" / "report.html").read_text()
