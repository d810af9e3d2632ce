"""Why a document or block was kept or removed: all that a result knows of it, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Bounds:
    """How much is told: members and passages, blocks of a document, characters of a text."""

    places: int | None = 10
    blocks: int | None = 100
    text: int = 400
    address: int = 2_000


@dataclass(frozen=True)
class Record:
    """A document, and where to find it again; nothing but its id if the result has no more.

    `indexed`: it stands in the index that the run was given.
    """

    id: str
    url: str | None = None
    title: str | None = None
    source: str | None = None
    offset: int | None = None
    site: str | None = None
    date: datetime | None = None
    n_characters: int | None = None
    keep: bool | None = None
    reason: str | None = None
    keeper: str | None = None
    similarity: float | None = None
    indexed: bool = False


@dataclass(frozen=True)
class Member:
    """A document or block of a cluster, with its exact similarity to the keeper."""

    document: str
    block: int | None
    url: str | None
    keeper: bool
    similarity: float
    containment: float
    indexed: bool


@dataclass(frozen=True)
class Cluster:
    """A cluster: its size, its keepers and others; `own` is the member that was asked for.

    `threshold` and `enough_contained` are the settings of the run: members reach the one, or
    (blocks only) the other.
    """

    name: str
    kind: str
    size: int
    documents: int
    threshold: float
    enough_contained: float | None
    own: Member | None
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Block:
    """A block of a page and its verdict; `length` counts the characters of its whole text."""

    index: int
    start: int
    end: int
    text: str
    length: int
    label: str
    probability: float
    why: str | None
    keep: bool
    reason: str | None
    cluster: str | None
    site_pages: int
    crawl_pages: int


@dataclass(frozen=True)
class Copy:
    """One place of a passage."""

    passage: str
    kind: str
    document: str
    start: int
    end: int
    first_block: int | None
    last_block: int | None
    n_words: int
    keep: bool
    similarity: float


@dataclass(frozen=True)
class Passages:
    """Places of a passage, or the passages of a document; `excerpt` is of the former."""

    n: int
    copies: tuple[Copy, ...]
    excerpt: str | None = None


@dataclass(frozen=True)
class Rejected:
    """A record that could not be read."""

    source: str
    offset: int
    url: str | None
    reason: str


@dataclass(frozen=True)
class Explanation:
    """What a result knows of one name; parts that do not concern it are None or empty.

    `sort` says what was asked for ("document", "block", "cluster", "passage", "rejected"),
    `verdict` what became of it and why, in a sentence. `page` is the document itself, or the one
    of the block; `blocks` are the first ones of the document, `outcomes` counts all by "kept" and
    the reasons. `n_clustered_blocks` counts those in clusters where the result has no blocks.
    """

    sort: str
    name: str
    command: str
    verdict: str
    page: Record | None = None
    block: Block | None = None
    cluster: Cluster | None = None
    outcomes: Mapping[str, int] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    n_clustered_blocks: int = 0
    passages: Passages | None = None
    rejected: Rejected | None = None
    notes: tuple[str, ...] = ()

    @property
    def n_blocks(self) -> int:
        """How many blocks the document has."""
        return sum(self.outcomes.values())
