"""The same input gives the same bytes: twice, in another order, with more workers."""

import shutil

import pytest
from cli_support import CORPUS, run_dedup, table_bytes


@pytest.fixture(scope="module")
def inputs():
    return sorted((CORPUS / "crawl").iterdir())


def clean(inputs, out, *options):
    done = run_dedup("clean", *inputs, "-o", out, *options)
    assert done.returncode == 0, done.stderr
    return table_bytes(out)


def test_documents_blocks_and_clusters_are_the_same_bytes(inputs, tmp_path):
    first = clean(inputs, tmp_path / "one")
    assert {name.split("/")[0] for name in first} >= {"documents", "blocks", "clusters"}
    assert clean(inputs[::-1], tmp_path / "reversed", "--workers", "2") == first
    assert clean(inputs * 2, tmp_path / "named twice", "--workers", "1") == first


def test_clusters_of_find_are_the_same_bytes(inputs, tmp_path):
    results = []
    for name, order, workers in (("one", inputs, 1), ("two", inputs[::-1], 2)):
        done = run_dedup("find", *order, "-o", tmp_path / name, "--workers", workers)
        assert done.returncode == 0, done.stderr
        results.append(table_bytes(tmp_path / name))
    assert results[0] == results[1]


def test_result_moves_with_its_inputs(tmp_path):
    """Relative names make the same result wherever the crawl lies."""
    made = []
    for place in ("here", "there"):
        shutil.copytree(CORPUS / "crawl", tmp_path / place / "crawl")
        done = run_dedup("clean", "crawl", "-o", "out", cwd=tmp_path / place)
        assert done.returncode == 0, done.stderr
        made.append(table_bytes(tmp_path / place / "out"))
    assert made[0] == made[1]
