"""What a name stands for in a result: a document, a block, a cluster or a passage.

The tables are sorted by names, so that DuckDB passes over all row groups that cannot hold
one; only what nothing else knows is looked for in whole columns.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from dedup.errors import BadInput
from dedup.report.asked import first_row
from dedup.report.manifest import read_manifest
from dedup.report.result import Row, fetch

Sort = Literal["document", "block", "cluster", "passage", "rejected"]

FEW = 3
"""Names that a message lists."""

MOST_EDITS = 2
LONGEST = 200
"""Characters of a name up to which others like it are looked for."""

TAIL = 3
"""Letters at the end of an address that may be wrong."""

LAST = chr(0x10FFFF)

_MEMBERS = "(SELECT document AS id FROM clusters UNION ALL SELECT document FROM passages)"
"""Ids of a result of `dedup find`, which has no table of documents."""

_ADDRESSES = f"""
WITH found AS (
  SELECT DISTINCT CASE WHEN contains(url, $bare) THEN url ELSE source END AS address
  FROM documents WHERE contains(url, $bare) OR contains(source, $bare))
SELECT left(address, 500) AS address FROM found
ORDER BY levenshtein(left(address, 500), $name), address LIMIT {FEW}
"""

_CLOSE = f"""
WITH alike AS (
  SELECT DISTINCT id FROM {{table}}
  WHERE (contains(id, $head) OR contains(id, $middle) OR contains(id, $tail))
    AND abs(length(id) - length($name)) <= {MOST_EDITS})
