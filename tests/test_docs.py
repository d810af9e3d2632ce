"""What README and documents say is so."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import dedup
from dedup.cli.main import dedup as command

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
MARKED = re.compile(r"(?:<!-- ([^>]*?) -->\n)?```(sh|python)\n(.*?)```", re.DOTALL)
BY_CI = {"first run", "tests"}
"""`.ci/run` gives these blocks of the README to a new machine."""


def marked_blocks(page):
    """The blocks of a page that a reader would run, each with what its comment says of it."""
    return [found.groups() for found in MARKED.finditer(page.read_text())]


@pytest.fixture
def reader(tmp_path):
    """A folder with the files that the documents name, made of the sample crawl."""
    crawl = ROOT / "corpus" / "crawl"
    links = {
        "corpus": ROOT / "corpus",
        "page.html": next((crawl / "html").glob("*.html")),
        "new.warc.gz": crawl / "news.warc.gz",
        "crawl/news.warc.gz": crawl / "news.warc.gz",
        "january/news.warc.gz": crawl / "news.warc.gz",
    }
    for name, target in links.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).symlink_to(target)
    shutil.copytree(crawl / "html", tmp_path / "february")
    shutil.copytree(crawl / "text", tmp_path / "march")
    texts = ["The ferries stayed at their berths all morning long."] * 2 + ["Something else."]
    table = pa.table({"id": ["a", "b", "c"], "text": texts})
    (tmp_path / "dataset").mkdir()
    for name in ("docs.parquet", "dataset/part-0.parquet"):
        pq.write_table(table, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_do_what_the_page_says(page, reader):
    blocks = [block for block in marked_blocks(page) if not set_aside(block[0])]
    if not blocks:
        pytest.skip("no block of this page is to be run")
    # the tests' Python first, so that `dedup` is this one
    paths = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for _, language, text in blocks:
        shell = ["bash", "-euo", "pipefail", "-c", text]
        words = shell if language == "sh" else [sys.executable, "-c", text]
        done = subprocess.run(
            words,
            cwd=reader,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PATH": paths},
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
    if page.name == "README.md":
        # its last crawl is the same again
        (documents,) = (reader / "cleaned-02" / "documents").iterdir()
        assert not any(pq.read_table(documents).column("keep").to_pylist())


def set_aside(said):
    """Whether a block is not run here: its comment gives the reason."""
    if said is None:
        return False
    if said.startswith("needs: "):
        return find_spec(said.removeprefix("needs: ")) is None
    return said in BY_CI or bool(re.fullmatch(r"not run: \w.+", said))


def test_site_is_built_without_a_warning(tmp_path):
    pytest.importorskip("mkdocs", reason="needs the extra docs")
    config = str(ROOT / "docs" / "site" / "mkdocs.yml")
    words = ["-m", "mkdocs", "build", "--strict", "-f", config, "-d", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert "double, or null" in (tmp_path / "output.html").read_text()


def commands():
    """All calls of `dedup` in the README, the documents and the commands' help."""
    texts = [
        text for page in PAGES for _, language, text in marked_blocks(page) if language == "sh"
    ]
    subs = list(command.commands.values())
    subs += [each for sub in subs if isinstance(sub, click.Group) for each in sub.commands.values()]
    texts += [sub.help or "" for sub in subs]
    for text in texts:
        for line in text.replace("\\\n", " ").replace("&&", "\n").replace("|", "\n").splitlines():
            call = line.split("#")[0].strip()
            if call.startswith("dedup ") and "COMMAND" not in call:
                yield call


@pytest.mark.parametrize("line", sorted(set(commands())))
def test_options_in_examples_exist(line, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    words = shlex.split(line)[1:]
    sub = command.commands[words[0]]
    if isinstance(sub, click.Group):
        words = words[1:]
        sub = sub.commands[words[0]]
    known = {"--help", *(name for option in sub.params for name in option.opts)}
    given = [word.split("=")[0] for word in words[1:] if word.startswith("-") and word != "-"]
    assert set(given) <= known


def test_python_in_the_readme_compiles():
    sources = [text for language, text in BLOCKS if language == "python"]
    assert sources
    for source in sources:
        compile(source, "README.md", "exec")
        names = set(re.findall(r"dedup\.(\w+)\(", source))
        assert names <= set(dedup.__all__)


@pytest.mark.parametrize("name", sorted(command.commands))
def test_help_has_an_example(name):
    shown = CliRunner().invoke(command, [name, "--help"])
    assert shown.exit_code == 0
    assert f"dedup {name}" in shown.output.split("Example")[1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_columns_in_the_readme_are_those_of_the_schema():
    from dedup import schema  # noqa: PLC0415

    for name, table in (
        ("documents", schema.DOCUMENTS_OUT),
        ("blocks", schema.BLOCKS_OUT),
        ("clusters", schema.CLUSTERS_OUT),
        ("passages", schema.PASSAGES_OUT),
    ):
        (row,) = re.findall(rf"\| `{name}/\*\.parquet` \|[^|]*\| `([^`]*)` \|", README)
        assert row.split(", ") == table.names


def test_version_is_in_the_changelog_or_unreleased():
    text = (ROOT / "CHANGELOG.md").read_text()
    assert f"## {dedup.__version__}" in text or "## Unreleased" in text


def test_nothing_of_a_machine_is_written_down():
    for path in (*ROOT.glob("*.md"), *(ROOT / "dedup").rglob("*.py"), *ROOT.glob("corpus/*.py")):
        assert not re.search(r"/(home|root|work)/\w", path.read_text()), path
