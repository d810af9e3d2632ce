"""What inputs stand for."""

import pytest

from dedup.errors import BadInput
from dedup.read import expand, read_source
from dedup.settings import ReadSettings


@pytest.fixture
def crawl(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("b/page.html", "a/one.txt", "a/two.txt.gz", "a/logo.png", "a/.hidden.txt"):
        path = tmp_path / "crawl" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("The harbour froze over.")
    return tmp_path / "crawl"


def names(*inputs):
    return [source.name for source in expand(inputs, ReadSettings())]


def test_a_folder_is_walked_in_order_without_pictures_and_hidden_files(crawl):  # noqa: ARG001
    assert names("crawl") == ["crawl/a/one.txt", "crawl/a/two.txt.gz", "crawl/b/page.html"]


@pytest.mark.parametrize(
    "inputs", [("crawl/a/one.txt", "crawl"), ("crawl", "crawl/"), ("./crawl", "crawl/*/*")]
)
def test_a_file_that_is_named_twice_is_read_once(crawl, inputs):  # noqa: ARG001
    assert names(*inputs) == names("crawl")
    assert expand(inputs, ReadSettings()) == expand(inputs[::-1], ReadSettings())


def test_patterns(crawl):  # noqa: ARG001
    assert names("crawl/a/*.txt") == ["crawl/a/one.txt"]
    assert names("crawl/**/*.html") == ["crawl/b/page.html"]


def test_walked_files_belong_to_the_folder_as_their_site(crawl):  # noqa: ARG001
    assert {source.site for source in expand(["crawl"], ReadSettings())} == {"crawl"}


def test_a_name_with_brackets_is_a_file_if_it_exists(crawl):
    (crawl / "a[1].txt").write_text("ice")
    assert names("crawl/a[1].txt") == ["crawl/a[1].txt"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("crawl/a/one.tx", r"did you mean crawl/a/one.txt\?"),
        ("crawl/*.warc", "no file matches"),
        ("nowhere/at/all", "there is no such file"),
        ("bogus://bucket/x", "cannot be opened"),
    ],
)
def test_what_leads_nowhere_is_said(crawl, text, message):  # noqa: ARG001
    with pytest.raises(BadInput, match=message):
        names(text)


def test_an_empty_folder_leads_nowhere(tmp_path):
    with pytest.raises(BadInput, match="no pages"):
        names(str(tmp_path))


def test_a_circle_of_links_ends(crawl):
    (crawl / "a" / "again").symlink_to(crawl)
    assert names("crawl") == ["crawl/a/one.txt", "crawl/a/two.txt.gz", "crawl/b/page.html"]


def test_a_file_that_cannot_be_opened_is_a_row(crawl):
    (source,) = expand([str(crawl / "a" / "one.txt")], ReadSettings())
    (crawl / "a" / "one.txt").unlink()
    (batch,) = read_source(source, ReadSettings())
    assert "No such file" in batch.column("rejected")[0].as_py()
