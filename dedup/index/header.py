"""`index.json`: what an index was made with, and whether a run may use it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import dedup
from dedup import schema
from dedup.errors import BadIndex, BadSettings
from dedup.settings import MatchSettings, ResolveSettings, Settings

HEADER = "index.json"
FORMAT = 1
"""Version of the files; others are refused."""

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Index:
    """An index that was opened.

    settings: by the names of their options; `model` is the SHA-256 of the model's file.
    generation: how many runs it holds.
    """

    folder: Path
    settings: Values
    documents: int
    texts: int
    generation: int

    @property
    def match(self) -> MatchSettings:
        """How the documents were sketched and compared.

        Raises
        ------
        BadIndex: the header does not say it.
        """
        names = ("ngram", "threshold", "num-perm", "seed", "sketch")
        try:
            return MatchSettings(**{name.replace("-", "_"): self.settings[name] for name in names})
        except (KeyError, TypeError, BadSettings):
            raise BadIndex(f"{self.folder / HEADER} does not say how it was made") from None


def deciding(settings: Settings, model: bytes) -> dict[str, Any]:
    """List the settings that decide which documents are duplicates, by their options' names.

    Parameters
    ----------
    model: the bytes of the model's file.

    Raises
    ------
    BadSettings: small clusters count for nothing; an index does not know how to do that.
    """
    if settings.resolve.min_cluster_size != ResolveSettings().min_cluster_size:
        raise BadSettings("min-cluster-size does not go with an index")
    documents, blocks = settings.documents, settings.blocks
    return {
        "threshold": documents.threshold,
        "ngram": documents.ngram,
        "num-perm": documents.num_perm,
        "seed": documents.seed,
        "sketch": documents.sketch,
        "block-threshold": blocks.threshold,
        "block-ngram": blocks.ngram,
        "containment": blocks.containment,
        "model": hashlib.sha256(model).hexdigest(),
        "body-threshold": settings.classify.body_threshold,
        "keep-comments": settings.classify.keep_comments,
        "keep": settings.resolve.keep,
        "source-priority": list(settings.resolve.source_priority),
        "scope": settings.resolve.scope,
        "page bounds": asdict(settings.segment),
    }


def index_version(folder: Path) -> str:
    """Tell one version of an index from another: 16 hex digits of a hash of its header."""
    return hashlib.sha256((folder / HEADER).read_bytes()).hexdigest()[:16]


def check_same(index: Index, settings: Values) -> None:
    """Check that a run has the settings of the index.

    Raises
    ------
    BadSettings: one differs; the sentence names its option.
    """
    for name, value in settings.items():
        held = index.settings.get(name)
        if held == value:
            continue
        if name == "model":
            raise BadSettings(
                f"{index.folder} was built with another --model than this run has; "
                "give the same, or build another index"
            )
        option = name if " " in name else f"--{name}"
        raise BadSettings(
            f"{index.folder} was built with {option} {_shown(held)}, and this run has "
            f"{_shown(value)}; give the same, or build another index"
        )


def _shown(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value)) or "(none)"
    return str(value)


def write_header(folder: Path, index: Index) -> None:
    """Write `folder/index.json`, with the size of each part that stands in the folder."""
    plain = {
        "format": FORMAT,
        "dedup": dedup.__version__,
        "settings": dict(index.settings),
        "documents": index.documents,
        "texts": index.texts,
        "generation": index.generation,
        "parts": _parts(folder),
    }
    text = json.dumps(plain, indent=2, sort_keys=True, ensure_ascii=False)
    (folder / HEADER).write_text(text + "\n", encoding="utf-8")


def _parts(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): path.stat().st_size
        for table in schema.HELD
        for path in sorted((folder / table).glob("part-*"))
    }


def open_index(folder: Path) -> Index:
    """Open an index; nothing but its header is read.

    Raises
    ------
    BadIndex: there is none, it is of another version, or a part is missing or cut off.
    """
    try:
        raw = json.loads((folder / HEADER).read_bytes())
        made = {name: raw[name] for name in ("documents", "texts", "generation")}
        version, parts, settings = raw["format"], raw["parts"], raw["settings"]
        if version == FORMAT and not _whole(made, parts, settings):
            raise TypeError
    except OSError as error:
        raise BadIndex(f"{folder} is no index of dedup: {error.strerror}") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BadIndex(f"{folder / HEADER} is damaged, or not of an index of dedup") from None
    if version != FORMAT:
        raise BadIndex(
            f"{folder} is an index of format {str(version)[:20]}, and this version of dedup "
            f"reads format {FORMAT}; build it again"
        )
    found = _parts(folder)
    for name, size in parts.items():
        if found.get(name) != size:
            what = "is missing" if name not in found else f"has {found[name]:,} bytes, not {size:,}"
            raise BadIndex(f"{folder}: {name} {what}; build the index again")
    if foreign := sorted(found.keys() - parts.keys()):
        raise BadIndex(f"{folder}: {foreign[0]} does not belong to the index")
    return Index(folder, settings, **made)


def _whole(counts: Values, parts: object, settings: object) -> bool:
    """Tell whether the values of a header have the types that they must have."""
    return (
        all(isinstance(n, int) for n in counts.values())
        and isinstance(parts, dict)
        and all(isinstance(size, int) for size in parts.values())
        and isinstance(settings, dict)
    )
