"""Each job, stopped after each of its steps and after each frame that it drops, goes on."""

from functools import partial
from pathlib import Path

import pytest

from dedup.engines.local import LocalEngine, LocalFrame
from dedup.index import Index, deciding, open_index
from dedup.pipeline import jobs
from dedup.pipeline.index import write_index
from dedup.pipeline.run import scan_inputs
from dedup.settings import FindSettings, ResolveSettings, Settings

CRAWL = Path(__file__).parents[2] / "corpus" / "crawl"
SETTINGS = Settings(resolve=ResolveSettings(max_removal=1.0))

JOBS = {
    "clean": jobs.clean,
    "find passages": partial(jobs.find_in_texts, wanted=FindSettings("passage")),
    "find in texts": partial(jobs.find_in_texts, wanted=FindSettings("both")),
    "find in bodies": partial(jobs.find_in_bodies, wanted=FindSettings("both", "body", pairs=True)),
}
BESIDE = "clean beside an index"


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """An index of some pages of the crawl."""
    folder = tmp_path_factory.mktemp("index")
    empty = Index(folder, deciding(SETTINGS, b"no model"), 0, 0, 0)
    with LocalEngine() as engine:
        earlier = scan_inputs(engine, (CRAWL / "html", CRAWL / "forum.jsonl"), SETTINGS.read)
        outcome = jobs.clean(engine, earlier, SETTINGS, index=empty)
        write_index(engine, folder, outcome.fresh, empty)
    return open_index(folder)


@pytest.fixture(params=[*JOBS, BESIDE])
def job(request):
    if request.param == BESIDE:
        return partial(jobs.clean, index=request.getfixturevalue("known"))
    return JOBS[request.param]


class Died(Exception):
    """The machine stopped."""


class Dying(LocalEngine):
    """Dies after so many moments, which are the ends of its steps and its drops."""

    def __init__(self, folder: Path, moments: int | None) -> None:
        self.moments = 0
        self.last = moments
        super().__init__(resumed=folder, observe=self.see)

    def see(self, progress):
        if progress.done:
            self.pass_moment()

    def drop(self, *frames):
        for frame in frames:
            super().drop(frame)
            self.pass_moment()

    def pass_moment(self):
        self.moments += 1
        if self.moments == self.last:
            raise Died


def run(engine, job):
    """Run a job; gives the rows of each of its tables."""
    outcome = job(engine, scan_inputs(engine, CRAWL, SETTINGS.read), SETTINGS)
    frames = vars(outcome) | (vars(outcome.fresh) if outcome.fresh else {})
    frames = {name: frame for name, frame in frames.items() if isinstance(frame, LocalFrame)}
    return {name: engine.table(frame).to_pylist() for name, frame in frames.items()}


def test_job_that_dies_at_every_moment_gives_what_it_gives_alive(job, tmp_path):
    with Dying(tmp_path / "alive", None) as engine:
        expected = run(engine, job)
        moments = engine.moments
    assert moments > 20
    assert any(expected.values())
    for moment in range(1, moments + 1):
        with pytest.raises(Died), Dying(tmp_path / "dying", moment) as engine:
            run(engine, job)
    with Dying(tmp_path / "dying", None) as engine:
        assert run(engine, job) == expected


def test_nothing_is_done_twice(job, tmp_path, monkeypatch):
    with LocalEngine(resumed=tmp_path) as engine:
        expected = run(engine, job)
    monkeypatch.setattr("dedup.engines.local.run_call", done_again)
    monkeypatch.setattr("dedup.engines.local.ask", done_again)
    with LocalEngine(resumed=tmp_path) as engine:
        assert run(engine, job) == expected


def done_again(*_, **__):
    raise AssertionError
