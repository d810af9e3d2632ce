import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from dedup.report import environment
from dedup.report.environment import make_environment


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Where compiled templates are kept, as long as the test lasts."""
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    folder = Path(cache_from_source(environment.__file__)).parent
    folder.mkdir(parents=True)
    return folder


def test_templates_are_compiled_once(folder):
    make_environment(10).get_template("report.html")
    (kept,) = folder.iterdir()
    written = kept.stat()
    make_environment(10).get_template("report.html")
    assert [path.stat() for path in folder.iterdir()] == [written]


def test_templates_are_compiled_again_with_other_options(folder):
    make_environment(10).get_template("report.html")
    (kept,) = folder.iterdir()
    before = kept.read_bytes()
    opened = make_environment(10)
    opened.trim_blocks = False
    opened.get_template("report.html")
    assert kept.read_bytes() != before


def test_nothing_is_kept_where_python_keeps_nothing(folder, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    make_environment(10).get_template("report.html")
    assert not list(folder.iterdir())


def test_a_folder_that_goes_away_keeps_nothing(folder):
    opened = make_environment(10)
    folder.rmdir()
    assert opened.get_template("report.html")
