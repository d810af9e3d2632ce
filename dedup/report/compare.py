"""Compare two results: DuckDB joins their tables, and spills; Python sees sums and samples."""

from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import duckdb

from dedup.errors import BadInput
from dedup.report.asked import ask_results, first_row
from dedup.report.changes import GONE, Change, Changes, Inputs, Presence, Sample, Setting, Text
from dedup.report.compare_clusters import compare_clusters
from dedup.report.manifest import Manifest, read_manifest
from dedup.report.result import Row, fetch
from dedup.settings import Settings

_PRESENCE = """
SELECT count(*) FILTER (WHERE a.id IS NOT NULL AND b.id IS NOT NULL) AS "both",
       count(*) FILTER (WHERE b.id IS NULL) AS only_a,
       count(*) FILTER (WHERE a.id IS NULL) AS only_b,
       CAST(coalesce(sum(a.n_characters) FILTER (WHERE b.id IS NULL AND a.keep), 0) AS BIGINT)
         AS characters_only_a,
       CAST(coalesce(sum(b.n_characters) FILTER (WHERE a.id IS NULL AND b.keep), 0) AS BIGINT)
         AS characters_only_b
FROM documents_a a FULL JOIN documents_b b ON a.id = b.id
"""

# each group keeps so many samples while it is counted: those with the least hash of their place,
# so that they are of many sites, and the same ones in every run
_DOCUMENTS = """
SELECT coalesce(a.verdict, $gone) AS a, coalesce(b.verdict, $gone) AS b, count(*) AS n,
       CAST(sum(greatest(a.n_characters, b.n_characters)) AS BIGINT) AS characters,
       min_by(coalesce(a.id, b.id), md5(coalesce(a.id, b.id)), {samples}) AS samples
FROM (SELECT id, coalesce(reason, 'kept') AS verdict, n_characters FROM documents_a) a
FULL JOIN (SELECT id, coalesce(reason, 'kept') AS verdict, n_characters FROM documents_b) b
  ON a.id = b.id
WHERE a.verdict IS DISTINCT FROM b.verdict
GROUP BY 1, 2 ORDER BY n DESC, 1, 2
"""

_BLOCKS = """
WITH x AS (SELECT document, start, "end", "index", coalesce(reason, 'kept') AS verdict
           FROM blocks_a {among}),
y AS (SELECT document, start, "end", "index", coalesce(reason, 'kept') AS verdict
      FROM blocks_b {among}),
paired AS (
  SELECT document, start, "end", x."index" AS index_a, y."index" AS index_b,
         coalesce(x.verdict, $gone) AS a, coalesce(y.verdict, $gone) AS b
  FROM x FULL JOIN y USING (document, start, "end")
  WHERE x.verdict IS DISTINCT FROM y.verdict)
SELECT a, b, count(*) AS n, CAST(sum("end" - start) AS BIGINT) AS characters,
       min_by({{'document': document, 'start': start, 'end': "end",
               'index_a': index_a, 'index_b': index_b}},
              md5(concat(document, '@', start::VARCHAR, '-', "end"::VARCHAR)), {samples}) AS samples
FROM paired GROUP BY a, b ORDER BY n DESC, a, b
"""
_IN_BOTH = "SEMI JOIN (SELECT id AS document FROM documents_{other}) USING (document)"

_PASSAGES = """
WITH x AS (SELECT kind, document, start, "end", bool_or(keep) AS keep, any_value(n_words) AS n_words
           FROM passages_a GROUP BY ALL),
y AS (SELECT kind, document, start, "end", bool_or(keep) AS keep, any_value(n_words) AS n_words
      FROM passages_b GROUP BY ALL),
paired AS (
  SELECT kind, document, start, "end",
         CASE WHEN x.keep THEN 'first place' WHEN NOT x.keep THEN 'copy' ELSE $gone END AS a,
         CASE WHEN y.keep THEN 'first place' WHEN NOT y.keep THEN 'copy' ELSE $gone END AS b
  FROM x FULL JOIN y USING (kind, document, start, "end")
  WHERE x.keep IS DISTINCT FROM y.keep)
SELECT a, b, count(*) AS n, CAST(sum("end" - start) AS BIGINT) AS characters,
       min_by({{'document': document, 'start': start, 'end': "end", 'kind': kind}},
              md5(concat(document, '@', start::VARCHAR, '-', "end"::VARCHAR, kind)), {samples})
         AS samples
FROM paired GROUP BY a, b ORDER BY n DESC, a, b
"""

