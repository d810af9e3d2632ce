"""Rows as a Markdown table, as they stand in the README."""

from collections.abc import Mapping, Sequence
from typing import Any


def render(rows: Sequence[Mapping[str, Any]]) -> str:
    """Render rows that have the same columns.

    Examples
    --------
    >>> print(render([{"command": "clean", "MB/s": 12.5}]))
    | command | MB/s |
    |---|---:|
    | clean | 12.5 |
    """
    names = list(rows[0])
    numeric = [any(isinstance(row[name], int | float) for row in rows) for name in names]
    lines = [
        names,
        None,
        *([_text(row[name]) for name in names] for row in rows),
    ]
    rule = "|" + "|".join("---:" if number else "---" for number in numeric) + "|"
    return "\n".join(rule if line is None else f"| {' | '.join(line)} |" for line in lines)


def _text(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)
