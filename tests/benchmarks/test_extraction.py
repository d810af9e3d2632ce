"""Extractors beside ours: what they are given, how they are scored, and what is kept."""

import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from benchmarks import compare, extraction, results
from benchmarks.extractors import exchange
from benchmarks.extractors.registry import EXTRACTORS
from benchmarks.extractors.run import extract_all
from benchmarks.measure import Cost
from dedup.classify import load_model
from dedup.classify.align import words
from dedup.classify.labelled import Truth
from dedup.errors import BadInput

FOLDER = Path(exchange.__file__).parent
STORY = [
    "The harbour of Lindau froze over last night, for the first time in more than forty years, "
    "and those who live there walked on the ice at noon, as their parents had told them of when "
    "they were as small as their own children are now.",
    "It held everyone who came, said the man at the landing of the ferry, although he would not "
    "have driven a car over it, and he had seen one that did in the winter of the year 1963, with "
    "the whole of the town standing at the shore.",
    "The ferries will stay where they are until the wind turns, which the weather service does "
    "not expect before the end of next week, and so the bakers go to the island on foot, each of "
    "them with a sledge behind him.",
]
PAGE = (
    "<html><head><title>Ice in the harbour</title></head><body><ul class='nav'>"
    + "".join(f"<li><a href='/{n}'>Section number {n}</a></li>" for n in range(9))
    + "</ul><article><h1>Ice in the harbour</h1>"
    + "".join(f"<p>{line}</p>" for line in STORY)
    + "</article><div class='footer'><a href='/imprint'>Imprint of the publisher</a></div>"
    "</body></html>"
)
COST = Cost(3.0, 2.5, 120_000_000, 90_000_000)
MACHINE = {"processor": "a processor", "commit": "abc", "cores": 2, "pinned to one core": True}
ROWS = [
    {"tool": "dedup", "version": "1", "how": "batches", "F1": 0.9, "F1 forum": 0.8,
     "snippets that must be there": 0.75, "cpu_ms_a_page": 5.0, "failed": 0, "empty": 1,
     "first_error": None, "peak_mb": 200},
    {"tool": "slow", "version": "2", "how": "as it comes", "F1": 0.95, "cpu_ms_a_page": 20.0,
     "failed": 3, "empty": 0, "first_error": "ValueError: no root", "peak_mb": 100},
    {"tool": "absent", "how": "", "skipped": "not installed"},
]  # fmt: skip


@pytest.fixture
def labelled(tmp_path):
    """Two pages of one story."""
    path = tmp_path / "pages.jsonl"
    page = {"html": PAGE, "body": "\n".join(STORY), "type": "article",
            "with": ["froze over last night"], "without": ["Imprint"]}  # fmt: skip
    path.write_text("".join(json.dumps(page) + "\n" for _ in range(2)), encoding="utf-8")
    return path


def run_benchmark(*options):
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", "extraction", *map(str, options)],
        cwd=compare.ROOT, capture_output=True, check=False, text=True, timeout=240,
    )  # fmt: skip


def test_each_extractor_is_named_once_and_has_its_file():
    names = [tool.name for tool in EXTRACTORS]
    assert len(set(names)) == len(names)
    for tool in EXTRACTORS:
        assert (FOLDER / f"{tool.module}.py").exists()
        assert tool.variant
        assert tool.how


@pytest.mark.parametrize("tool", EXTRACTORS, ids=lambda tool: tool.name)
def test_extractor_finds_the_story_of_a_page(tool, labelled, tmp_path):
    try:
        version(tool.package)
    except PackageNotFoundError:
        pytest.skip(f"{tool.name} is not installed (pip install '.[bench]')")
    names = [tool.module, tool.variant, tool.reads, str(labelled), str(tmp_path / "out")]
    subprocess.run(
        [sys.executable, "-m", "benchmarks.extractors.run", *names],
        cwd=compare.ROOT, check=True, timeout=240,
    )  # fmt: skip
    extracted = exchange.read(tmp_path / "out")
    assert extracted.first_error is None
    assert extracted.cpu_seconds > 0
    assert (extracted.strip_cpu_seconds > 0) == (tool.reads == "text")
    scores = extraction.score(extracted, extraction.read_pages(labelled))
    assert len(extracted.texts) == 2
    assert scores["F1"] > 0.8
    assert scores["snippets that must be there"] == 1.0
    assert set(words(STORY[1])) <= set(words(extracted.texts[1]))