_SHOWN_DOCUMENTS = """
SELECT id, left(url, $text) AS url, left(title, $text) AS title, keeper, similarity
FROM documents_{which} WHERE id IN (SELECT unnest($ids))
"""

_SHOWN_BLOCKS = """
WITH wanted AS (SELECT unnest($documents) AS document, unnest($starts) AS start)
SELECT document, start, left(text, $text) AS text, probability
FROM blocks_{which} SEMI JOIN wanted USING (document, start)
"""

EXCERPT = 400

_UNDECIDING = {"run", "segment"}
_NAMES = {("blocks", name): f"block-{name}" for name in ("threshold", "ngram")}


def compare(a: Path, b: Path, *, samples: int = 3) -> Changes:
    """Tell what differs between two results of the same command.

    Documents are matched by their ids, blocks by document and span; blocks are compared where
    both results have the document. Of each change from one verdict to another there are up to
    `samples` samples, the same ones in every run.

    Raises
    ------
    BadInput: one of the folders is no result of this version, or they are of different commands.
    """
    first, second = read_manifest(a), read_manifest(b)
    if first.command != second.command:
        raise BadInput(
            str(b),
            f"is a result of `dedup {second.command}`, and {a} one of `dedup {first.command}`; "
            "only results of the same command can be compared",
        )
    with ask_results({"_a": a, "_b": b}) as connection:
        found = Changes(
            command=first.command,
            settings=changed_settings(first, second),
            inputs=_inputs(first, second),
            clusters=compare_clusters(connection, first.command, samples),
        )
        if first.command == "find":
            return replace(found, passages=_passages(connection, samples))
        presence = Presence(**(first_row(connection, _PRESENCE) or {}))
        blocks = _blocks(connection, presence, samples)
        return replace(
            found,
            documents=_documents(connection, samples),
            blocks=blocks,
            presence=presence,
            text=_text(first, second, blocks),
        )


def changed_settings(a: Manifest, b: Manifest) -> tuple[Setting, ...]:
    """List the settings that differ, but for those that only say what a run may use."""
    changed = _changed_search(a, b)
    for stage in fields(Settings):
        if stage.name in _UNDECIDING:
            continue
        one, other = (asdict(getattr(m.settings, stage.name)) for m in (a, b))
        for name in one:
            if one[name] != other[name] and name != "batch_bytes":
                option = "--" + _NAMES.get((stage.name, name), name).replace("_", "-")
                changed[option] = Setting(option, _value(one[name]), _value(other[name]))
    if a.settings.segment != b.settings.segment:
        changed["page bounds"] = Setting(
            "page bounds", *(_value(asdict(m.settings.segment)) for m in (a, b))
        )
    if a.against != b.against:
        changed["--against"] = Setting("--against", _value(a.against), _value(b.against))
    if a.dedup != b.dedup:
        changed["version"] = Setting("version", a.dedup, b.dedup)
    return tuple(changed[name] for name in sorted(changed))


def _changed_search(a: Manifest, b: Manifest) -> dict[str, Setting]:
    """Tell what `find` was asked otherwise, if that is known of both."""
    if a.wanted is None or b.wanted is None:
        return {}
    one, other = asdict(a.wanted), asdict(b.wanted)
    return {
        f"--{name}": Setting(f"--{name}", _value(one[name]), _value(other[name]))
        for name in one
        if one[name] != other[name]
    }


def _value(value: Any) -> str:
    if value is None or value == ():
        return "not given"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _inputs(a: Manifest, b: Manifest) -> Inputs:
    return Inputs(
        tuple(sorted(set(a.inputs) - set(b.inputs))), tuple(sorted(set(b.inputs) - set(a.inputs)))
    )