SELECT id, levenshtein(id, $name) AS edits FROM alike
WHERE edits <= {MOST_EDITS} ORDER BY edits, id LIMIT {FEW}
"""


@dataclass(frozen=True)
class Named:
    """What was meant: a document's id, a block's document and index, a cluster's or passage's name.

    Of a rejected record, `name` is what was asked for.
    """

    sort: Sort
    name: str
    index: int | None = None


def find_named(connection: duckdb.DuckDBPyConnection, folder: Path, name: str) -> Named:
    """Find what a name stands for.

    Parameters
    ----------
    name: a document's id, a block's place "ID#INDEX", a passage's "ID@START-END", the name of a
        cluster, or a url or source of a single document.

    Raises
    ------
    BadInput: nothing has this name, or several documents have this address.
    """
    found = _by_name(connection, name) or _by_column(connection, name)
    if found is None:
        found = _by_address(connection, folder, name)
    if found is None:
        only_ids = read_manifest(folder).command == "find"
        raise BadInput(str(folder), _unknown(connection, name, only_ids=only_ids))
    return found


def _by_name(connection: duckdb.DuckDBPyConnection, name: str) -> Named | None:
    """Look where tables are sorted by it."""
    if first_row(connection, "SELECT id FROM documents WHERE id = $name", name=name):
        return Named("document", name)
    place = _place(name)
    if place and first_row(
        connection,
        'SELECT document FROM blocks WHERE document = $name AND "index" = $index',
        name=place[0],
        index=place[1],
    ):
        return Named("block", *place)
    member = first_row(
        connection,
        "SELECT kind, document, block FROM clusters WHERE cluster = $name LIMIT 1",
        name=name,
    )
    if member is not None:
        return _member(member, name)
    if first_row(connection, "SELECT kind FROM passages WHERE passage = $name LIMIT 1", name=name):
        return Named("passage", name)
    return None


def _member(member: Row, name: str) -> Named:
    """Tell a cluster that is named by its keeper, as all are, from that keeper."""
    if member["kind"] == "document" and member["document"] == name:
        return Named("document", name)
    if member["kind"] == "block" and _place(name) == (member["document"], member["block"]):
        return Named("block", member["document"], member["block"])
    return Named("cluster", name)


def _by_column(connection: duckdb.DuckDBPyConnection, name: str) -> Named | None:
    """Look for members of clusters and passages, whose tables are sorted by something else."""
    of_documents = "SELECT kind FROM clusters WHERE kind = 'document' AND document = $name LIMIT 1"
    of_passages = "SELECT kind FROM passages WHERE document = $name LIMIT 1"
    of_blocks = "SELECT kind FROM clusters WHERE document = $name LIMIT 1"
    if any(first_row(connection, sql, name=name) for sql in (of_documents, of_passages, of_blocks)):
        return Named("document", name)
    place = _place(name)
    if place and first_row(
        connection,
        "SELECT kind FROM clusters WHERE kind = 'block' AND document = $name AND block = $index",
        name=place[0],
        index=place[1],
    ):
        return Named("block", *place)
    copy = re.fullmatch(r"(.*)@([0-9]{1,18})-([0-9]{1,18})", name, re.DOTALL)
    passage = copy and first_row(
        connection,
        'SELECT passage FROM passages WHERE document = $name AND start = $start AND "end" = $end'
        " ORDER BY kind, passage LIMIT 1",
        name=copy[1],
        start=int(copy[2]),
        end=int(copy[3]),
    )
    return Named("passage", passage["passage"]) if passage else None


def _by_address(connection: duckdb.DuckDBPyConnection, folder: Path, name: str) -> Named | None:
    found = fetch(
        connection,
        f"SELECT id FROM documents WHERE url = $name OR source = $name ORDER BY id LIMIT {FEW + 1}",
        name=name,
    )
    if len(found) == 1:
        return Named("document", found[0]["id"])
    if found:
        more = " and others" if len(found) > FEW else ""
        listed = ", ".join(row["id"] for row in found[:FEW])
        raise BadInput(
            str(folder), f"several documents have the address {name}: {listed}{more}; name one"
        )
    rejected = "SELECT source FROM rejected WHERE url = $name OR source = $name LIMIT 1"
    return Named("rejected", name) if first_row(connection, rejected, name=name) else None


def _place(name: str) -> tuple[str, int] | None:
    """Cut a block's place into document and index.

    Examples
    --------
    >>> _place("lake#12"), _place("lake"), _place("lake#99999999999")
    (('lake', 12), None, None)
    """
    match = re.fullmatch(r"(.*)#([0-9]{1,9})", name, re.DOTALL)
    return (match[1], int(match[2])) if match else None


def _unknown(connection: duckdb.DuckDBPyConnection, name: str, *, only_ids: bool) -> str:
    """Say that nothing has this name, and what is like it."""
    if not name:
        return "an empty name stands for nothing; name a document, block, cluster or passage"
    shown = name if len(name) <= LONGEST else name[:LONGEST] + "…"
    place = _place(name)
    if place:
        last = first_row(
            connection, 'SELECT max("index") AS last FROM blocks WHERE document = $name',
            name=place[0],
        )  # fmt: skip
        if last is not None and last["last"] is not None:
            return f"document {place[0]} has no block {place[1]}; its last one is {last['last']}"
    near = _nearest(connection, place[0] if place else name)
    said = f"no document, block, cluster or passage has the name {shown}"
    if not near and "/" in name and only_ids:
        return (
            f"{said}; `dedup find` writes no documents/, so that only ids are known, no addresses"
        )
    if not near:
        return said
    return f"{said}; the nearest {'is' if len(near) == 1 else 'are'} {', '.join(near)}"


def _nearest(connection: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    """List up to FEW ids that begin so, else those that differ in few letters, else addresses.

    The queries sort as much as they list. What differs in two letters has one of three pieces of
    the name unchanged, so that the distance is computed for few.
    """
    if not name or len(name) > LONGEST:
        return []
    written = first_row(connection, "SELECT id FROM documents LIMIT 1")
    table = "documents" if written else _MEMBERS
    begin = fetch(
        connection,
        f"SELECT DISTINCT id FROM {table} WHERE id BETWEEN $name AND $last ORDER BY id LIMIT {FEW}",
        name=name,
        last=name + LAST,
    )
    if begin:
        return [row["id"] for row in begin]
    third = max(1, len(name) // 3)
    close = fetch(
        connection,
        _CLOSE.format(table=table),
        name=name,
        head=name[:third],
        middle=name[third : 2 * third] or name[:third],
        tail=name[2 * third :] or name[:third],
    )
    if close or not re.search(r"[./]", name):
        return [row["id"] for row in close]
    bare = re.sub(r"^[a-z]+://(www\.)?|/$", "", name)
    # so that the last letters may be wrong
    bare = bare[:-TAIL] if len(bare) > 4 * TAIL else bare
    found = fetch(connection, _ADDRESSES, name=name, bare=bare or name)
    return [row["address"] for row in found]
