"""What differs between two results, as plain values. A is the first one, B the second."""

from dataclasses import dataclass

GONE = "not there"
"""The verdict on what stands in one result only."""


@dataclass(frozen=True)
class Setting:
    """A setting that differs, by the name of its option; its values as text."""

    name: str
    a: str
    b: str


@dataclass(frozen=True)
class Inputs:
    """Inputs that only one of the results was made of."""

    only_a: tuple[str, ...]
    only_b: tuple[str, ...]


@dataclass(frozen=True)
class Sample:
    """A document, block or passage that is judged otherwise.

    `place` is a document's id, or that and the span of characters, "ID@START-END". `index_a` and
    `index_b` are a block's indexes. Similarity and keeper are of documents, probability of blocks.
    """

    place: str
    url: str | None = None
    text: str | None = None
    index_a: int | None = None
    index_b: int | None = None
    probability_a: float | None = None
    probability_b: float | None = None
    keeper_a: str | None = None
    keeper_b: str | None = None
    similarity_a: float | None = None
    similarity_b: float | None = None


@dataclass(frozen=True)
class Change:
    """What goes from one verdict ("kept", or a reason) to another: number, characters, samples."""

    a: str
    b: str
    n: int
    characters: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Presence:
    """How many documents stand in both results, and in one only, with their kept characters."""

    both: int
    only_a: int
    only_b: int
    characters_only_a: int
    characters_only_b: int


@dataclass(frozen=True)
class Text:
    """Characters of kept blocks: in all; gained and lost, of documents that are in both."""

    a: int
    b: int
    gained: int
    lost: int


@dataclass(frozen=True)
class Parted:
    """A cluster whose members are not together in the other result.

    `pieces` counts the clusters there that have members of it, `largest` the members in the
    largest of these, `alone` those in none.
    """

    name: str
    size: int
    pieces: int
    largest: int
    alone: int


@dataclass(frozen=True)
class Clusters:
    """Clusters of a kind: in A, in B, with the same members in both, parted and joined.

    `split` are those of A whose members are not all together in B, `dissolved` those of them of
    which no two are; `merged` are those of B whose members are not all together in A, `new` those
    of them of which no two were. Pairs are of two members of one cluster.
    """

    kind: str
    a: int
    b: int
    same: int
    split: int
    dissolved: int
    merged: int
    new: int
    pairs_only_a: int
    pairs_only_b: int
    samples_split: tuple[Parted, ...]
    samples_merged: tuple[Parted, ...]


@dataclass(frozen=True)
class Changes:
    """All that differs. What a result has not, as `find` has no documents, is None or empty."""

    command: str
    settings: tuple[Setting, ...]
    inputs: Inputs
    clusters: tuple[Clusters, ...]
    documents: tuple[Change, ...] = ()
    blocks: tuple[Change, ...] = ()
    passages: tuple[Change, ...] = ()
    presence: Presence | None = None
    text: Text | None = None
