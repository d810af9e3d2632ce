"""`dedup clean --max-removal`: a run that would take nearly all of a source stops, and says why."""

import json
import re

import pyarrow as pa
import pytest
from cli_support import PARAGRAPHS, read_rows, run_dedup, table_bytes

import dedup
from dedup.errors import TooMuchRemoved

STORY = " ".join(PARAGRAPHS)
OTHER = (
    "The covered market on the square will close for good at the end of the year, after one "
    "hundred and twelve years in which three generations sold cheese, herrings and flowers."
)
EMPTY = "* * *"


def write(path, texts, name="page"):
    rows = ({"id": f"{name}-{n:03d}", "text": text} for n, text in enumerate(texts))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def clean(*arguments, cwd):
    return run_dedup("clean", *arguments, "-o", "out", "--workers", "1", cwd=cwd)


def stopped(*arguments, cwd):
    """Lines on standard error of a run that must stop before it writes, but for how to go on."""
    before = sorted(path.name for path in cwd.iterdir() if path.name != ".out.partial")
    done = clean(*arguments, cwd=cwd)
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    after = sorted(path.name for path in cwd.iterdir())
    assert after == sorted([*before, ".out.partial"])
    *lines, go_on = done.stderr.splitlines()
    assert re.fullmatch(r"the same command goes on from there; until then .* stay in .*", go_on)
    return lines


@pytest.fixture
def copies(tmp_path):
    return write(tmp_path / "copies.jsonl", [STORY] * 120)


def test_message_names_sources_clusters_and_how_to_go_on(tmp_path):
    near = [STORY.replace("Thursday", f"the {n}th") for n in range(30)]
    texts = [f"{STORY} The end.", *[STORY] * 60, *near, *[OTHER] * 12, *[EMPTY] * 7]
    write(tmp_path / "two words.jsonl", texts, "story")
    write(tmp_path / "menus.jsonl", [EMPTY] * 130, "menu")
    write(tmp_path / "fine.jsonl", ["The lighthouse was painted white again."] * 50, "fine")
    lines = stopped("two words.jsonl", "menus.jsonl", "fine.jsonl", cwd=tmp_path)
    assert lines == [
        "dedup: nothing was written: 2 sources would lose more than 90 % of their documents "
        "(--max-removal 0.9).",
        "menus.jsonl would lose 130 of 130 documents: 130 have no body.",
        "'two words.jsonl' would lose 108 of 110 documents: 90 are copies of story-000 "
        "(similarity 0.86 to 0.97), 11 are copies of story-091 (similarity 1), 7 have no body.",
        "To remove them all the same: --allow-removal menus.jsonl "
        "--allow-removal 'two words.jsonl'",
        "To see why each would go: --annotate, which removes nothing.",
    ]


def test_at_most_five_sources_and_three_clusters_are_named(tmp_path):
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    stories = [f"On {day} {' '.join(f'{day}{n}' for n in range(60))}." for day in days]
    for n in range(7):
        write(tmp_path / f"{n}.jsonl", stories * (21 + n), f"s{n}")
    lines = stopped(*(f"{n}.jsonl" for n in range(7)), cwd=tmp_path)
    assert lines[0].startswith("dedup: nothing was written: 7 sources would lose")
    assert [line.split()[0] for line in lines[1:6]] == [f"{n}.jsonl" for n in (6, 5, 4, 3, 2)]
    assert lines[6] == "And 2 others."
    assert lines[5].count("are copies of s0-") == 3
    assert lines[5].endswith("are copies of 2 other documents.")
    assert lines[7].count("--allow-removal") == 5


