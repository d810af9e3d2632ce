"""The benchmark of sketches runs and says what it measured."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_speed_and_error_of_each_kind_are_shown_and_kept(tmp_path):
    words = [sys.executable, "-m", "benchmarks", "sketches", "--documents", "20", "--pairs", "200"]
    words += ["--results", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, check=True, text=True, timeout=120)
    assert (tmp_path / "sketches.md").read_text(encoding="utf-8") == done.stdout[:-1]
    kept = json.loads((tmp_path / "sketches.json").read_text(encoding="utf-8"))
    assert set(kept) == {"machine", "speeds", "errors"}
    origin, speed, error = done.stdout.strip().split("\n\n")
    assert origin.startswith("`python -m benchmarks sketches`")
    for kind in ("minhash", "fss"):
        assert f"text to {kind} signatures" in speed
    names, _, *rows = ([cell.strip() for cell in row.split("|")] for row in error.splitlines())
    theory, fast = names.index("error², theory"), names.index("error², fss")
    (small,) = (row for row in rows if row[1] == "20")
    assert 0.3 < float(small[fast]) / float(small[theory]) < 0.8
