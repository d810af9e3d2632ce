"""Results are written to any file system that fsspec knows."""

import fsspec
from cli_support import CORPUS, run_dedup
from click.testing import CliRunner

from dedup.cli.main import dedup as command


def test_a_crawl_is_cleaned_into_a_bucket(tmp_path):
    system = fsspec.filesystem("memory")
    system.store.clear()
    words = ["clean", str(CORPUS), "-o", "memory://bucket/cleaned", "--workers", "1"]
    done = CliRunner().invoke(command, words)
    assert done.exit_code == 0, done.output
    assert "written to  memory://bucket/cleaned" in done.output
    system.get("/bucket/cleaned", str(tmp_path / "got"), recursive=True)
    assert run_dedup("clean", CORPUS, "-o", tmp_path / "here").returncode == 0
    for path in (tmp_path / "here").rglob("part-*"):
        copied = tmp_path / "got" / path.relative_to(tmp_path / "here")
        assert copied.read_bytes() == path.read_bytes()
    assert (tmp_path / "got/report.html").exists()
    done = CliRunner().invoke(command, words)
    assert done.exit_code != 0
    assert "holds a result; --overwrite replaces it" in str(done.exception or done.output)
    assert CliRunner().invoke(command, [*words, "--overwrite"]).exit_code == 0
    system.store.clear()


def test_an_address_of_an_unknown_kind_is_one_sentence(tmp_path):
    done = run_dedup("clean", CORPUS, "-o", "nosuch://bucket/out", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "nosuch://bucket/out: cannot be opened" in done.stderr
