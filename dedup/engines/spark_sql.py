"""One SQL for two engines: how the statements that DuckDB runs are put for Spark.

The pipeline writes what both understand. The few things that each calls differently are
rewritten here, and nothing else:

- `[]`: array(); `VARCHAR`: STRING; `hash`: xxhash64, which is only ever compared with itself;
- an ORDER BY at the end is taken off, for the engine to lay rows out by: its terms name columns
  that come out, and nulls come last, as in DuckDB.
"""

import re
from dataclasses import dataclass

_ORDER = " ORDER BY "


@dataclass(frozen=True)
class Term:
    """One term of an ORDER BY: an expression over the columns that come out, and which way."""

    what: str
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True)
class Statement:
    """A SELECT without its order, and the terms of its ORDER BY, if it has one."""

    sql: str
    order: tuple[Term, ...]


def translate(sql: str, columns: list[str]) -> Statement:
    """Put a statement for Spark.

    Parameters
    ----------
    columns: names of the columns that come out; ORDER BY may name them by number.

    Examples
    --------
    >>> translate("SELECT hash(b) AS b FROM t", ["b"]).sql
    'SELECT xxhash64(b) AS b FROM t'
    >>> translate("SELECT a, b FROM t ORDER BY 2 DESC", ["a", "b"]).order
    (Term(what='b', descending=True, nulls_first=False),)
    """
    flat = " ".join(sql.split())
    at = _last_outside(flat, _ORDER)
    body, terms = (flat, "") if at < 0 else (flat[:at], flat[at + len(_ORDER) :])
    order = tuple(_term(term, columns) for term in _split(terms, ",")) if terms else ()
    return Statement(_rewrite(body), order)


def _term(term: str, columns: list[str]) -> Term:
    term = _rewrite(term.strip())
    match = re.fullmatch(r"(.*?)(?: (ASC|DESC))?(?: NULLS (FIRST|LAST))?", term)
    assert match is not None
    what = match[1].strip('"') if match[1].strip('"') in columns else match[1]
    if what.isdigit():
        what = columns[int(what) - 1]
    return Term(what, match[2] == "DESC", match[3] == "FIRST")


def _rewrite(sql: str) -> str:
    sql = sql.replace("[]", "array()")
    sql = re.sub(r"\bAS VARCHAR\)", "AS STRING)", sql)
    return re.sub(r"\bhash\(", "xxhash64(", sql)


def _split(sql: str, separator: str) -> list[str]:
    """Split where the separator stands outside of parentheses."""
    parts, depth, begin = [], 0, 0
    for place in range(len(sql)):
        depth += {"(": 1, ")": -1}.get(sql[place], 0)
        if depth == 0 and sql.startswith(separator, place):
            parts.append(sql[begin:place])
            begin = place + len(separator)
    return [*parts, sql[begin:]]


def _last_outside(sql: str, wanted: str) -> int:
    before = _split(sql, wanted)
    return -1 if len(before) == 1 else len(sql) - len(before[-1]) - len(wanted)
