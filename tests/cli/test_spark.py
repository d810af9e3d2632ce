"""`--engine spark` on a cluster of two executors, each a process of its own."""

import os
import signal
import time
from pathlib import Path

import pytest
from cli_support import CORPUS, run_dedup, start_dedup, table_bytes
from spark_support import QUICK, missing_spark

EXECUTOR = b"CoarseGrainedExecutorBackend"


@pytest.fixture
def _spark(monkeypatch):
    reason = missing_spark()
    if reason is not None:
        pytest.skip(reason)
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", QUICK)


def executors(session: int) -> list[int]:
    """List the executors that a process group's leader has started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if int(fields[3]) == session and EXECUTOR in command:
            found.append(int(entry.name))
    return sorted(found)


def wait_for(run, seen) -> None:
    """Wait until something is seen of a run that goes on."""
    until = time.monotonic() + 300
    while not seen():
        assert run.poll() is None, run.stderr.read().decode()
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.usefixtures("_spark")
def test_without_a_folder_for_them_its_files_lie_beside_the_result(tmp_path):
    find = ["find", CORPUS / "crawl", "--unit", "document", "-q"]
    plain = run_dedup(*find, "-o", tmp_path / "plain")
    assert plain.returncode == 0, plain.stderr
    done = run_dedup(*find, "-o", tmp_path / "out", "--engine", "spark", "--master", "local[2]")
    assert done.returncode == 0, done.stderr
    assert table_bytes(tmp_path / "out") == table_bytes(tmp_path / "plain")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "plain"]


@pytest.mark.usefixtures("_spark")
def test_an_executor_that_is_killed_in_the_middle_changes_no_byte(cleaned, tmp_path):
    cluster = ["--engine", "spark", "--master", "local-cluster[2,1,1024]"]
    folder = tmp_path / "steps"
    folder.mkdir()
    out = tmp_path / "out"
    run = start_dedup("clean", CORPUS / "crawl", "-o", out, "-q", "--temp", folder, *cluster)
    try:
        # this folder is there as soon as its stage has written its first file
        wait_for(run, lambda: list(folder.glob("dedup-*/*-classify")))
        before = executors(run.pid)
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        wait_for(run, lambda: set(executors(run.pid)) - set(before))
        _, told = run.communicate(timeout=400)
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
    assert run.returncode == 0, told.decode()
    assert table_bytes(out) == table_bytes(cleaned)
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--master", "local[2]"], "master has no effect without engine spark"),
        (["--engine", "spark", "--workers", "2"], "--workers has no effect with --engine spark"),
        (["--temp", "hdfs://host/temp"], "without engine spark it is a local folder"),
    ],
)
def test_options_that_do_nothing_are_refused(tmp_path, options, told):
    done = run_dedup("clean", CORPUS / "crawl", "-o", tmp_path / "out", *options)
    assert done.returncode == 2
    assert told in done.stderr


def test_standard_input_is_refused(tmp_path):
    done = run_dedup("clean", "-", "-o", tmp_path / "out", "--engine", "spark", stdin=b"text")
    assert done.returncode == 2
    assert "executors cannot read standard input" in done.stderr
