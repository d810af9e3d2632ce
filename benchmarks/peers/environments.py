"""Environments of the peers that do not get along with ours, made on demand."""

import subprocess
import sys
import venv
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.peers.registry import PEERS, Peer
from benchmarks.progress import say


def install(folder: Path) -> None:
    """Make the environments that are missing.

    Raises
    ------
    subprocess.CalledProcessError: pip failed; what it said stands on standard error.
    """
    for peer in PEERS:
        place = folder / peer.module
        if not peer.environment or (place / "complete").exists():
            continue
        say(f"installing {peer.name} into {place}")
        venv.create(place, with_pip=True, clear=True)
        python = str(place / "bin" / "python")
        for requirements in peer.environment:
            subprocess.run(
                [python, "-m", "pip", "install", "-q", "--only-binary", ":all:", *requirements],
                check=True,
            )
        (place / "complete").touch()


def find_python(peer: Peer, folder: Path) -> str:
    """Give the interpreter that can import a peer.

    Raises
    ------
    LookupError: it is not installed; the message is the reason.
    """
    if peer.environment:
        python = folder / peer.module / "bin" / "python"
        if not (folder / peer.module / "complete").exists():
            raise LookupError("not installed (python -m benchmarks peers --install)")
        return str(python)
    try:
        version(peer.package)
    except PackageNotFoundError:
        raise LookupError("not installed (pip install '.[bench]')") from None
    return sys.executable


def find_version(peer: Peer, python: str) -> str:
    """Give the version of a peer's distribution."""
    code = f"from importlib.metadata import version; print(version({peer.package!r}))"
    done = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout.strip()