def test_a_source_is_allowed_by_its_whole_name(tmp_path, copies):
    stopped(copies.name, "--allow-removal", "copies", cwd=tmp_path)
    stopped(copies.name, "--allow-removal", str(copies), cwd=tmp_path)
    done = clean(copies.name, "--allow-removal", copies.name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sum(row["keep"] for row in read_rows(tmp_path / "out" / "documents")) == 1
    assert not (tmp_path / ".out.partial").exists()
    (warning,) = json.loads((tmp_path / "out" / "manifest.json").read_text())["warnings"]
    assert warning.startswith("119 of the 120 documents of copies.jsonl are removed")
    assert warning in done.stdout


def test_only_the_sources_that_are_named_are_allowed(tmp_path, copies):
    write(tmp_path / "menus.jsonl", [EMPTY] * 130)
    lines = stopped(copies.name, "menus.jsonl", "--allow-removal", copies.name, cwd=tmp_path)
    assert lines[1].startswith("menus.jsonl would lose 130")
    assert not any(copies.name in line for line in lines)


def test_an_old_result_stays_when_the_new_run_stops(tmp_path, copies):
    write(tmp_path / "story.jsonl", [STORY])
    assert clean("story.jsonl", cwd=tmp_path).returncode == 0
    old = table_bytes(tmp_path / "out")
    stopped(copies.name, "--overwrite", cwd=tmp_path)
    assert table_bytes(tmp_path / "out") == old


def test_an_annotated_run_only_warns(tmp_path, copies):
    done = clean(copies.name, "--annotate", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "119 of the 120 documents of copies.jsonl would be removed" in done.stdout
    assert all(row["text"] == STORY for row in read_rows(tmp_path / "out" / "documents"))


def test_finding_removes_nothing_and_is_not_stopped(tmp_path, copies):
    done = run_dedup("find", copies, "-o", tmp_path / "out", "--unit", "document")
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stdout


def test_share_and_size_from_which_a_run_stops(tmp_path):
    distinct = [" ".join(f"w{n}x{i}" for i in range(40)) + "." for n in range(10)]
    write(tmp_path / "small.jsonl", [OTHER] * 99)
    write(tmp_path / "even.jsonl", [*distinct[:9], *[STORY] * 91])
    done = clean("small.jsonl", "even.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    stopped("even.jsonl", "--max-removal", "0.89", "--overwrite", cwd=tmp_path)
    done = clean("even.jsonl", "--max-removal", "0.9", "--overwrite", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_names_that_a_terminal_would_obey_are_spelled_out_and_can_be_given_back(tmp_path):
    name = "red \x1b[31m\n\u202e'night.jsonl"
    write(tmp_path / name, [STORY] * 120, "\x1b]0;title\x07" + "long" * 50)
    lines = stopped(name, cwd=tmp_path)
    assert len(lines) == 4
    assert all(line.isprintable() for line in lines)
    assert "\\x1b]0;title\\x07long" in lines[1]
    assert len(lines[1]) < 400
    told = re.search(r"--allow-removal (.*)", lines[2])[1]
    done = run_dedup_in_a_shell(f"clean *.jsonl -o out --allow-removal {told}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert all(line.isprintable() for line in done.stdout.splitlines())


def run_dedup_in_a_shell(line, cwd):
    import shlex  # noqa: PLC0415

    arguments = [word for word in shlex.split(line) if word != "*.jsonl"]
    return run_dedup(*arguments, *[path.name for path in cwd.glob("*.jsonl")], cwd=cwd)


def test_names_that_are_no_utf8_can_be_allowed(tmp_path):
    name = "caf\udce9.jsonl"
    write(tmp_path / name, [STORY] * 120)
    lines = stopped(name, cwd=tmp_path)
    assert lines[2].endswith("'caf\\udce9.jsonl'")
    done = clean(name, "--allow-removal", name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["inputs"] == [
        "caf\\udce9.jsonl"
    ]


@pytest.mark.parametrize(
    "options",
    [
        ["--max-removal", "1.5"],
        ["--max-removal", "most"],
        ["--annotate", "--allow-removal", "copies.jsonl"],
    ],
)
def test_impossible_guards_are_refused(tmp_path, copies, options):
    done = clean(copies.name, *options, cwd=tmp_path)
    assert done.returncode == 2
    assert "removal" in done.stderr


def test_a_table_in_memory_is_guarded_too():
    table = pa.table({"text": [STORY] * 120})
    with pytest.raises(TooMuchRemoved, match="table would lose 119 of 120 documents"):
        dedup.clean(table)
