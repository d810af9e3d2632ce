"""What a request asks for, read from its address: everything bounded, nothing trusted."""

import math
import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, TypeVar, get_type_hints

from dedup import schema

MAX_QUERY = 200
MAX_NAME = 4_096
"""Characters of an id, a site or a cluster's name."""

MAX_PLACE = 10**12
MAX_SECONDS = 10
MAX_BLOCK = 2**31 - 1

KINDS = ("document", "block")
PASSAGE_KINDS = ("run", "substring")
PLACES = ("name", "text")
SITE_ORDERS = ("pages", "kept", "removed", "name")
MEMBER_ORDERS = ("similarity", "document")

Asked = TypeVar("Asked")


class BadRequest(Exception):
    """An address says what cannot be; the sentence tells why."""


def _one_of(choices: tuple[str, ...], default: str) -> str:
    chosen: str = field(default=default, metadata={"choices": choices})
    return chosen


@dataclass(frozen=True)
class Nothing:
    """A view that is asked nothing."""


@dataclass(frozen=True)
class Documents:
    """Documents in the order of their ids."""

    q: str = ""
    where: str = _one_of(PLACES, "name")
    outcome: str = _one_of(schema.DOCUMENT_OUTCOMES, "")
    site: str = ""
    start: int = 0
    seconds: int = 1


@dataclass(frozen=True)
class Document:
    """One document, its blocks from `start` on."""

    id: str
    start: int = 0


@dataclass(frozen=True)
class Blocks:
    """Blocks in the order of their documents' ids."""

    q: str = ""
    outcome: str = _one_of(schema.BLOCK_OUTCOMES, "")
    start: int = 0
    seconds: int = 1


@dataclass(frozen=True)
class Clusters:
    """Clusters, the largest first; with a search, in the order of what is found."""

    q: str = ""
    kind: str = _one_of(KINDS, "")
    size: int = 2
    similarity: float = 0.0
    start: int = 0
    seconds: int = 1


@dataclass(frozen=True)
class Cluster:
    """One cluster, its members after the one that `after` names (see Member)."""

    kind: str = field(metadata={"choices": KINDS})
    name: str
    order: str = _one_of(MEMBER_ORDERS, "similarity")
    after: str = ""


@dataclass(frozen=True)
class Sites:
    """Sites by one of SITE_ORDERS, from `start` on."""

    q: str = ""
    order: str = _one_of(SITE_ORDERS, "pages")
    start: int = 0


@dataclass(frozen=True)
class Site:
    """One site."""

    name: str


@dataclass(frozen=True)
class Passages:
    """Passages, those first whose copies hold the most words."""

    q: str = ""
    kind: str = _one_of(PASSAGE_KINDS, "")
    start: int = 0


@dataclass(frozen=True)
class Passage:
    """One passage, its places from `start` on."""

    kind: str = field(metadata={"choices": PASSAGE_KINDS})
    name: str
    start: int = 0


@dataclass(frozen=True)
class Rejected:
    """Rejected records in their files' order."""

    q: str = ""
    start: int = 0
    seconds: int = 1


def read_asked(kind: type[Asked], given: Mapping[str, str]) -> Asked:
    """Read what is asked from the parameters of an address; absent and empty ones are default.

    Raises
    ------
    BadRequest: a parameter is missing, unknown, too long, or has an impossible value.

    Examples
    --------
    >>> read_asked(Cluster, {"kind": "block", "name": "b1", "after": ""})
    Cluster(kind='block', name='b1', order='similarity', after='')
    >>> read_asked(Cluster, {"kind": "page", "name": "b1"})
    Traceback (most recent call last):
    dedup.explore.asked.BadRequest: kind is one of: document, block
    """
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]
    types = get_type_hints(kind)
    values: dict[str, Any] = {}
    for name, text in given.items():
        if name not in known:
            raise BadRequest(f"nothing is known of the parameter {name[:40]!r}")
        if text:
            values[name] = _value(known[name], text, types[name])
    try:
        return kind(**values)
    except TypeError:
        raise BadRequest("the address is not complete") from None


def _value(parameter: Field[Any], text: str, wanted: type) -> str | int | float:
    name, choices = parameter.name, parameter.metadata.get("choices")
    if wanted is int:
        return _whole(name, text)
    if wanted is float:
        return _share(name, text)
    if choices is not None and text not in choices:
        raise BadRequest(f"{name} is one of: {', '.join(choices)}")
    limit = MAX_QUERY if name == "q" else MAX_NAME
    if len(text) > limit:
        raise BadRequest(f"{name} has at most {limit:,} characters")
    return text


@dataclass(frozen=True)
class Member:
    """A member of a cluster, as far as its place in an order needs it; -1 is no block."""

    similarity: float
    block: int
    document: str

    def __str__(self) -> str:
        """Write it as an address does."""
        return f"{self.similarity!r}:{self.block}:{self.document}"


def read_member(text: str) -> Member:
    """Read the member that an address names.

    Raises
    ------
    BadRequest: it names none.

    Examples
    --------
    >>> read_member(str(Member(0.85, 12, "a:b")))
    Member(similarity=0.85, block=12, document='a:b')
    """
    similarity, _, rest = text.partition(":")
    block, _, document = rest.partition(":")
    number = -1 if block == "-1" else _whole("block", block)
    if number > MAX_BLOCK:
        raise BadRequest("after names no block")
    return Member(_share("after", similarity), number, document)


def _whole(name: str, text: str) -> int:
    limit = MAX_SECONDS if name == "seconds" else MAX_PLACE
    if not re.fullmatch(r"[0-9]{1,13}", text, re.ASCII) or int(text) > limit:
        raise BadRequest(f"{name} is a whole number from 0 to {limit:,}")
    return int(text)


def _share(name: str, text: str) -> float:
    try:
        value = float(text[:40])
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise BadRequest(f"{name} is a number from 0 to 1")
    return value
