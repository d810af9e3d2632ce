"""A run that is killed or interrupted leaves nothing under a final name."""

import os
import signal
import subprocess
import sys
import time

import pytest
from cli_support import read_table, run_dedup, start_dedup, write_ports


@pytest.fixture(scope="module")
def crawl(tmp_path_factory):
    return write_ports(tmp_path_factory.mktemp("interrupted") / "crawl", 40, 2000, 2000)


def wait_until_it_works(run, folder):
    """Wait until the first files of the run appear beside its output."""
    deadline = time.monotonic() + 60
    while not any(path.suffix == ".arrow" for path in folder.rglob("*")):
        assert run.poll() is None, run.stderr.read().decode()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_killed_run_leaves_nothing_and_the_next_one_clears_up(crawl, tmp_path):
    run = start_dedup("clean", crawl, "-o", tmp_path / "out", "--workers", "2")
    wait_until_it_works(run, tmp_path)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == []
    done = run_dedup("clean", crawl, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert read_table(tmp_path / "out" / "documents").num_rows == 40


def test_killed_replacement_leaves_the_old_result(crawl, tmp_path):
    first = run_dedup("clean", crawl / "00.html", "-o", tmp_path / "out")
    assert first.returncode == 0, first.stderr
    run = start_dedup("clean", crawl, "-o", tmp_path / "out", "--overwrite")
    wait_until_it_works(run, tmp_path)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    assert read_table(tmp_path / "out" / "documents").num_rows == 1


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
    ids=["Ctrl-C", "terminate"],
)
def test_interrupted_run_clears_up_and_says_so(crawl, tmp_path, sent, status, said):
    run = start_dedup("clean", crawl, "-o", tmp_path / "out", "--workers", "2")
    wait_until_it_works(run, tmp_path)
    os.killpg(run.pid, sent) if sent == signal.SIGINT else os.kill(run.pid, sent)
    _, stderr = run.communicate(timeout=60)
    assert run.returncode == status, stderr.decode()
    assert list(tmp_path.iterdir()) == []
    assert stderr.decode().strip() == f"dedup: {said}; no result was written"


FINALIZED = """
import os, signal, click
from dedup.cli import main
from dedup.cli.progress import watch

class Finalized:
    def __del__(self):
        {happens}

@main.dedup.command()
def finalize():
    with watch(quiet=True) as observe:
        Finalized()
        click.echo("went on")
        observe(None)
        click.echo("and on")

main.main()
"""


def finalize(happens):
    program = FINALIZED.format(happens=happens)
    return subprocess.run(
        [sys.executable, "-c", program, "finalize"], check=False, capture_output=True, text=True
    )


def test_an_interrupt_that_a_finalizer_loses_is_heeded_at_the_next_step():
    done = finalize("os.kill(os.getpid(), signal.SIGINT)")
    assert (done.returncode, done.stdout) == (130, "went on\n")
    assert done.stderr.strip() == "dedup: interrupted; no result was written"


def test_an_error_that_a_finalizer_loses_is_told():
    done = finalize("raise KeyError(7)")
    assert (done.returncode, done.stdout) == (0, "went on\nand on\n")
    assert done.stderr.endswith("KeyError: 7\n")
