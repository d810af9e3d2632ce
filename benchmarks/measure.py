"""What a command costs: seconds, CPU seconds, and the memory of all its processes together."""

import os
import resource
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.05
POLLED_SHARE = 0.02
"""Of the time, at most, in which memory is looked at: a process stands still meanwhile."""

BYTECODE = {"PYTHONDONTWRITEBYTECODE": ""}
"""Python keeps what it compiles, as an installation does; else each start compiles it anew."""


@dataclass(frozen=True)
class Cost:
    """Of one run of a command."""

    seconds: float
    cpu_seconds: float
    # highest sum over its processes, each shared page counted in parts (PSS)
    peak_bytes: int
    # the same of anonymous memory alone: no files that are mapped or cached
    anonymous_bytes: int


@dataclass(frozen=True)
class Limits:
    """What a command may use."""

    # the one core that it and its children run on; None is any
    core: int | None = None
    seconds: float | None = None


def last_core() -> int | None:
    """Give the last core that this process may use; None where a system cannot pin."""
    return max(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def pin(core: int | None) -> None:
    """Keep this process on one core; None is any."""
    if core is not None:
        os.sched_setaffinity(0, {core})


def measure(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> Cost:
    """Run a command to its end and measure it and all its children, nothing else beside it.

    Raises
    ------
    RuntimeError: the command failed; its standard error is the message.
    TimeoutError: it took longer than it may, and was ended.
    """
    limits = limits or Limits()
    pinned = [] if limits.core is None else ["taskset", "--cpu-list", str(limits.core)]
    before = _children_seconds()
    began = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        run = subprocess.Popen(
            [*pinned, *command],
            cwd=cwd,
            env={**os.environ, **BYTECODE, **(environment or {})},
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )
        peak = _Peak(run.pid)
        watcher = threading.Thread(target=peak.watch, daemon=True)
        watcher.start()
        try:
            run.wait(limits.seconds)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            raise TimeoutError(f"took more than {limits.seconds:g} seconds") from None
        finally:
            seconds = time.perf_counter() - began
            peak.stop.set()
            watcher.join()
        if run.returncode:
            said.seek(0)
            text = said.read().decode(errors="replace")
            raise RuntimeError(f"{' '.join(command)} failed: {text}")
    # what waited for its children tells exactly; where workers are no children of the command,
    # what each had used when it was last seen counts
    watched = sum(peak.ticks.values()) / os.sysconf("SC_CLK_TCK")
    used = max(watched, _children_seconds() - before)
    return Cost(seconds, used, peak.n_bytes, peak.anonymous)


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Peak:
    """Watches the memory of a session of processes from a thread."""

    def __init__(self, session: int) -> None:
        self.session = session
        self.n_bytes = 0
        self.anonymous = 0
        self.ticks: dict[int, int] = {}
        self.stop = threading.Event()

    def watch(self) -> None:
        took = 0.0
        while not self.stop.wait(max(POLL_SECONDS, took / POLLED_SHARE)):
            began = time.perf_counter()
            used = session_use(self.session)
            took = time.perf_counter() - began
            self.n_bytes = max(self.n_bytes, sum(one.n_bytes for one in used.values()))
            self.anonymous = max(self.anonymous, sum(one.anonymous for one in used.values()))
            self.ticks |= {process: one.ticks for process, one in used.items()}


@dataclass(frozen=True)
class Use:
    """Of one process at one time: memory (PSS) in bytes, and processor time."""

    n_bytes: int
    anonymous: int
    ticks: int


def session_use(session: int) -> dict[int, Use]:
    """Tell what each process of a session uses; one that ends meanwhile is left out."""
    used = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if os.getsid(int(entry.name)) != session:
                continue
            times = (entry / "stat").read_text().rpartition(")")[2].split()
            lines = (entry / "smaps_rollup").read_text().splitlines()
        except (OSError, ProcessLookupError):
            continue
        sizes = dict(line.split(":", 1) for line in lines[1:])
        if "Pss" in sizes:
            memory = [int(sizes[name].split()[0]) << 10 for name in ("Pss", "Pss_Anon")]
            used[int(entry.name)] = Use(*memory, int(times[11]) + int(times[12]))
    return used
