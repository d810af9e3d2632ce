"""`dedup plan`: the curve, the cost, the picture."""

import os
import pty
import re
import subprocess
from xml.etree import ElementTree

import pytest
from cli_support import COMMAND, run_dedup

GOLDEN = """\
bands   18 of 6 rows: 108 of the 128 values of a signature
recall  99.6 % of the pairs whose similarity is 0.8

similarity   words edited   candidate
      0.10         28.9 %     < 0.1 %
      0.20         19.7 %       0.1 %
      0.30         14.3 %       1.3 %
      0.40         10.6 %       7.1 %
      0.50          7.8 %      24.7 %
      0.60          5.6 %      57.7 %
      0.70          3.8 %      89.5 %
      0.80          2.3 %      99.6 %   ← threshold
      0.90          1.1 %      99.9 %
      1.00            0 %       100 %

for 1,000,000 distinct documents, besides the texts and the program itself
candidates  11,000,000 pairs, 9,980,000 of them below the threshold
memory      860.0 MB, and 80 bytes a pair found
disk        1.2 GB in the folder for intermediate files
Assumes that one pair in 100,000 is related, in any degree alike, and that the others have
a similarity of 0.033 on average, exponentially distributed.
"""


def planned(*options, **how):
    done = run_dedup("plan", *options, **how)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_table_of_the_defaults():
    assert planned() == GOLDEN


def test_a_threshold_between_the_steps_has_its_own_row_and_shingles_say_how_much_is_edited():
    rows = planned("--threshold", "0.875", "--ngram", "3").splitlines()
    (row,) = (row for row in rows if "threshold" in row and "←" in row)
    assert row.split()[:3] == ["0.875", "2.3", "%"]


def test_a_recall_that_cannot_be_reached_is_said():
    text = planned("--threshold", "0.1", "--num-perm", "16")
    assert re.search(r"recall  81.5 % .*\n +99.5 % is the aim; .*--num-perm", text)


def test_a_terminal_gets_bars():
    main, side = pty.openpty()
    done = subprocess.run([COMMAND, "plan"], stdout=side, check=True, timeout=60)
    os.close(side)
    shown = os.read(main, 1 << 16).decode()
    os.close(main)
    assert done.returncode == 0
    bars = [line.count("▇") for line in shown.splitlines() if "%   " in line]
    assert bars == sorted(bars)
    assert bars[-1] == 40


def test_picture_shows_the_curve_and_the_threshold(tmp_path):
    planned("--plot", "curve.svg", cwd=tmp_path)
    root = ElementTree.parse(tmp_path / "curve.svg").getroot()
    space = {"svg": "http://www.w3.org/2000/svg"}
    said = [text.text for text in root.findall("svg:text", space)]
    assert {"18 bands of 6 rows", "threshold 0.8", "recall 99.6 %"} <= set(said)
    path = root.find("svg:path", space).get("d")
    points = [tuple(map(float, point.split())) for point in path[1:].split(" L")]
    assert points == sorted(points, key=lambda point: (point[0], -point[1]))
    mark = root.find("svg:circle", space)
    assert (float(mark.get("cx")), float(mark.get("cy"))) in points
    assert [path.name for path in tmp_path.iterdir()] == ["curve.svg"]
    first = (tmp_path / "curve.svg").read_bytes()
    planned("--plot", "curve.svg", "--overwrite", cwd=tmp_path)
    assert (tmp_path / "curve.svg").read_bytes() == first


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--threshold", "2"], "threshold"),
        (["--documents", "0"], "--documents"),
        (["--num-perm", "3"], "num-perm"),
        (["--overwrite"], "--plot"),
        (["--plot", "curve.png"], ".svg"),
        (["--plot", "missing/curve.svg"], "missing/curve.svg: cannot be written"),
        (["--plot", "taken.svg"], "--overwrite"),
        (["corpus.parquet"], "corpus.parquet"),
    ],
)
def test_a_mistake_is_one_sentence(options, said, tmp_path):
    (tmp_path / "taken.svg").write_text("do not touch")
    done = run_dedup("plan", *options, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("dedup: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
    assert (tmp_path / "taken.svg").read_text() == "do not touch"
    assert len(list(tmp_path.iterdir())) == 1
