"""A run that was stopped goes on where it was, and gives what a run never stopped gives."""

import json
import os
import signal
import time

import pytest
from cli_support import run_dedup, start_dedup, write_ports

TIMES = {"manifest.json", "report.html"}
"""What tells when and how long a run was."""


@pytest.fixture(scope="module")
def crawl(tmp_path_factory):
    return write_ports(tmp_path_factory.mktemp("resumed") / "crawl", 16, 400, 200)


@pytest.fixture(scope="module")
def whole(crawl):
    done = run_dedup("clean", crawl, "-o", crawl.parent / "whole", "--workers", "2")
    assert done.returncode == 0, done.stderr
    return tables(crawl.parent / "whole")


def tables(result):
    return {
        str(path.relative_to(result)): path.read_bytes()
        for path in sorted(result.rglob("*"))
        if path.is_file() and path.name not in TIMES
    }


def finished_steps(folder):
    """Name the steps that are done, with their seconds, of whatever run lies below a folder."""
    done = {}
    for journal in folder.rglob("*.journal"):
        for line in journal.read_text().splitlines():
            if line.startswith('{"done"'):
                done[journal.stem] = json.loads(line)["done"]["seconds"]
    return done


def stop(run, folder, n_steps, how=signal.SIGKILL):
    """Stop a run as soon as `n_steps` of its steps are done."""
    deadline = time.monotonic() + 120
    while len(finished_steps(folder)) < n_steps:
        assert run.poll() is None, run.stderr.read().decode()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(run.pid, how)
    return run.communicate(timeout=60)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_killed_again_and_again_it_gives_the_same_bytes(crawl, whole, tmp_path, workers):
    command = ["clean", crawl, "-o", tmp_path / "out", "--workers", workers]
    for n_steps in (2, 25, 40):
        stop(start_dedup(*command), tmp_path, n_steps)
        assert [path.name for path in tmp_path.iterdir()] == [".out.partial"]
    before = finished_steps(tmp_path)
    done = run_dedup(*command)
    assert done.returncode == 0, done.stderr
    assert tables(tmp_path / "out") == whole
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    told = json.loads((tmp_path / "out" / "manifest.json").read_bytes())["stages"]
    seconds = [stage["seconds"] for stage in told]
    # what was done is not done again
    assert len(before) >= 40
    assert {round(spent, 3) for spent in before.values()} <= set(seconds)


def test_it_goes_on_from_the_folder_for_intermediate_files(crawl, whole, tmp_path):
    (tmp_path / "temp").mkdir()
    command = ["clean", crawl, "-o", tmp_path / "out", "--temp", tmp_path / "temp"]
    stop(start_dedup(*command), tmp_path, 9)
    assert len(list((tmp_path / "temp").iterdir())) == 1
    done = run_dedup(*command)
    assert done.returncode == 0, done.stderr
    assert tables(tmp_path / "out") == whole
    assert list((tmp_path / "temp").iterdir()) == []


def test_interrupted_run_says_how_to_go_on(crawl, whole, tmp_path):
    command = ["clean", crawl, "-o", tmp_path / "out"]
    _, stderr = stop(start_dedup(*command), tmp_path, 9, signal.SIGINT)
    steps = tmp_path / ".out.partial" / "work" / "steps"
    said = stderr.decode().strip()
    assert said.startswith("dedup: interrupted; no result was written; the same command goes on")
    assert said.endswith(f" stay in {steps}")
    done = run_dedup(*command, "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert tables(tmp_path / "out") == whole


def test_other_settings_are_named_and_refused(crawl, tmp_path):
    stop(start_dedup("clean", crawl, "-o", tmp_path / "out"), tmp_path, 9)
    other = ["clean", crawl, "-o", tmp_path / "out", "--threshold", "0.7", "--ngram", "4"]
    refused = run_dedup(*other)
    assert refused.returncode == 2
    assert "documents ngram was 5 and is 4; run it as before, or start afresh" in refused.stderr
    # it can still go on, or make way
    assert len(finished_steps(tmp_path)) >= 9
    done = run_dedup(*other, "--overwrite")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def change(folder):
    (folder / "07.html").write_text("<p>Another page.</p>")
    return "07.html has changed"


def remove(folder):
    (folder / "00.html").unlink()
    return "00.html is no input now"


def add(folder):
    (folder / "zz.html").write_text("<p>A new page.</p>")
    return "zz.html is a new input"


@pytest.mark.parametrize("alter", [change, remove, add])
def test_other_inputs_are_named_and_refused(crawl, tmp_path, alter):
    mine = tmp_path / "crawl"
    mine.mkdir()
    for path in sorted(crawl.iterdir())[:8]:
        (mine / path.name).write_bytes(path.read_bytes())
    stop(start_dedup("clean", mine, "-o", tmp_path / "out"), tmp_path, 9)
    what = alter(mine)
    refused = run_dedup("clean", mine, "-o", tmp_path / "out")
    assert refused.returncode == 2
    assert what in refused.stderr
    assert "--overwrite" in refused.stderr


def test_a_file_that_was_damaged_meanwhile_is_made_again(crawl, whole, tmp_path):
    command = ["clean", crawl, "-o", tmp_path / "out"]
    stop(start_dedup(*command), tmp_path, 25)
    steps = tmp_path / ".out.partial" / "work" / "steps"
    parts = sorted(path for path in steps.glob("*.arrow") if path.stat().st_size > 1000)
    for path in parts[:: max(1, len(parts) // 6)]:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 255
        path.write_bytes(content)
    done = run_dedup(*command)
    assert done.returncode == 0, done.stderr
    assert tables(tmp_path / "out") == whole


def test_what_came_from_standard_input_starts_afresh(crawl, tmp_path):
    run = start_dedup("clean", "-", "-o", tmp_path / "out", "--input-format", "html")
    run.kill()
    run.communicate()
    page = (crawl / "00.html").read_bytes()
    done = run_dedup("clean", "-", "-o", tmp_path / "out", "--input-format", "html", stdin=page)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    "told", ["", "[]", "{}", '{"steps": 1}', '{"steps": "ELSEWHERE"}'], ids=range(5)
)
def test_notes_that_are_not_as_they_were_left_lead_nowhere(crawl, tmp_path, told):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "thesis.journal").write_text("chapter one")
    work = tmp_path / ".out.partial" / "work"
    (work / "steps").mkdir(parents=True)
    (work / "told.json").write_text(told.replace("ELSEWHERE", str(elsewhere)))
    (work / "inputs.txt").write_text("")
    done = run_dedup("clean", crawl / "00.html", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "out"]
    assert (elsewhere / "thesis.journal").read_text() == "chapter one"
