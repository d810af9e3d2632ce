"""The commands of `python -m benchmarks`, and what they keep."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import __main__, scaling, throughput
from benchmarks.compare import ROOT
from benchmarks.large import run as large_runs
from benchmarks.measure import Cost
from corpus.generate import Made, write_part

# as on macOS
NO_PINNING = """
import os, runpy, sys
for name in ("sched_getaffinity", "sched_setaffinity"):
    delattr(os, name)
sys.argv[0] = "benchmarks"
runpy.run_module("benchmarks", run_name="__main__")
"""


@pytest.mark.parametrize("words", [["--help"], ["peers", "--help"]], ids=" ".join)
def test_help_is_shown_where_no_process_can_be_pinned(words):
    done = subprocess.run(
        [sys.executable, "-c", NO_PINNING, *words],
        cwd=ROOT, capture_output=True, check=True, text=True, timeout=120,
    )  # fmt: skip
    assert "usage: python -m benchmarks" in done.stdout


def test_throughput_is_kept_as_the_others_are(tmp_path, monkeypatch, capsys):
    cost = Cost(2.0, 4.0, 5_000_000, 3_000_000)
    monkeypatch.setattr(throughput, "measure", lambda words: _pretend(words, cost))
    words = ["throughput", "--workers", "1", "3", "--crawl", "crawl", "--results", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["benchmarks", *words])
    __main__.main()
    kept = json.loads((tmp_path / "throughput.json").read_text(encoding="utf-8"))
    runs = [(row["command"], row["workers"]) for row in kept["rows"]]
    assert runs == [(name, n) for name in ("clean", "find", "extract") for n in (1, 3)]
    assert {(row["MB"], row["MB/s"], row["MB per CPU second"]) for row in kept["rows"]} == {
        (6.0, 3.0, 1.5)
    }
    assert (tmp_path / "throughput.md").read_text(encoding="utf-8") == capsys.readouterr().out[:-1]


def _pretend(words, cost):
    out = words[words.index("-o") + 1]
    if "." not in out.rpartition("/")[2]:
        Path(out).mkdir()
        (Path(out) / "manifest.json").write_text('{"bytes_read": 6000000}')
    return cost


def test_growth_is_not_hidden_by_start_up():
    start, small, large = (Cost(1.0, cpu, 10, 10) for cpu in (3.0, 4.0, 23.0))
    first = scaling.growth_row(1_000, small, (1_000, small), start)
    row = scaling.growth_row(10_000, large, (1_000, small), start)
    assert first["CPU µs a document beyond start-up"] == 1000
    assert first["times the smallest beyond start-up"] == 1
    assert row["times the smallest"] < 1
    assert row["CPU µs a document beyond start-up"] == 2000
    assert row["times the smallest beyond start-up"] == 2


def test_nothing_is_told_beyond_start_up_where_it_was_all():
    start, small = Cost(1.0, 3.0, 10, 10), Cost(1.0, 2.9, 10, 10)
    row = scaling.growth_row(100, small, (100, small), start)
    assert row["CPU µs a document beyond start-up"] == ""
    assert row["times the smallest beyond start-up"] == ""
    assert row["times the smallest"] == 1


def test_a_large_crawl_is_made_once_and_a_smaller_one_is_its_first_parts(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.large.PAGES_A_PART", 20)
    monkeypatch.setattr("benchmarks.corpora.generate_crawl", _generate_in_parts)
    for _ in range(2):
        small, _, large, _ = rows = list(large_runs(tmp_path, (20, 40), "1GB", 1))
        assert [row["pages"] for row in rows] == [20, 20, 40, 40]
        assert small["GB of pages"] <= large["GB of pages"]
        assert all(row["same tables"] for row in rows)
        assert [path.name for path in tmp_path.iterdir()] == ["crawl-40"]
        monkeypatch.setattr("benchmarks.corpora.generate_crawl", None)


def _generate_in_parts(folder, pages):
    (folder / "crawl").mkdir(parents=True)
    (folder / "truth").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("corpus.generate.PAGES_A_PART", 20)
        for begin in range(0, pages, 20):
            write_part(Made(pages, 1, 5, "jsonl"), folder, begin)
