"""What README and documents say is so."""

import re
import shlex
from pathlib import Path

import click
import pyarrow.parquet as pq
import pytest
from cli_support import run_dedup
from click.testing import CliRunner

import dedup
from dedup.cli.main import dedup as command

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)


def commands():
    """All calls of `dedup` in the README and in the commands' help."""
    texts = [text for language, text in BLOCKS if language == "sh"]
    subs = list(command.commands.values())
    subs += [each for sub in subs if isinstance(sub, click.Group) for each in sub.commands.values()]
    texts += [sub.help or "" for sub in subs]
    for text in texts:
        for line in text.replace("&&", "\n").replace("|", "\n").splitlines():
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
    known = {name for option in sub.params for name in option.opts}
    given = [word.split("=")[0] for word in words[1:] if word.startswith("-") and word != "-"]
    assert set(given) <= known


def test_the_next_crawl_of_the_readme_keeps_nothing_of_the_same_crawl(tmp_path):
    (tmp_path / "corpus").symlink_to(ROOT / "corpus")
    (lines,) = re.findall(r"<!-- next crawl -->\n```sh\n(.*?)```", README, re.DOTALL)
    for line in lines.splitlines():
        done = run_dedup(*shlex.split(line, comments=True)[1:], cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    (documents,) = (tmp_path / "cleaned-02" / "documents").iterdir()
    assert not any(pq.read_table(documents).column("keep").to_pylist())


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


def test_links_lead_to_files():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if "://" not in target:
            assert (ROOT / target).exists(), target


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