def _text(a: Manifest, b: Manifest, blocks: tuple[Change, ...]) -> Text:
    return Text(
        a=a.counts.characters.get("kept", 0),
        b=b.counts.characters.get("kept", 0),
        gained=sum(change.characters for change in blocks if change.b == "kept"),
        lost=sum(change.characters for change in blocks if change.a == "kept"),
    )


def _grouped(connection: duckdb.DuckDBPyConnection, sql: str, samples: int) -> list[Row]:
    """Count the changes; DuckDB keeps at least one sample of each."""
    found = fetch(connection, sql.format(samples=max(1, samples)), gone=GONE)
    return [{**row, "samples": row["samples"][:samples]} for row in found]


def _documents(connection: duckdb.DuckDBPyConnection, samples: int) -> tuple[Change, ...]:
    changes = _grouped(connection, _DOCUMENTS, samples)
    ids = [id_ for row in changes for id_ in row["samples"]]
    shown_a, shown_b = (
        {
            row["id"]: row
            for row in fetch(
                connection, _SHOWN_DOCUMENTS.format(which=which), ids=ids, text=EXCERPT
            )
        }
        for which in "ab"
    )
    return tuple(
        Change(
            **{
                **row,
                "samples": tuple(
                    _document(id_, shown_a.get(id_, {}), shown_b.get(id_, {}))
                    for id_ in row["samples"]
                ),
            }
        )
        for row in changes
    )


def _document(id_: str, a: Row, b: Row) -> Sample:
    known = a or b
    return Sample(
        id_,
        url=known.get("url"),
        text=known.get("title"),
        keeper_a=a.get("keeper"),
        keeper_b=b.get("keeper"),
        similarity_a=a.get("similarity"),
        similarity_b=b.get("similarity"),
    )


def _blocks(
    connection: duckdb.DuckDBPyConnection, presence: Presence, samples: int
) -> tuple[Change, ...]:
    among = _IN_BOTH if presence.only_a or presence.only_b else ""
    sql = _BLOCKS.replace("blocks_a {among}", f"blocks_a {among.format(other='b')}")
    sql = sql.replace("blocks_b {among}", f"blocks_b {among.format(other='a')}")
    changes = _grouped(connection, sql, samples)
    wanted = [sample for row in changes for sample in row["samples"]]
    shown_a, shown_b = (_shown_blocks(connection, which, wanted) for which in "ab")
    return tuple(
        Change(
            **{
                **row,
                "samples": tuple(_block(sample, shown_a, shown_b) for sample in row["samples"]),
            }
        )
        for row in changes
    )


def _shown_blocks(
    connection: duckdb.DuckDBPyConnection, which: str, wanted: list[Row]
) -> dict[tuple[str, int], Row]:
    found = fetch(
        connection,
        _SHOWN_BLOCKS.format(which=which),
        documents=[row["document"] for row in wanted],
        starts=[row["start"] for row in wanted],
        text=EXCERPT,
    )
    return {(row["document"], row["start"]): row for row in found}


def _block(sample: Row, a: dict[tuple[str, int], Row], b: dict[tuple[str, int], Row]) -> Sample:
    at = (sample["document"], sample["start"])
    # a block of one result only may begin where another one of the other does
    shown_a = {} if sample["index_a"] is None else a.get(at, {})
    shown_b = {} if sample["index_b"] is None else b.get(at, {})
    return Sample(
        _span(sample),
        text=shown_a.get("text") or shown_b.get("text"),
        index_a=sample["index_a"],
        index_b=sample["index_b"],
        probability_a=shown_a.get("probability"),
        probability_b=shown_b.get("probability"),
    )


def _span(row: Row) -> str:
    return f"{row['document']}@{row['start']}-{row['end']}"


def _passages(connection: duckdb.DuckDBPyConnection, samples: int) -> tuple[Change, ...]:
    return tuple(
        Change(
            **{
                **row,
                "samples": tuple(
                    Sample(_span(sample), text=sample["kind"]) for sample in row["samples"]
                ),
            }
        )
        for row in _grouped(connection, _PASSAGES, samples)
    )
