"""What a command costs: seconds, CPU seconds, and the memory of all its processes together."""

import os
import resource
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Cost:
    """Of one run of a command."""

    seconds: float
    cpu_seconds: float
    # highest sum over its processes, each shared page counted in parts (PSS)
    peak_bytes: int


def measure(command: Sequence[str], *, cwd: Path | None = None) -> Cost:
    """Run a command to its end and measure it and all its children.

    Raises
    ------
    RuntimeError: the command failed; its standard error is the message.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    run = subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )
    peak = _Peak(run.pid)
    watcher = threading.Thread(target=peak.watch, daemon=True)
    watcher.start()
    _, stderr = run.communicate()
    seconds = time.perf_counter() - began
    peak.stop.set()
    watcher.join()
    if run.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {stderr.decode(errors='replace')}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return Cost(seconds, used, peak.n_bytes)


class _Peak:
    """Watches the memory of a session of processes from a thread."""

    def __init__(self, session: int) -> None:
        self.session = session
        self.n_bytes = 0
        self.stop = threading.Event()

    def watch(self) -> None:
        while not self.stop.wait(POLL_SECONDS):
            self.n_bytes = max(self.n_bytes, session_bytes(self.session))


def session_bytes(session: int) -> int:
    """Sum the memory (PSS) of all processes of a session; one that ends meanwhile counts 0."""
    total = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if os.getsid(int(entry.name)) != session:
                continue
            for line in (entry / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) << 10
        except (OSError, ProcessLookupError):
            continue
    return total
