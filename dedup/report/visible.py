"""Text of unknown pages made fit to be seen: bounded, without control characters, safe links."""

from dataclasses import dataclass
from urllib.parse import urlsplit

_PICTURES = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\n\t"}
_SHOWN = _PICTURES | {0x7F: "\u2421"} | dict.fromkeys(range(0x80, 0xA0), "\ufffd")
"""Control characters as their pictures: what would be invisible, or break the page, is seen."""

MAX_URL = 500


@dataclass(frozen=True)
class Excerpt:
    """The beginning of a text, and how many characters follow."""

    text: str
    more: int = 0


def excerpt(text: str | None, length: int | None, limit: int) -> Excerpt:
    r"""Make an excerpt of at most `limit` characters.

    Parameters
    ----------
    text: the text, or its beginning.
    length: characters of the whole text.

    Examples
    --------
    >>> excerpt("bell \x07 rings for long", 99, 6)
    Excerpt(text='bell ␇', more=93)
    """
    shown = (text or "")[:limit]
    return Excerpt(visible(shown), max(0, (length or 0) - len(shown)))


def visible(text: str) -> str:
    r"""Show control characters other than tab and line break as their pictures.

    Examples
    --------
    >>> visible("a\x00b\r\nc")
    'a␀b\nc'
    """
    return text.replace("\r\n", "\n").translate(_SHOWN)


def spelled(text: str, limit: int | None = None) -> str:
    r"""Spell out what a terminal would act on or not show, on one line.

    Spelling out twice changes nothing more, so a name may be given as it is told.

    Examples
    --------
    >>> spelled("a\x1b[2J\nb"), spelled("caf\u00e9 au lait", 5)
    ('a\\x1b[2J\\nb', 'café …')
    """
    shown = text if limit is None else text[:limit]
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
    return safe + ("…" if len(shown) < len(text) else "")


def safe_link(url: str | None) -> str | None:
    """Give back an address that may be clicked: http or https with a host; else None.

    Examples
    --------
    >>> safe_link("https://example.org/a?b=1")
    'https://example.org/a?b=1'
    >>> safe_link("javascript:alert(1)"), safe_link("//example.org"), safe_link(None)
    (None, None, None)
    """
    if not url or len(url) > MAX_URL or any(c <= " " or c == "\x7f" for c in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None
