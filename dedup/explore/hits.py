"""Where a search was found: SQL that finds it in any case, an excerpt around it, marks on it."""

import re
from dataclasses import dataclass

from dedup.report.differences import Run
from dedup.report.visible import visible

BEFORE = 90
"""Characters of an excerpt before what was found."""

AROUND = 420
"""Characters of an excerpt."""

# RE2 takes the query as it stands ("l"), in any case ("i"): no sign in it has a meaning
HAS = "regexp_matches({column}, $q, 'il')"


@dataclass(frozen=True)
class Shown:
    """A piece of a text, what was searched for marked; characters before and after it."""

    runs: tuple[Run, ...]
    before: int = 0
    more: int = 0


def has(*columns: str) -> str:
    """Write the condition that one of the columns has the query `$q`."""
    return "(" + " OR ".join(HAS.format(column=column) for column in columns) + ")"


def around(column: str, q: str) -> str:
    """Write the columns `begin`, `text` and `length` of an excerpt around the query, if any."""
    begin = f"greatest(0, strpos(lower({column}), lower($q)) - {BEFORE + 1})" if q else "0"
    return (
        f"{begin} AS begin, substr({column}, {begin} + 1, {AROUND}) AS text,"
        f" length({column}) AS length"
    )


def shown(text: str | None, begin: int, length: int | None, q: str) -> Shown:
    """Mark what was searched for in an excerpt.

    Examples
    --------
    >>> [(run.text, run.differs) for run in shown("Tea and tea_1", 0, 13, "tea_").runs]
    [('Tea and ', False), ('tea_', True), ('1', False)]
    """
    text = text or ""
    return Shown(marked(visible(text), q), begin, max(0, (length or 0) - begin - len(text)))


def marked(text: str, q: str) -> tuple[Run, ...]:
    """Cut a text into runs that are what was searched for, and others."""
    if not q:
        return (Run(text),)
    parts = re.split(f"({re.escape(visible(q))})", text, flags=re.IGNORECASE)
    return tuple(Run(part, i % 2 == 1) for i, part in enumerate(parts) if part)
