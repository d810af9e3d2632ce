"""Progress on standard error, when a person is there to see it."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dedup.engines.base import Observer, Progress
    from dedup.pipeline.estimate import Estimate


LONG = 60
"""Seconds of a run from which on it is told what it will take."""


class Terminated(BaseException):
    """The process was asked to end; whatever it had begun is cleared up on the way out."""


@contextmanager
def watch(*, quiet: bool) -> "Iterator[Observer]":
    """Show each stage as it runs: documents, MB/s and the time that is left.

    Yields
    ------
    What an engine calls after each batch. It shows nothing if `quiet`, or if standard error
    is no terminal; a signal to stop that was lost on its way is heeded here.
    """
    noted = click.get_current_context().obj
    asked: list[int] = [] if noted is None else noted
    with _heeded(asked), _shown(asked, quiet=quiet) as observe:
        yield observe


@contextmanager
def _heeded(asked: list[int]) -> Iterator[None]:
    """Tell of no signal's exception that a finalizer loses: who observes heeds it."""

    def tell(lost: "sys.UnraisableHookArgs") -> None:
        if not (asked and isinstance(lost.exc_value, KeyboardInterrupt | Terminated)):
            before(lost)

    before, sys.unraisablehook = sys.unraisablehook, tell
    try:
        yield
    finally:
        sys.unraisablehook = before


@contextmanager
def _shown(asked: list[int], *, quiet: bool) -> "Iterator[Observer]":
    """Show each stage, and stop where a signal was noted in `asked`."""

    def heed(_progress: "Progress") -> None:
        if asked:
            raise Terminated if asked[0] == signal.SIGTERM else KeyboardInterrupt

    if quiet or not sys.stderr.isatty():
        yield heed
        return
    from rich import progress as bars  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415 - 0.1 s that scripts need not pay

    bar = bars.Progress(
        bars.TextColumn("{task.description:<22}"),
        bars.BarColumn(bar_width=24),
        bars.TextColumn("{task.fields[figures]}"),
        bars.TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("starting", total=None, figures="")

        def observe(progress: "Progress") -> None:
            heed(progress)
            bar.update(
                task,
                description=progress.stage,
                total=None if progress.fraction is None else 1.0,
                completed=progress.fraction or 0.0,
                figures=figures(progress),
            )

        yield observe


def teller(*, quiet: bool) -> "Callable[[Estimate], None]":
    """Make what says, unless `quiet`, what a run will take, if that is worth saying."""

    def tell(effort: "Estimate") -> None:
        if effort.seconds >= LONG and not quiet:
            click.echo(str(effort), err=True)

    return tell


def figures(progress: "Progress") -> str:
    """Say how much is done and how fast.

    Examples
    --------
    >>> from dedup.engines.base import Progress
    >>> figures(Progress("read", rows=1204, n_bytes=52_000_000, fraction=None, seconds=2.0))
    '1,204 rows, 26.0 MB/s'
    """
    if not progress.rows:
        return ""
    speed = progress.n_bytes / 1e6 / progress.seconds if progress.seconds > 0 else 0.0
    return f"{progress.rows:,} rows, {speed:.1f} MB/s"
