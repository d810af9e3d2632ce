"""`manifest.json`: what a run was told, what it counted, how long it took.

Everything that depends on time or machine stands here and in no other file of a result.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Any, Literal

import duckdb

from dedup.errors import BadInput
from dedup.report.result import BY_DEFAULT, Reading, open_result
from dedup.settings import FindSettings, Settings, TableFormat

MANIFEST = "manifest.json"
PARTS = ("numpy", "pyarrow", "datasketch", "scikit-learn", "numba", "duckdb")

Command = Literal["clean", "find"]


@dataclass(frozen=True)
class StageTiming:
    """One stage of a run: wall seconds, rows in and out, bytes taken in (uncompressed)."""

    name: str
    seconds: float
    rows_in: int
    rows_out: int
    bytes: int


@dataclass(frozen=True)
class Removal:
    """Documents and characters of one source or site: all, and those that are kept."""

    name: str
    documents: int
    documents_kept: int
    characters: int
    characters_kept: int

    @property
    def rate(self) -> float:
        """The share of characters that went."""
        return 1 - self.characters_kept / self.characters if self.characters else 0.0


@dataclass(frozen=True)
class Counts:
    """How many of what; reasons and kinds are keys of the mappings.

    `documents` counts by outcome: "kept", "duplicate", "no body" (schema.DOCUMENT_REASONS).
    `blocks` counts by outcome: "kept" and schema.BLOCK_REASONS; the `characters` likewise.
    `clusters` and `members` count by kind: "document", "block".
    `passages` and `copies` count by kind ("run", "substring") passages that stand more than
    once, and places of them other than the one that stays.
    `pairs` counts by name what the matching saw, such as "candidate bodies".
    """

    read: int
    rejected: int
    documents: Mapping[str, int] = field(default_factory=dict)
    blocks: Mapping[str, int] = field(default_factory=dict)
    characters: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, int] = field(default_factory=dict)
    clusters: Mapping[str, int] = field(default_factory=dict)
    members: Mapping[str, int] = field(default_factory=dict)
    passages: Mapping[str, int] = field(default_factory=dict)
    copies: Mapping[str, int] = field(default_factory=dict)
    pairs: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """All that `manifest.json` says.

    `started` is an ISO 8601 time with its zone; `seconds` the wall time of the whole run;
    `bytes_read` the uncompressed bytes of all records. `warnings` are sentences. `against` is the
    folder of the index that the run was matched with, `wanted` what `find` looked for.
    """

    dedup: str
    command: Command
    format: TableFormat
    started: str
    seconds: float
    bytes_read: int
    inputs: tuple[str, ...]
    settings: Settings
    counts: Counts
    versions: Mapping[str, str]
    stages: tuple[StageTiming, ...] = ()
    sources: tuple[Removal, ...] = ()
    sites: tuple[Removal, ...] = ()
    warnings: tuple[str, ...] = ()
    against: str | None = None
    wanted: FindSettings | None = None


def part_versions() -> dict[str, str]:
    """Tell the versions of Python and of the parts on which `dedup` stands."""
    versions = {"python": python_version()}
    for part in PARTS:
        try:
            versions[part] = version(part)
        except PackageNotFoundError:
            versions[part] = "not installed"
    return versions


def count_result(
    folder: Path,
    *,
    read: int,
    rejected: int,
    pairs: Mapping[str, int] | None = None,
    how: Reading = BY_DEFAULT,
) -> Counts:
    """Count what stands in the written tables of a result."""
    with open_result(folder, how) as connection:
        by_reason = "SELECT coalesce(reason, 'kept'), {} FROM {} GROUP BY ALL ORDER BY ALL"
        by_kind = "SELECT kind, count({}) FROM clusters GROUP BY ALL ORDER BY ALL"
        placed = "SELECT kind, count(*) FROM passages WHERE {} GROUP BY ALL ORDER BY ALL"
        return Counts(
            read=read,
            rejected=rejected,
            documents=_pairs(connection, by_reason.format("count(*)", "documents")),
            blocks=_pairs(connection, by_reason.format("count(*)", "blocks")),
            characters=_pairs(
                connection, by_reason.format('CAST(sum("end" - start) AS BIGINT)', "blocks")
            ),
            labels=_pairs(connection, "SELECT label, count(*) FROM blocks GROUP BY ALL ORDER BY 1"),
            clusters=_pairs(connection, by_kind.format("DISTINCT cluster")),
            members=_pairs(connection, by_kind.format("*")),
            passages=_pairs(connection, placed.format("keep")),
            copies=_pairs(connection, placed.format("NOT keep")),
            pairs=dict(pairs or {}),
        )


def _pairs(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, int]:
    return {str(name): int(n) for name, n in connection.execute(sql).fetchall()}


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write `folder/manifest.json`: sorted, indented, UTF-8."""
    plain = asdict(manifest)
    for name, removals in (("sources", manifest.sources), ("sites", manifest.sites)):
        for row, removal in zip(plain[name], removals, strict=True):
            row["removal_rate"] = round(removal.rate, 6)
    text = json.dumps(plain, indent=2, sort_keys=True, ensure_ascii=False)
    # a name that is no UTF-8 becomes an escape that JSON knows
    (folder / MANIFEST).write_bytes((text + "\n").encode("utf-8", "backslashreplace"))


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a result.

    Raises
    ------
    BadInput: there is none, or it is not one of this version.
    """
    path = folder / MANIFEST
    try:
        raw = json.loads(path.read_bytes())
        raw["counts"] = Counts(**raw["counts"])
        raw["settings"] = _settings(raw["settings"])
        for name, kind in (("stages", StageTiming), ("sources", Removal), ("sites", Removal)):
            known = {each.name for each in fields(kind)}
            raw[name] = tuple(kind(**{k: row[k] for k in row if k in known}) for row in raw[name])
        raw["wanted"] = FindSettings(**raw["wanted"]) if raw.get("wanted") else None
        raw["inputs"], raw["warnings"] = tuple(raw["inputs"]), tuple(raw["warnings"])
        return Manifest(**raw)
    except OSError as error:
        raise BadInput(str(folder), f"is no result of dedup: {error.strerror}") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadInput(str(path), "is not a manifest of this version of dedup") from None


def _settings(raw: Mapping[str, Mapping[str, Any]]) -> Settings:
    """Make settings from JSON, in which tuples are lists."""
    stages = {}
    for stage in fields(Settings):
        values = {k: tuple(v) if isinstance(v, list) else v for k, v in raw[stage.name].items()}
        stages[stage.name] = type(getattr(Settings(), stage.name))(**values)
    return Settings(**stages)