def test_page_on_which_a_tool_fails_is_counted_and_scored_as_nothing(labelled):
    def refuse(page):
        if calls.append(page) or len(calls) == 4:
            raise ValueError("no root")
        return STORY[0]

    calls = []
    # two pages to warm up, and two that count
    extracted = extract_all(exchange.PageByPage(refuse), str(labelled), "html")
    assert extracted.texts == [STORY[0], None]
    assert extracted.first_error == "ValueError: no root"
    scores = extraction.score(extracted, extraction.read_pages(labelled))
    assert 0.1 < scores["F1"] < 0.5
    assert scores["snippets that must be there"] == 0.5
    row = extraction.cost_row(extracted, COST)
    assert (row["failed"], row["empty"], row["peak_mb"]) == (1, 0, 120)


def test_texts_that_are_no_unicode_are_kept_as_far_as_they_are(tmp_path):
    exchange.write(tmp_path, exchange.Extracted(["ice \ud800", None, ""], 1.0, 0.0, None))
    assert exchange.read(tmp_path) == exchange.Extracted(["ice ?", None, ""], 1.0, 0.0, None)


def test_scores_of_the_card_are_taken_for_the_pages_that_it_names():
    card = load_model(None).card
    truth = Truth("1", "a.example", "article", "Rain fell.")
    own = extraction.from_card(extraction.Pages(Path("x"), (truth,) * card["pages"], 1))
    assert own.told == card["cross-validated"]
    assert card["data"]["name"] in own.note


def test_other_pages_than_those_of_the_card_are_refused(labelled):
    done = run_benchmark(labelled, "--only", "dedup")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "these are 2: give --unseen if it was not trained on any of them" in line


def test_pages_without_markup_are_refused(tmp_path):
    (tmp_path / "pages.jsonl").write_text('{"text": "Rain fell.", "body": "Rain fell."}\n')
    with pytest.raises(LookupError, match="pages without HTML"):
        extraction.read_pages(tmp_path / "pages.jsonl")
    with pytest.raises(BadInput):
        extraction.read_pages(tmp_path)


def test_unseen_pages_are_scored_as_the_others_are(labelled, tmp_path):
    kept = tmp_path / "results"
    done = run_benchmark(labelled, "--unseen", "--only", "dedup", "resiliparse", "--results", kept)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ")]
    assert {row.split()[1] for row in rows} == {"tool", "dedup", "resiliparse"}
    assert "its model was not trained on these pages" in done.stdout
    assert not kept.exists()


def test_models_trained_anew_are_scored_on_the_pages_that_they_have_not_seen(monkeypatch):
    pages = extraction.read_pages(compare.ROOT / "corpus" / "labelled")
    monkeypatch.setattr("dedup.classify.train.ITERATIONS", 5)
    own = extraction.trained_anew(pages, 2)
    assert set(own.told) == {"html", "text"}
    for told in own.told.values():
        assert 0.3 < told["F1"] <= 1
        assert 0 <= told["snippets that must not"] <= 1
    assert "2 folds" in own.note


def test_table_has_the_best_on_top_and_names_failures_below(tmp_path):
    text = results.write_extraction(tmp_path, ROWS, MACHINE, ["forum"], ["A note."])
    lines = text.splitlines()
    assert "A note." in lines
    table = [line for line in lines if line.startswith("| ")]
    assert table[1] == "| slow 2 | 0.95 |  |  |  | 20.0 | 4.0 | 3 | 0 | 100 |"
    assert table[2] == "| dedup 1 | 0.9 | 0.8 | 0.75 |  | 5.0 | 1.0 | 0 | 1 | 200 |"
    assert "- slow failed on 3, first with ValueError: no root" in lines
    assert "- absent: not installed" in lines
    assert (tmp_path / "extraction.md").read_text(encoding="utf-8") == text
    kept = json.loads((tmp_path / "extraction.json").read_text(encoding="utf-8"))
    assert (kept["rows"], kept["notes"]) == (ROWS, ["A note."])


def test_picture_of_extraction_has_the_same_bytes_each_time(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (pip install '.[bench]')")
    from benchmarks.plot import plot_extraction  # noqa: PLC0415

    plot_extraction(tmp_path / "a.svg", ROWS)
    plot_extraction(tmp_path / "b.svg", ROWS)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert b"slow" in (tmp_path / "a.svg").read_bytes()
    assert b"absent" not in (tmp_path / "a.svg").read_bytes()
