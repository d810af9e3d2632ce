"""The benchmark that kills runs counts its kills, and sees tables that differ."""

import sys

import pytest

from benchmarks import bounded


def test_a_command_that_ends_before_its_kills_is_no_result():
    with pytest.raises(RuntimeError, match="ended after 0 kills, with status 0"):
        bounded.kill_often([sys.executable, "-c", ""], 2, 1.0)


def test_kills_are_counted(monkeypatch):
    monkeypatch.setattr(bounded, "START_SECONDS", 0.2)
    words = [sys.executable, "-c", "import time; time.sleep(60)"]
    assert bounded.kill_often(words, 2, 0.1) == 2


def test_tables_count_and_times_do_not(tmp_path):
    for name, text, started in (("a", "x", "1"), ("b", "x", "2"), ("c", "y", "1")):
        (tmp_path / name / "documents").mkdir(parents=True)
        (tmp_path / name / "documents" / "part-00000.parquet").write_text(text)
        (tmp_path / name / "manifest.json").write_text(started)
    a, b, c = (bounded.table_hashes(tmp_path / name) for name in "abc")
    assert a == b != c
