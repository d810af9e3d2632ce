"""What is compiled ahead is all that a run needs, and who waits for it can be stopped."""

import os
import re
import subprocess
import sys
from functools import partial

import pytest
from cli_support import CORPUS

from dedup import jit
from dedup.pipeline import compiling
from dedup.pipeline.compiling import MUCH_HTML, TO_CLEAN, TO_EXTRACT, parts_for, run_all
from dedup.read import Source

AHEAD = "from dedup.pipeline.compiling import *; seen = []; compile_ahead({parts}, 2, seen.append)"


def run_cold(folder, *words):
    """Run Python with kernels of its own, of which it says what it keeps."""
    kernels = {"NUMBA_CACHE_DIR": str(folder), "NUMBA_DEBUG_CACHE": "1"}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder.parent, env=os.environ | kernels, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize(
    ("parts", "words", "left"),
    [
        (TO_CLEAN, ["clean", str(CORPUS / "crawl"), "-q", "-o", "out"], set()),
        # hashing texts is of another part, and is soon compiled
        (
            TO_EXTRACT,
            ["extract", str(CORPUS / "labelled" / "html" / "0000.html.gz")],
            {"runs_kernels.hash_texts"},
        ),
    ],
    ids=["clean", "extract"],
)
def test_what_is_compiled_ahead_is_all_that_a_run_compiles(tmp_path, parts, words, left):
    kernels = tmp_path / "kernels"
    ahead = AHEAD.format(parts=parts)
    said = run_cold(kernels, "-c", f"{ahead}; print(seen[0].fraction, seen[-1].fraction)")
    assert said.splitlines()[-1] == "0.0 1.0"
    run = run_cold(kernels, "-m", "dedup", *words, "--workers", "1")
    assert "data loaded from" in run
    saved = re.findall(r"data saved to '.*/(\w+\.\w+)-", run)
    assert set(saved) == left
    assert run_cold(kernels, "-c", f"{ahead}; print(seen)").splitlines()[-1] == "[]"


def test_nothing_is_left_running_where_one_stops(tmp_path):
    pid = tmp_path / "pid"
    program = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(600)"

    def stop(_n_done):
        if pid.exists() and pid.read_text():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_all([[sys.executable, "-c", program]], 2, stop)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_a_part_that_fails_counts_as_done():
    said = []
    run_all([[sys.executable, "-c", "raise SystemExit(3)"]] * 3, 2, said.append)
    assert said[-1] == 3


def test_a_part_that_cannot_be_started_counts_as_done(tmp_path):
    said = []
    run_all([[str(tmp_path / "python")]], 2, said.append)
    assert said[-1] == 1


def test_one_worker_compiles_what_is_not_noted_in_this_process(monkeypatch):
    compiled, noted, seen = [], {"lighten"}, []
    for part in TO_CLEAN:
        monkeypatch.setitem(compiling.PARTS, part, partial(compiled.append, part))
    monkeypatch.setattr(jit, "is_noted", noted.__contains__)
    monkeypatch.setattr(jit, "note", noted.add)
    compiling.compile_ahead(TO_CLEAN, 1, seen.append)
    assert compiled == ["scan", "judge", "match"]
    assert [round(progress.fraction, 2) for progress in seen] == [0, 0.33, 0.67, 1]
    compiling.compile_ahead(TO_CLEAN, 1, seen.append)
    assert len(compiled) == 3
    assert len(seen) == 4


def test_a_part_is_noted_until_a_kernel_or_the_processor_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(jit.numba.config, "CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.setattr(jit, "__file__", str(tmp_path / "jit.py"))
    path = tmp_path / "some_kernels.py"
    path.write_text("")
    assert not is_noted("scan")
    jit.note("scan")
    assert is_noted("scan")
    assert not is_noted("match")
    with monkeypatch.context() as patch:
        patch.setattr(jit.numba.config, "CPU_NAME", "generic")
        assert not is_noted("scan")
    # an older file may be another one: only the same is the same
    os.utime(path, (1, 1))
    assert not is_noted("scan")
    jit._notes.cache_clear()


def is_noted(part):
    """Ask as a process that has just been started."""
    jit._notes.cache_clear()
    return jit.is_noted(part)


def test_where_nothing_can_be_kept_nothing_is_noted(tmp_path, monkeypatch):
    monkeypatch.setattr(jit, "_notes", lambda: tmp_path / "file")
    (tmp_path / "file").write_text("")
    jit.note("scan")
    assert not jit.is_noted("scan")


@pytest.mark.parametrize(
    ("name", "n_bytes", "is_much"),
    [
        ("crawl.warc.gz", MUCH_HTML, True),
        ("page.HTML", MUCH_HTML, True),
        ("crawl.warc.gz", MUCH_HTML - 1, False),
        ("crawl.wet.gz", MUCH_HTML, False),
        ("texts.jsonl", MUCH_HTML, False),
        ("crawl.warc", None, False),
    ],
)
def test_trees_are_compiled_for_much_html(name, n_bytes, is_much):
    parts = parts_for(TO_CLEAN, [Source(name, "", n_bytes)])
    assert ("tree" in parts) == is_much
    assert parts[-len(TO_CLEAN) :] == TO_CLEAN
