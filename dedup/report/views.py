"""What the report shows, as plain values; templates know nothing else."""

from dataclasses import dataclass

from dedup.report.differences import Run
from dedup.report.manifest import Manifest, Removal
from dedup.report.visible import Excerpt


@dataclass(frozen=True)
class Limits:
    """How much of a result one page shows; what is left out is counted and said.

    Together at most some 700,000 characters, each of which can take 5 bytes when it is
    escaped: the page stays below page.MAX_BYTES.
    """

    document_clusters: int = 24
    members: int = 5
    block_clusters: int = 30
    places: int = 8
    passages: int = 30
    sites: int = 30
    templates: int = 6
    pages: int = 12
    page_blocks: int = 90
    rejected: int = 40
    text: int = 1_200
    short_text: int = 320
    name: int = 200


@dataclass(frozen=True)
class Copy:
    """One member of a cluster of documents, with the text that was compared."""

    document: str
    url: str | None
    title: str | None
    keeper: bool
    similarity: float
    text: Excerpt
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class DocumentCluster:
    """Documents that are near-duplicates of one keeper: it and the least similar ones."""

    name: str
    size: int
    copies: tuple[Copy, ...]

    @property
    def lowest(self) -> float:
        """The similarity of the member that is least like the keeper."""
        return min(copy.similarity for copy in self.copies)


@dataclass(frozen=True)
class BlockPlace:
    """Where a block of a cluster stands."""

    document: str
    url: str | None
    index: int
    keeper: bool
    similarity: float
    keep: bool | None
    reason: str | None


@dataclass(frozen=True)
class BlockCluster:
    """Blocks that are near-duplicates of one, and where they stand."""

    name: str
    size: int
    documents: int
    text: Excerpt
    places: tuple[BlockPlace, ...]


@dataclass(frozen=True)
class PassagePlace:
    """Where a passage stands: its span in characters of the document's text."""

    document: str
    start: int
    end: int
    keep: bool
    similarity: float


@dataclass(frozen=True)
class Passage:
    """A passage that stands more than once, and its first places."""

    name: str
    kind: str
    n_words: int
    size: int
    documents: int
    text: Excerpt
    places: tuple[PassagePlace, ...]


@dataclass(frozen=True)
class TemplateBlock:
    """A block that a site repeats, and on how many of its pages."""

    text: Excerpt
    pages: int
    reason: str


@dataclass(frozen=True)
class Site:
    """What went of one site: characters by outcome, and the blocks that it repeats."""

    removal: Removal
    parts: tuple[tuple[str, int], ...]
    templates: tuple[TemplateBlock, ...]


@dataclass(frozen=True)
class PageBlock:
    """One block of a sample page and its verdict."""

    index: int
    start: int
    end: int
    text: Excerpt
    probability: float
    # main reasons for the label, in words of ours; None if they were not asked for
    why: str | None
    keep: bool
    reason: str | None


@dataclass(frozen=True)
class PageSample:
    """A page as it was judged, block by block."""

    document: str
    url: str | None
    title: str | None
    reason: str | None
    n_blocks: int
    n_kept: int
    blocks: tuple[PageBlock, ...]


@dataclass(frozen=True)
class RejectedRecord:
    """A record that could not be read."""

    source: str
    offset: int
    url: str | None
    reason: str


@dataclass(frozen=True)
class ReportData:
    """All that one report shows."""

    manifest: Manifest
    limits: Limits
    document_clusters: tuple[DocumentCluster, ...]
    block_clusters: tuple[BlockCluster, ...]
    passages: tuple[Passage, ...]
    sites: tuple[Site, ...]
    pages: tuple[PageSample, ...]
    rejected: tuple[RejectedRecord, ...]
