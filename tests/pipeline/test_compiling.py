"""What is compiled ahead is all that a run needs, and who waits for it can be stopped."""

import os
import re
import subprocess
import sys
import time
from importlib.util import module_from_spec, spec_from_file_location

import pytest
from cli_support import CORPUS

from dedup.jit import is_kept
from dedup.pipeline.compiling import TO_CLEAN, TO_EXTRACT, run_all

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
    said = run_cold(
        kernels, "-c", AHEAD.format(parts=parts) + "; print([p.fraction for p in seen][::99999])"
    )
    assert said.splitlines()[-1] == "[0.0]"
    run = run_cold(kernels, "-m", "dedup", *words, "--workers", "1")
    assert "data loaded from" in run
    saved = re.findall(r"data saved to '.*/(\w+\.\w+)-", run)
    assert set(saved) == left
    again = run_cold(
        kernels, "-c", AHEAD.format(parts=parts) + "; print([p.fraction for p in seen])"
    )
    assert again.splitlines()[-1] == "[]"


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


def test_a_kernel_is_kept_until_its_module_changes(tmp_path):
    path = tmp_path / "some_kernels.py"
    path.write_text(
        "from dedup.jit import kernel\n\n\n@kernel\ndef doubled(n):\n    return 2 * n\n"
    )
    spec = spec_from_file_location("some_kernels", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    assert not is_kept(module.doubled)
    assert module.doubled(2) == 4
    assert is_kept(module.doubled)
    later = time.time() + 100
    os.utime(path, (later, later))
    assert not is_kept(module.doubled)
