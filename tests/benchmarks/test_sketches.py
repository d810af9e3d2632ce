"""The benchmark of sketches runs and says what it measured."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_speed_and_error_of_each_kind_are_shown():
    words = [sys.executable, "-m", "benchmarks", "sketches", "--documents", "20", "--pairs", "200"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, check=True, text=True, timeout=120)
    speed, error = done.stdout.split("\n\n")
    for kind in ("minhash", "fss"):
        assert f"text to {kind} signatures" in speed
    names, _, *rows = ([cell.strip() for cell in row.split("|")] for row in error.splitlines())
    theory, fast = names.index("error², theory"), names.index("error², fss")
    (small,) = (row for row in rows if row[1] == "20")
    assert 0.3 < float(small[fast]) / float(small[theory]) < 0.8
