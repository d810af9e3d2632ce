"""What a run will take is told before, and a disk that is too small ends it at once."""

import shutil
from types import SimpleNamespace

import pytest

from dedup.engines.local import LocalEngine
from dedup.errors import DedupError
from dedup.pipeline.result_index import index_result
from dedup.pipeline.run import clean_to_folder, find_to_folder
from dedup.settings import FindSettings, Place, RunSettings, Settings, least_memory


@pytest.fixture
def crawl(tmp_path):
    (tmp_path / "in").mkdir()
    for n in range(20):
        text = "\n".join(
            f"Line {i} of page {n} tells of harbour number {i * n}." for i in range(99)
        )
        (tmp_path / "in" / f"{n}.txt").write_text(text)
    return tmp_path / "in"


def say_free(monkeypatch, n_bytes):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=n_bytes))


@pytest.mark.parametrize("unit", ["both", "block", "document", "passage"])
def test_a_run_tells_what_it_will_take(crawl, tmp_path, unit):
    told = []
    place, settings = Place(tmp_path / "out"), Settings()
    find_to_folder(crawl, place, settings, FindSettings(unit=unit), tell=told.append)
    (effort,) = told
    assert effort.text == sum(path.stat().st_size for path in crawl.iterdir())
    assert effort.files > effort.text > effort.result > 0
    assert effort.memory == settings.run.memory_bytes


def test_a_disk_that_is_too_small_is_one_sentence_before_anything_is_read(
    crawl, tmp_path, monkeypatch
):
    say_free(monkeypatch, 1000)
    stages = []
    with pytest.raises(DedupError, match=r"about .* of disk are needed in .* --temp names"):
        clean_to_folder(crawl, Place(tmp_path / "out"), Settings(), observe=stages.append)
    assert stages == []
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_disk_that_is_large_enough_is_used(crawl, tmp_path, monkeypatch):
    say_free(monkeypatch, 1 << 40)
    assert clean_to_folder(crawl, Place(tmp_path / "out"), Settings()).counts.read == 20


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_what_the_programs_take_is_not_left_for_sorting(workers):
    least = RunSettings(workers=workers, memory_bytes=least_memory(workers))
    more = RunSettings(workers=workers, memory_bytes=least_memory(workers) + 1000)
    assert more.query_bytes - least.query_bytes == 1000
    assert 0 < least.query_bytes < least.memory_bytes


def test_every_run_leaves_the_programs_their_share(crawl, tmp_path, monkeypatch):
    given = []

    class Noted(LocalEngine):
        def __init__(self, **options):
            given.append(options["memory_bytes"])
            super().__init__(**options)

    monkeypatch.setattr("dedup.pipeline.run.LocalEngine", Noted)
    run = RunSettings(memory_bytes=3 << 30)
    clean_to_folder(crawl, Place(tmp_path / "out"), Settings(run=run))
    index_result(tmp_path / "out", tmp_path / "index", run)
    assert given == [run.query_bytes] * 2
