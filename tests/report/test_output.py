import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from dedup.errors import BadSettings, DedupError, OutputExists
from dedup.report.output import delete_folder, open_output


def write_result(folder, word="tides"):
    (folder / "documents").mkdir()
    (folder / "documents" / "part-00000.parquet").write_text(word)
    (folder / "manifest.json").write_text(json.dumps({"dedup": "0.1.0"}))


def fail_run(place, error, *, overwrite=False):
    with open_output(place, overwrite=overwrite) as folder:
        write_result(folder, "new")
        raise error


def content(place):
    return (place / "documents" / "part-00000.parquet").read_text()


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def test_a_result_gets_its_name_only_when_it_is_complete(tmp_path):
    place = tmp_path / "new" / "parent" / "OUT"
    with open_output(place) as folder:
        write_result(folder)
        assert not place.exists()
    assert content(place) == "tides"
    assert names(place.parent) == ["OUT"]


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "OUT").mkdir()
    with open_output(tmp_path / "OUT") as folder:
        write_result(folder)
    assert content(tmp_path / "OUT") == "tides"


def test_a_failure_leaves_nothing_not_even_the_parents_it_made(tmp_path):
    with pytest.raises(RuntimeError, match="stage failed"):
        fail_run(tmp_path / "new" / "OUT", RuntimeError("stage failed"))
    assert names(tmp_path) == []


def test_an_earlier_result_is_refused_with_the_option_that_replaces_it(tmp_path):
    with open_output(tmp_path / "OUT") as folder:
        write_result(folder)
    with pytest.raises(OutputExists, match="--overwrite"), open_output(tmp_path / "OUT"):
        pass
    assert content(tmp_path / "OUT") == "tides"


def test_overwrite_replaces_an_earlier_result_at_the_end(tmp_path):
    with open_output(tmp_path / "OUT") as folder:
        write_result(folder, "old")
    with open_output(tmp_path / "OUT", overwrite=True) as folder:
        write_result(folder, "new")
        assert content(tmp_path / "OUT") == "old"
    assert content(tmp_path / "OUT") == "new"
    assert names(tmp_path) == ["OUT"]


def test_overwrite_that_fails_keeps_the_earlier_result(tmp_path):
    with open_output(tmp_path / "OUT") as folder:
        write_result(folder, "old")
    with pytest.raises(RuntimeError, match="stage failed"):
        fail_run(tmp_path / "OUT", RuntimeError("stage failed"), overwrite=True)
    assert content(tmp_path / "OUT") == "old"
    assert names(tmp_path) == ["OUT"]


@pytest.mark.parametrize("manifest", [None, "[]", '{"name": "web app"}', "{" * 20])
def test_a_folder_of_other_files_is_never_replaced(tmp_path, manifest):
    place = tmp_path / "OUT"
    place.mkdir()
    (place / "thesis.tex").write_text("chapter one")
    if manifest is not None:
        (place / "manifest.json").write_text(manifest)
    with (
        pytest.raises(OutputExists, match="holds other files than a result of dedup"),
        open_output(place, overwrite=True),
    ):
        pass
    assert (place / "thesis.tex").read_text() == "chapter one"


def test_a_result_with_a_stranger_in_it_is_not_replaced(tmp_path):
    with open_output(tmp_path / "OUT") as folder:
        write_result(folder)
    (tmp_path / "OUT" / "notes.txt").write_text("mine")
    with (
        pytest.raises(OutputExists, match=r"notes\.txt, which dedup did not write"),
        open_output(tmp_path / "OUT", overwrite=True),
    ):
        pass


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "OUT").write_text("a file")
    with (
        pytest.raises(OutputExists, match="is a file"),
        open_output(tmp_path / "OUT", overwrite=True),
    ):
        pass


@pytest.mark.parametrize("address", ["s3://bucket/out", "memory://out", Path("gs://bucket/out")])
def test_a_remote_place_is_refused(address):
    with pytest.raises(BadSettings, match="no path on this machine"), open_output(address):
        pass


def test_a_parent_that_cannot_be_a_folder_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSettings, match="cannot be written"), open_output(tmp_path / "file/OUT"):
        pass


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        RuntimeError("IO Error: Could not write file: No space left on device"),
    ],
)
def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path, error):
    with pytest.raises(DedupError, match="no space is left on the disk"):
        fail_run(tmp_path / "OUT", error)
    assert names(tmp_path) == []


def test_two_runs_do_not_write_one_place(tmp_path):
    with open_output(tmp_path / "OUT") as folder:
        with (
            pytest.raises(OutputExists, match="another run is writing there"),
            open_output(tmp_path / "OUT"),
        ):
            pass
        write_result(folder)
    assert content(tmp_path / "OUT") == "tides"


def test_a_place_that_was_taken_meanwhile_is_not_overwritten(tmp_path):
    def run():
        with open_output(tmp_path / "OUT") as folder:
            write_result(folder)
            (tmp_path / "OUT").mkdir()
            (tmp_path / "OUT" / "other").write_text("")

    with pytest.raises(OutputExists):
        run()
    assert names(tmp_path / "OUT") == ["other"]
    assert names(tmp_path) == ["OUT"]


KILLED = """
import os, signal, sys
from dedup.report import output
from dedup.report.output import delete_folder, open_output

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

place, when = sys.argv[1:]
if when == "between renames":
    real = output.Path.rename
    def rename(self, target):
        if ".partial" in self.name:
            die()
        return real(self, target)
    output.Path.rename = rename
with open_output(place, overwrite=True) as folder:
    (folder / "documents").mkdir()
    (folder / "documents" / "part-00000.parquet").write_text("half")
    if when == "writing":
        die()
    (folder / "manifest.json").write_text('{"dedup": "0.1.0"}')
"""


def kill_run(place, when):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(place), when],
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def test_a_killed_run_leaves_no_final_name_and_the_next_one_clears_up(tmp_path):
    kill_run(tmp_path / "OUT", "writing")
    assert names(tmp_path) == [".OUT.partial"]
    with open_output(tmp_path / "OUT") as folder:
        assert names(folder) == []
        write_result(folder)
    assert names(tmp_path) == ["OUT"]


def test_a_killed_overwrite_leaves_the_earlier_result(tmp_path):
    with open_output(tmp_path / "OUT") as folder:
        write_result(folder, "old")
    kill_run(tmp_path / "OUT", "writing")
    assert content(tmp_path / "OUT") == "old"


def test_an_overwrite_killed_between_its_renames_is_undone_by_the_next_run(tmp_path):
    with open_output(tmp_path / "OUT") as folder:
        write_result(folder, "old")
    kill_run(tmp_path / "OUT", "between renames")
    assert not (tmp_path / "OUT").exists()
    with pytest.raises(OutputExists, match="--overwrite"), open_output(tmp_path / "OUT"):
        pass
    assert content(tmp_path / "OUT") == "old"


def test_a_folder_goes_with_all_that_is_in_it(tmp_path):
    inner = tmp_path / "steps" / "spill"
    inner.mkdir(parents=True)
    for i in range(20):
        (inner / f"{i}.arrow").write_text("words")
    (tmp_path / "steps" / "link").symlink_to(tmp_path / "kept")
    (tmp_path / "kept").write_text("words")
    delete_folder(tmp_path / "steps")
    delete_folder(tmp_path / "never there")
    assert names(tmp_path) == ["kept"]
