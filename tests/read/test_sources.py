"""What inputs stand for."""

import os
import pickle
import zipfile

import fsspec
import pytest

from dedup.errors import BadInput
from dedup.read import Source, expand, read_source
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
    return [source.address for source in expand(inputs, ReadSettings())]


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


@pytest.mark.parametrize("pattern", ["crawl/**/*.html", "crawl/**", "**/*.html"])
def test_a_pattern_for_all_depths_ends_in_a_circle_of_links(crawl, pattern):
    for n in range(4):
        (crawl / "a" / f"again{n}").symlink_to(crawl)
    assert "crawl/b/page.html" in names(pattern)
    assert len(names(pattern)) <= 3


def test_a_pattern_shows_what_is_hidden_only_if_it_says_so(crawl):
    (crawl / ".cache").mkdir()
    (crawl / ".cache" / "old.txt").write_text("ice")
    assert names("crawl/*/*.txt") == ["crawl/a/one.txt"]
    assert names("crawl/.cache/*.txt") == ["crawl/.cache/old.txt"]
    assert names("crawl/a/.*.txt") == ["crawl/a/.hidden.txt"]


def test_a_pattern_takes_other_endings_only_by_their_name(crawl):
    (crawl / "a" / "notes.md").write_text("ice")
    assert names("crawl/a/*") == ["crawl/a/one.txt", "crawl/a/two.txt.gz"]
    assert names("crawl/a/*.md") == ["crawl/a/notes.md"]


def test_a_file_reached_by_another_way_is_read_once(crawl):
    (crawl / "link.txt").symlink_to(crawl / "a" / "one.txt")
    whole = os.path.realpath(crawl / "a" / "one.txt")
    assert len(expand(["crawl/a/one.txt", "crawl/link.txt", whole], ReadSettings())) == 1
    assert len(expand([f"file://{whole}", "crawl/b/../a/one.txt"], ReadSettings())) == 1


def test_sources_are_the_same_whatever_else_is_read(crawl):
    alone = expand(["crawl/a/one.txt"], ReadSettings())
    (crawl.parent / "other.txt").write_text("ice")
    assert set(alone) < set(expand(["other.txt", "crawl/a/one.txt"], ReadSettings()))


def test_of_a_result_only_the_documents_are_read_again(crawl):
    for name in ("documents/0.parquet", "blocks/0.parquet", "manifest.json", "rejected.jsonl",
                 "report.html"):  # fmt: skip
        path = crawl / "out" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert [name for name in names("crawl") if "out" in name] == ["crawl/out/documents/0.parquet"]


def test_marks_of_other_programs_are_passed_over(crawl):
    for name in ("_SUCCESS", "_metadata", "_index.html"):
        (crawl / "b" / name).write_text("<p>ice</p>")
    assert names("crawl/b") == ["crawl/b/_index.html", "crawl/b/page.html"]


def test_a_name_that_is_no_utf_8_is_spelled_out(crawl):
    path = os.fsencode(crawl / "b") + b"/caf\xe9.txt"
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(b"ice")
    (row,) = [
        row
        for source in expand(["crawl/b"], ReadSettings())
        for batch in read_source(source, ReadSettings())
        for row in batch.to_pylist()
        if row["content"] == "ice"
    ]
    assert row["source"] == "crawl/b/caf\\udce9.txt"


@pytest.mark.parametrize("text", ["", "a" * 5000, "bad\0name", "a**b", "crawl/a/one.txt/x"])
def test_names_that_cannot_be_are_said_in_one_sentence(crawl, text):  # noqa: ARG001
    with pytest.raises(BadInput) as raised:
        names(text)
    assert len(str(raised.value)) < 300


def test_a_folder_that_cannot_be_read_is_said(crawl, monkeypatch):  # noqa: ARG001
    listed = os.scandir

    def scandir(path):
        if str(path).endswith(refused):
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    refused = "crawl/a"
    (source,) = [source for source in expand(["crawl"], ReadSettings()) if source.problem]
    (batch,) = read_source(source, ReadSettings())
    assert batch.column("rejected").to_pylist() == [
        "the folder cannot be opened: Permission denied"
    ]
    refused = "crawl"
    with pytest.raises(BadInput, match="Permission denied"):
        names("crawl")


def test_sources_and_their_errors_travel_to_other_processes():
    source = Source("a.txt", "crawl", 5)
    assert pickle.loads(pickle.dumps(source)) == source
    error = pickle.loads(pickle.dumps(BadInput("a.txt", "is broken", 7)))
    assert str(error) == "a.txt: is broken (at 7)"


def test_remote_folders_are_read_without_pictures_and_hidden_files():
    memory = fsspec.filesystem("memory")
    for name in ("a.txt", "logo.png", ".hidden.txt", ".git/b.txt", "deep/c.html"):
        memory.pipe(f"/mirror/{name}", b"ice")
    found = [source.address for source in expand(["memory://mirror"], ReadSettings())]
    assert found == ["memory:///mirror/a.txt", "memory:///mirror/deep/c.html"]
    twice = ["memory://mirror/a.txt", "memory://mirror/*.txt", "memory://mirror"]
    assert [s.address for s in expand(twice, ReadSettings())] == found
    assert names("memory://mirror/*.png") == ["memory:///mirror/logo.png"]


def test_files_within_an_archive_are_read(crawl):
    with zipfile.ZipFile(crawl / "pages.zip", "w") as archive:
        archive.writestr("pages/a.txt", "ice")
    for address in (f"zip://pages/a.txt::{crawl}/pages.zip", f"zip://pages::{crawl}/pages.zip"):
        (source,) = expand([address], ReadSettings())
        (batch,) = read_source(source, ReadSettings())
        assert batch.column("content").to_pylist() == ["ice"]


def test_a_file_system_that_fails_in_its_own_way_is_said_in_one_sentence(monkeypatch):
    def refuse(address):  # noqa: ARG001
        raise RuntimeError("no credentials\nsee the manual")

    monkeypatch.setattr(fsspec, "url_to_fs", refuse)
    with pytest.raises(BadInput, match=r"^s3://bucket/crawl: cannot be opened: no credentials$"):
        names("s3://bucket/crawl")
