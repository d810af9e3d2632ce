"""The sample crawl is what its sources say, and the generator keeps its word."""

import gzip
import json
from pathlib import Path

import pytest

from corpus.build import build
from corpus.generate import Made, generate, main, origin_of, page_of, vocabulary
from corpus.parts import to_html, to_text
from corpus.sites import all_pages

ROOT = Path(__file__).parents[2] / "corpus"
BUILT = ("crawl", "labels", "labelled")


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for name in BUILT
        for path in sorted((folder / name).rglob("*"))
        if path.is_file()
    }


def read_lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_what_is_committed_is_what_build_writes(tmp_path):
    build(tmp_path)
    assert files(tmp_path) == files(ROOT)


def test_crawl_has_the_variety_that_it_promises():
    pages = all_pages()
    assert len(pages) >= 40
    assert len({page.url for page in pages}) == len(pages)
    assert len({page.site for page in pages}) == 4
    assert {page.language for page in pages} == {"en", "de", "ja"}
    assert {page.charset for page in pages} == {"utf-8", "iso-8859-1", "shift_jis"}


def test_every_labelled_text_stands_in_its_page():
    texts = {page.url: to_text(page) for page in all_pages()}
    for row in read_lines(ROOT / "labels" / "blocks.jsonl"):
        assert row["text"] in texts[row["page"]]


def test_clusters_have_members_that_exist():
    urls = {page.url for page in all_pages()}
    rows = read_lines(ROOT / "labels" / "clusters.jsonl")
    assert {row["kind"] for row in rows} == {"document", "block"}
    for row in rows:
        assert len(row["members"]) >= 2
        assert set(row["members"]) <= urls


def test_markup_of_a_text_is_escaped():
    for page in all_pages():
        assert "<script>alert" not in to_html(page)


def test_a_page_depends_on_seed_and_number_only(tmp_path):
    for name, pages in (("small", 30), ("large", 60)):
        generate(Made(pages, 7, 5, "jsonl"), tmp_path / name, 1)
    small, large = (
        gzip.decompress((tmp_path / name / "crawl" / "part-00000.jsonl.gz").read_bytes())
        for name in ("small", "large")
    )
    assert large.startswith(small)
    assert len(large.splitlines()) == 60


def test_truth_names_the_copies_and_every_block(tmp_path):
    generate(Made(40, 7, 5, "jsonl"), tmp_path / "made", 1)
    packed = (tmp_path / "made" / "crawl" / "part-00000.jsonl.gz").read_bytes()
    pages = [json.loads(line) for line in gzip.decompress(packed).splitlines()]
    truth = read_lines(tmp_path / "made" / "truth" / "part-00000.jsonl")
    assert [row["url"] for row in truth] == [page["url"] for page in pages]
    copies = {n: row["copy_of"] for n, row in enumerate(truth) if row["copy_of"] is not None}
    assert set(copies) == {9, 19, 29, 39}
    for number, source in copies.items():
        assert truth[source]["blocks"][9][0] == truth[number]["blocks"][9][0]
    for row, page in zip(truth, pages, strict=True):
        assert all(text in page["html"] for text, _ in row["blocks"])


def test_copies_are_of_pages_that_are_none():
    assert all(origin_of(3, origin_of(3, n)[0]) == (origin_of(3, n)[0], 0.0) for n in range(500))


@pytest.mark.parametrize("form", ["warc", "wet", "html"])
def test_every_format_is_written(tmp_path, form):
    assert main(["--pages", "12", "--format", form, "-o", str(tmp_path / "made")]) == 0
    assert any(path.stat().st_size for path in (tmp_path / "made" / "crawl").rglob("*"))


def test_folder_with_files_is_left_alone(tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("do not touch")
    assert main(["--pages", "5", "-o", str(tmp_path)]) == 2
    assert "not an empty folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_teasers_are_beginnings_of_other_pages():
    words = vocabulary(1)
    teasers = [part.text for part in page_of(1, 50, 5, words).parts if part.kind == "teaser"]
    paragraphs = [part.text for n in range(50) for part in page_of(1, n, 5, words).parts]
    assert all(any(p.startswith(t.rstrip("…")) for p in paragraphs) for t in teasers)
