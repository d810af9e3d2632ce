"""A whole run: inputs opened, a job run on an engine, its tables written."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

import dedup
from dedup import schema
from dedup.engines.base import Engine, Frame, Observer, Progress
from dedup.engines.local import LocalEngine
from dedup.pipeline import jobs
from dedup.pipeline.compiling import TO_CLEAN, TO_EXTRACT, compile_ahead, parts_for
from dedup.pipeline.estimate import Estimate, check_disk, estimate
from dedup.pipeline.guard import check_priority
from dedup.pipeline.spark import open_spark, refuse_stdin
from dedup.pipeline.tables import open_tables
from dedup.pipeline.unfinished import Given, open_work
from dedup.read import Source, expand, from_table, read_source
from dedup.read.source import shown
from dedup.report import manifest as manifests
from dedup.report.manifest import Command, Manifest, StageTiming
from dedup.report.output import delete_folder, open_output
from dedup.report.page import write_report
from dedup.report.rejected import write_rejected
from dedup.report.remote_output import choose_destination, deliver
from dedup.report.removal import bound_removals, removal_warnings
from dedup.report.result import Reading
from dedup.settings import (
    Against,
    FindSettings,
    Place,
    ReadSettings,
    RunSettings,
    Settings,
    TableFormat,
)

Inputs = str | Path | Sequence[str | Path]
Tell = Callable[[Estimate], None]
Job = Callable[..., jobs.Outcome[Any]]
Finish = Callable[[Engine[Any], jobs.Outcome[Any]], None]


def nothing(_: object) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class _Run:
    """What becomes the manifest: the command, its settings, and the stages as they end."""

    command: Command
    inputs: tuple[str, ...]
    settings: Settings
    wanted: FindSettings | None = None
    against: str | None = None
    # what tells the index's version
    index: str | None = None
    began: float = field(default_factory=time.perf_counter)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    stages: list[StageTiming] = field(default_factory=list)

    @property
    def judges(self) -> bool:
        """Tell whether blocks are told apart, for which there are most of the kernels."""
        return self.wanted is None or self.wanted.on != "text"


def clean_to_folder(
    inputs: Inputs,
    place: Place,
    settings: Settings,
    *,
    against: Against | None = None,
    observe: Observer | None = None,
    tell: Tell = nothing,
) -> Manifest:
    """Clean a crawl into a folder: documents, blocks, clusters, rejected records, report.

    Parameters
    ----------
    against: an index of earlier runs. What it holds is not kept again.
    tell: told what it will take, before anything is read.

    Raises
    ------
    TooMuchRemoved: a source would lose more than `settings.resolve` lets it.
    DedupError: an input or the output's place cannot be used, or a model not be loaded; or
        the index was built with other settings.
    """
    run = _Run("clean", _addresses(inputs), settings)
    if against is None:
        return _write_result(run, place, jobs.clean, observe, tell)
    from dedup.index import index_version  # noqa: PLC0415 - here alone
    from dedup.pipeline.index import open_against  # noqa: PLC0415

    with open_against(against, settings) as known:
        run = replace(run, against=str(against.folder), index=index_version(known.index.folder))
        job = partial(jobs.clean, index=known.index)
        return _write_result(run, place, job, observe, tell, known.take_in)


def find_to_folder(
    inputs: Inputs,
    place: Place,
    settings: Settings,
    wanted: FindSettings | None = None,
    *,
    observe: Observer | None = None,
    tell: Tell = nothing,
) -> Manifest:
    """Find duplicate documents and blocks, or passages.

    Writes clusters (or passages), pairs if they are wanted, rejected records and report.
    `tell` is told what it will take, before anything is read.

    Raises
    ------
    DedupError: an input or the output's place cannot be used, or a model not be loaded.
    """
    wanted = wanted or FindSettings()
    run = _Run("find", _addresses(inputs), settings, wanted)
    job = jobs.find_in_texts if wanted.on == "text" else jobs.find_in_bodies
    return _write_result(run, place, partial(job, wanted=wanted), observe, tell)


def extract_pages(
    inputs: Inputs, settings: Settings, *, observe: Observer | None = None
) -> Iterator[pa.RecordBatch]:
    """Extract bodies page by page, as they are read.

    Yields
    ------
    extract.EXTRACTED, in the order of the inputs; rejected records are rows too.
    """
    from dedup.classify import load_model  # noqa: PLC0415 - only where blocks are judged
    from dedup.pipeline.extract import EXTRACTED, extract_bodies  # noqa: PLC0415

    stage = partial(extract_bodies, model=load_model(settings.classify.model), settings=settings)
    with open_engine(settings.run, observe=observe) as engine:
        sources = expand(_addresses(inputs), settings.read)
        scan = scan_sources(engine, sources, settings.read)
        parts = parts_for(TO_EXTRACT, sources)
        compile_ahead(parts, settings.run.workers, observe or nothing)
        yield from engine.stream(scan, stage, EXTRACTED, name="extract")


def open_engine(
    settings: RunSettings, *, resumed: Path | None = None, observe: Observer | None = None
) -> AbstractContextManager[Engine[Any]]:
    """Start an engine whose files lie in the folder for them, or stay in `resumed`."""
    if settings.engine == "spark":
        return open_spark(settings, beside=resumed, observe=observe)
    return LocalEngine(
        workers=settings.workers,
        memory_bytes=settings.query_bytes,
        temp=Path(settings.temp) if settings.temp else None,
        resumed=resumed,
        observe=observe,
    )


def scan_inputs(engine: Engine[Frame], inputs: Inputs | pa.Table, settings: ReadSettings) -> Frame:
    """Name what is to be read: addresses, or a table at hand.

    Raises
    ------
    BadInput: an address leads nowhere.
    """
    if isinstance(inputs, pa.Table):
        return engine.frame(from_table(inputs, settings), schema.DOCUMENTS)
    return scan_sources(engine, expand(_addresses(inputs), settings), settings)


def scan_sources(engine: Engine[Frame], sources: Sequence[Source], settings: ReadSettings) -> Frame:
    """Name the files that are to be read."""
    return engine.scan(
        sources,
        partial(read_source, settings=settings),
        sizes=[source.n_bytes or 0 for source in sources],
    )


def _addresses(inputs: Inputs) -> tuple[str, ...]:
    return (str(inputs),) if isinstance(inputs, str | Path) else tuple(str(i) for i in inputs)


def _write_result(
    run: _Run,
    place: Place,
    job: Job,
    observe: Observer | None,
    tell: Tell,
    finish: Finish | None = None,
) -> Manifest:
    refuse_stdin(run.inputs, run.settings.run)
    temp = run.settings.run.temp
    destination = choose_destination(place.folder, overwrite=place.overwrite, temp=temp)
    overwrite = place.overwrite and destination.target is None
    sources = expand(run.inputs, run.settings.read)
    check_priority(sources, run.settings.resolve)
    with open_output(destination.local, overwrite=overwrite) as folder:
        given = Given(run.command, run.wanted, run.settings, tuple(sources), run.index)
        with open_work(folder, given, overwrite=place.overwrite) as steps:
            with _observed(run, steps, observe) as engine:
                if run.settings.run.engine == "local":
                    effort = estimate(sources, run.command, run.wanted, run.settings.run)
                    check_disk(effort, steps, folder)
                    tell(effort)
                    if run.judges:
                        parts = parts_for(TO_CLEAN, sources)
                        compile_ahead(parts, run.settings.run.workers, observe or nothing)
                scan = scan_sources(engine, sources, run.settings.read)
                threads = run.settings.run.workers if run.settings.run.engine == "local" else 1
                with open_tables(engine, folder, place.table_format, threads=threads) as listed:
                    outcome = job(engine, scan, run.settings, listed=listed)
                    if finish is not None:
                        finish(engine, outcome)
                manifest = _write_manifest(run, engine, outcome, folder, place.table_format)
            means = run.settings.run
            write_report(folder, Reading(means.workers, means.reading_bytes))
    delete_folder(steps)
    deliver(destination)
    return manifest


@contextmanager
def _observed(run: _Run, steps: Path, observe: Observer | None) -> Iterator[Engine[Any]]:
    """Open an engine that notes down each stage as it ends."""

    def note(progress: Progress) -> None:
        if progress.done:
            run.stages.append(
                StageTiming(
                    name=progress.stage,
                    seconds=round(progress.seconds, 3),
                    rows_in=progress.rows,
                    rows_out=progress.rows_out,
                    bytes=progress.n_bytes,
                )
            )
        if observe is not None:
            observe(progress)

    with open_engine(run.settings.run, resumed=steps, observe=note) as engine:
        yield engine


def _write_manifest(
    run: _Run,
    engine: Engine[Frame],
    outcome: jobs.Outcome[Frame],
    folder: Path,
    table_format: TableFormat,
) -> Manifest:
    """Write what could not be read, and what the run has to tell of itself."""
    rejected = write_rejected(engine.batches(outcome.rejected), folder / "rejected.jsonl")
    read = next(stage for stage in run.stages if stage.name == jobs.READ)
    sources, sites = (
        () if outcome.removals is None else bound_removals(engine.batches(outcome.removals), by)
        for by in ("source", "site")
    )
    manifest = Manifest(
        dedup=dedup.__version__,
        command=run.command,
        format=table_format,
        started=run.started.isoformat(timespec="seconds"),
        seconds=round(time.perf_counter() - run.began, 3),
        bytes_read=read.bytes,
        inputs=tuple(shown(address) for address in run.inputs),
        settings=run.settings,
        counts=manifests.count_result(
            folder,
            read=read.rows_in,
            rejected=rejected.rows,
            pairs=_pairs_seen(run.stages),
            how=Reading(memory_bytes=run.settings.run.query_bytes),
        ),
        versions=manifests.part_versions(),
        stages=tuple(run.stages),
        sources=sources,
        sites=sites,
        warnings=removal_warnings(sources, run.settings.resolve),
        against=run.against,
        wanted=run.wanted,
    )
    manifests.write_manifest(folder, manifest)
    return manifest


def _pairs_seen(stages: Sequence[StageTiming]) -> dict[str, int]:
    """Add up the candidate and the verified pairs of the stages that made them."""
    seen: Counter[str] = Counter()
    for stage in stages:
        if stage.name.startswith("verify "):
            what = stage.name.removeprefix("verify ")
            seen[f"candidate {what}"] += stage.rows_in
            seen[f"verified {what}"] += stage.rows_out
    return dict(seen)
