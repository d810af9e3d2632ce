"""Worker processes that apply a stage to batches, in order and with bounded memory.

Batches reach a worker as a place in a file, and what it makes is written by the worker itself:
only names and numbers travel, less than a pipe holds. A pool whose workers were killed can then
always be shut down, which before Python 3.11.5 waits for ever to write what nobody reads.
"""

import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import lru_cache
from multiprocessing import forkserver
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, TypeVar

from dedup.buffers import leave_pandas_out
from dedup.errors import DedupError

T = TypeVar("T")
R = TypeVar("R")

PRELOAD = ("dedup.segment.html", "dedup.sketch", "dedup.match", "dedup.classify", "dedup.resolve")
"""Imported once by the fork server; each worker starts with them in memory."""

IN_FLIGHT = 2
"""Tasks a worker may have waiting: enough to stay busy, few enough to bound memory."""


class WorkerDied(DedupError):
    """A worker process was killed, most often for want of memory."""


def start_workers(n_workers: int) -> ProcessPoolExecutor:
    """Start a pool whose workers ignore Ctrl-C (the parent stops them) and die with the parent."""
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload(list(PRELOAD))
        _start_fork_server()
    return ProcessPoolExecutor(n_workers, mp_context=context, initializer=_begin_worker)


def _start_fork_server() -> None:
    """Start the server deaf to Ctrl-C from its first instant: a child inherits what is ignored."""
    if threading.current_thread() is not threading.main_thread():
        forkserver.ensure_running()
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        forkserver.ensure_running()
    finally:
        signal.signal(signal.SIGINT, before)


def stop_workers(pool: ProcessPoolExecutor, *, at_once: bool) -> None:
    """End the workers: when their tasks are done, or at once."""
    if at_once:
        # until Python 3.14 has terminate_workers(), its processes are only known here
        for process in list((getattr(pool, "_processes", None) or {}).values()):
            process.terminate()
    pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def interrupted_later() -> Iterator[None]:
    """Hold Ctrl-C and termination back until the block is done.

    A worker that is being started when an exception comes is known to nobody, and its parent
    would wait for it for ever.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = {
        number: handler
        for number in (signal.SIGINT, signal.SIGTERM)
        if (handler := signal.getsignal(number)) is not None
    }
    for number in before:
        signal.signal(number, lambda number, _frame: arrived.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for each in arrived:
            signal.raise_signal(each)


def _begin_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leave_pandas_out()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def run_ordered(
    pool: ProcessPoolExecutor | None,
    task: Callable[..., R],
    arguments: Iterable[tuple[Any, ...]],
    *,
    n_workers: int,
) -> Iterator[R]:
    """Yield task(*arguments) for each, in order; without a pool in this process.

    Raises
    ------
    WorkerDied: a worker process was killed.
    """
    if pool is None:
        for each in arguments:
            yield task(*each)
        return
    waiting: deque[Future[R]] = deque()
    try:
        for each in arguments:
            with interrupted_later():
                waiting.append(pool.submit(task, *each))
            if len(waiting) > IN_FLIGHT * n_workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as broken:
        raise WorkerDied(
            "a worker process was killed, most likely for want of memory; "
            "run again with fewer --workers"
        ) from broken
    finally:
        for future in waiting:
            future.cancel()


def write_task(task: Any, path: Path) -> Path:
    """Put what all calls of a task share (a stage: a module's function) where workers find it."""
    path.write_bytes(pickle.dumps(task, protocol=pickle.HIGHEST_PROTOCOL))
    return path


@lru_cache(maxsize=1)
def read_task(path: Path) -> Any:
    """Load what `write_task` of the same run put there; once for all calls of a task."""
    return pickle.loads(path.read_bytes())  # noqa: S301 - our own file
