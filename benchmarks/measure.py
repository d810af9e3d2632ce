"""What a command costs: seconds, CPU seconds, and the memory of all its processes together."""

import os
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
    # workers are no children of the command: what each had used when it was last seen counts
    used = sum(peak.ticks.values()) / os.sysconf("SC_CLK_TCK")
    return Cost(seconds, used, peak.n_bytes)


class _Peak:
    """Watches the memory of a session of processes from a thread."""

    def __init__(self, session: int) -> None:
        self.session = session
        self.n_bytes = 0
        self.ticks: dict[int, int] = {}
        self.stop = threading.Event()

    def watch(self) -> None:
        while not self.stop.wait(POLL_SECONDS):
            used = session_use(self.session)
            self.n_bytes = max(self.n_bytes, sum(n_bytes for n_bytes, _ in used.values()))
            self.ticks |= {process: ticks for process, (_, ticks) in used.items()}


def session_use(session: int) -> dict[int, tuple[int, int]]:
    """Tell memory (PSS, bytes) and processor time (ticks) of each process of a session.

    A process that ends meanwhile is left out.
    """
    used = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if os.getsid(int(entry.name)) != session:
                continue
            times = (entry / "stat").read_text().rpartition(")")[2].split()
            for line in (entry / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    n_bytes = int(line.split()[1]) << 10
                    used[int(entry.name)] = n_bytes, int(times[11]) + int(times[12])
        except (OSError, ProcessLookupError):
            continue
    return used
