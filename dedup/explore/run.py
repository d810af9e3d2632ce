"""The whole of it: open a result, count beside, listen, and tell where."""

import ipaddress
import socket
from collections.abc import Callable
from pathlib import Path

from dedup.errors import BadSettings
from dedup.explore.answers import Explorer
from dedup.explore.counted import start_counting
from dedup.explore.guard import Door
from dedup.explore.server import bind, make_app, serve
from dedup.explore.tables import open_tables


def is_local(host: str) -> bool:
    """Tell whether a host is reached from this machine alone.

    Examples
    --------
    >>> is_local("127.0.0.1"), is_local("::1"), is_local("localhost"), is_local("0.0.0.0")
    (True, True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _reached(host: str) -> str:
    """Write the host by which others ask: that of this machine where all addresses are listened on.

    Examples
    --------
    >>> _reached("192.168.1.5"), _reached("::1")
    ('192.168.1.5', '[::1]')
    """
    try:
        every = ipaddress.ip_address(host).is_unspecified
    except ValueError:
        every = False
    name = socket.gethostname() if every else host
    return f"[{name}]" if ":" in name else name


def explore(
    folder: Path, host: str, port: int, *, threads: int, tell: Callable[[str], None]
) -> None:
    """Show a result until a signal ends it.

    Parameters
    ----------
    port: 0 takes a free one.
    tell: is given the address with its token as soon as it can be asked.

    Raises
    ------
    BadInput: the folder is no result.
    BadSettings: the address or port cannot be had.
    KeyboardInterrupt: it was ended by Ctrl-C.
    """
    try:
        listening = bind(host, port)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no name"
        raise BadSettings(f"--host {host} --port {port}: {reason}") from None
    with listening, open_tables(folder, threads) as result:
        found = int(listening.getsockname()[1])
        explorer = Explorer(result, start_counting(result))
        try:
            names = frozenset(name.lower() for name in ("localhost", host, socket.gethostname()))
            door = Door(names, found)
            tell(f"http://{_reached(host)}:{found}/?token={door.token}")
            serve(make_app(explorer, door), listening)
        finally:
            explorer.stop()
