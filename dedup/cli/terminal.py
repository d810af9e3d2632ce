"""Text for a terminal or a pipe: safe to show, cut to the width, the same in both."""

import json
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click
from rich.cells import cell_len, set_cell_size

from dedup.report.visible import spelled

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_PIECES, _JOINERS = re.compile("([\u200c\u200d])"), ("\u200c", "\u200d")
"""What joins letters and emoji, or keeps them apart: not seen, but needed to see the rest."""

PIPED, NARROWEST, WIDEST = 100, 40, 160
"""Columns where no terminal says how many it has, and bounds where one does."""

WIDEST_CELL = 40


def width() -> int:
    """Tell how many columns there are."""
    columns = shutil.get_terminal_size((PIPED, 0)).columns
    return max(NARROWEST, min(WIDEST, columns))


def say(text: str) -> None:
    """Write to standard output; what its encoding does not have becomes an escape."""
    encoding = sys.stdout.encoding or "utf-8"
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding))


def one_line(text: str | None, room: int | None = None) -> str:
    r"""Put a page's text on one line that does nothing to a terminal, in so many columns.

    White space becomes single blanks; other characters that are not shown, such as escapes
    and those that turn the direction of writing, are spelled out.

    Examples
    --------
    >>> one_line("two\n\twords\x1b[2J"), one_line("港の朝市", 6)
    ('two words\\x1b[2J', '港の…')
    """
    words = " ".join((text or "").split())
    safe = "".join(c if c in _JOINERS else spelled(c) for c in _PIECES.split(words))
    if room is None or cell_len(safe) <= room:
        return safe
    return set_cell_size(safe, max(1, room - 1)).rstrip() + "…"


def facts(pairs: Iterable[tuple[str, str | None]]) -> list[str]:
    """Align names and values, those that are known, in two columns."""
    known = [(name, value) for name, value in pairs if value]
    wide = max((len(name) for name, _ in known), default=0)
    indent = " " * (wide + 4)
    return [
        line for name, value in known for line in _wrapped(value, f"  {name:<{wide}}  ", indent)
    ]


def table(heads: Sequence[str], cells: Sequence[Sequence[str]], *, indent: int = 2) -> list[str]:
    """Align columns; those whose head begins with a blank to the right.

    The cells of the last column may be of any text; they are cut to what the others leave, but to
    no less than 20 columns. Others stay whole, though longer ones than WIDEST_CELL stand out.
    """
    named = [head.strip() for head in heads]
    columns = range(len(heads) - 1)
    wide = [min(WIDEST_CELL, max(cell_len(row[i]) for row in (named, *cells))) for i in columns]
    room = max(20, width() - indent - sum(wide) - 2 * len(columns))
    lines = []
    for row in (named, *cells):
        line = [
            _aligned(cell, w, right=head.startswith(" "))
            for head, cell, w in zip(heads, row, wide, strict=False)
        ]
        lines.append((" " * indent + "  ".join([*line, one_line(row[-1], room)])).rstrip())
    return lines


def _aligned(cell: str, columns: int, *, right: bool) -> str:
    blanks = " " * (columns - cell_len(cell))
    return blanks + cell if right else cell + blanks


def paragraph(text: str, indent: str = "") -> list[str]:
    """Wrap a sentence; words that are longer than a line, such as addresses, stay whole."""
    return _wrapped(text, indent, indent)


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return wrap(
        text,
        width(),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def as_json(value: "DataclassInstance") -> str:
    """Write plain values as one JSON object; nothing but ASCII, so that no terminal acts on it."""
    return json.dumps(asdict(value), indent=2, default=_plain)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
