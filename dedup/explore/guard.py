"""Who may ask, and what every answer says: the rules of the server, apart from any framework.

A token that is made anew for each run lets the first request in; a cookie lets in those that
follow. No page of another site can read either, nor ask in the user's name: the cookie is
SameSite=Strict and hidden from scripts, and a name that was made to lead here ("DNS rebinding")
is refused, as only addresses in digits and names of this machine are let through. Cookies know no
ports: other servers on the same address see it, too.
"""

import ipaddress
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

METHODS = ("GET", "HEAD")

POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""No script at all, nothing from elsewhere, not within another page."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Of every answer; it holds texts that no cache should keep."""


@dataclass(frozen=True)
class Door:
    """What lets a request in. `names` are those of this machine, in lower case."""

    names: frozenset[str] = frozenset({"localhost"})
    port: int = 0
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    ticket: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def cookie(self) -> str:
        """The name of the cookie: another one for each port, that two may be open at once."""
        return f"dedup-{self.port}"


@dataclass(frozen=True)
class Refusal:
    """Why a request is not answered."""

    status: int
    reason: str


def examine(
    door: Door, method: str, host: str | None, token: str | None, cookies: Mapping[str, str]
) -> Refusal | None:
    """Tell why a request is refused, or None if it is let in.

    Parameters
    ----------
    host: the header of this name.
    token: what the address gives as one.
    """
    if method not in METHODS:
        return Refusal(405, "This server only shows: ask it by GET.")
    if host is None or not knows(door, host):
        return Refusal(403, "This server is not asked by this name.")
    if token is not None and same(token, door.token):
        return None
    if same(cookies.get(door.cookie, ""), door.ticket):
        return None
    return Refusal(403, "Open the address that `dedup explore` printed, with its token.")


def same(given: str, secret: str) -> bool:
    """Compare in a time that does not tell how much is right."""
    return secrets.compare_digest(given.encode("utf-8", "replace"), secret.encode())


def knows(door: Door, host: str) -> bool:
    """Tell whether a Host header has an address in digits, or a name of this machine.

    Examples
    --------
    >>> [knows(Door(), host) for host in ("127.0.0.1:8000", "[::1]", "localhost:80")]
    [True, True, True]
    >>> [knows(Door(), host) for host in ("evil.example", "127.0.0.1.evil.example:80", "")]
    [False, False, False]
    """
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]]+))(?::[0-9]{1,5})?", host)
    if found is None:
        return False
    name = found[1] or found[2]
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name.lower().rstrip(".") in door.names
    return True
