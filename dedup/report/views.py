"""What the report shows, as plain values; templates know nothing else."""

from dataclasses import dataclass

from dedup.report.differences import Compared
from dedup.report.manifest import Manifest, Removal
from dedup.report.visible import Excerpt


@dataclass(frozen=True)
class Limits:
    """How much of a result one page shows; what is left out is counted and said.

    Texts of a usual crawl stay far below page.MAX_BYTES; where every character takes 5 bytes
    when it is escaped, `page.render_within` halves these until the page fits.
    """

    document_clusters: int = 24
    members: int = 5
    block_clusters: int = 40
    places: int = 8
    # of the places of a block, those shown beside the keeper, word by word
    pairs: int = 2
    passages: int = 30
    # rows of the table, and those whose repeated blocks are shown
    sites: int = 200
    site_details: int = 30
    templates: int = 8
    pages: int = 14
    page_blocks: int = 80
    rejected: int = 40
    alarms: int = 20
    # characters of a text that are read to find where it differs from its keeper's
    compared: int = 200_000
    # characters that are shown of copies, of blocks and rows, and of names
    text: int = 1_000
    short_text: int = 320
    name: int = 200


@dataclass(frozen=True)
class Copy:
    """One member of a cluster of documents, with the text that was compared.

    `compared` is None for the keeper, and where the keeper's text is not at hand (an index
    holds it); `same` says that both texts are equal as far as they were compared.
    """

    document: str
    url: str | None
    title: str | None
    keeper: bool
    similarity: float
    text: Excerpt
    compared: Compared | None = None
    same: bool = False
    # whether of both texts all was read
    whole: bool = True

    @property
    def beyond(self) -> bool:
        """Whether it differs from the keeper, but only after all that was read of both."""
        alike = self.same or (self.compared is not None and not self.compared.marked)
        return alike and self.similarity < 1 and not self.whole


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
    # with the keeper's text, where it differs; None where it is the same, or is not shown
    compared: Compared | None = None


@dataclass(frozen=True)
class BlockCluster:
    """Blocks that are near-duplicates of one, and where they stand."""

    name: str
    size: int
    documents: int
    text: Excerpt
    places: tuple[BlockPlace, ...]

    @property
    def lowest(self) -> float:
        """The similarity of the place that is least like the keeper."""
        return min(place.similarity for place in self.places)


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

    @property
    def lowest(self) -> float:
        """The similarity of the place that is least like the keeper."""
        return min(place.similarity for place in self.places)


@dataclass(frozen=True)
class TemplateBlock:
    """A block that a site repeats, and on how many of its pages."""

    text: Excerpt
    pages: int
    reason: str


@dataclass(frozen=True)
class Site:
    """What went of one site: characters by outcome, and the blocks that it repeats.

    `templates` is empty for sites beyond `Limits.site_details`.
    """

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
class Tally:
    """How many of a name fall into the bin that begins at `low`; or just how many of a name."""

    name: str
    low: float
    count: int


@dataclass(frozen=True)
class Distributions:
    """How a result spreads: bins by name (kind of cluster, or label), sorted by (name, low).

    `sizes` counts clusters in bins that double (2, 4, 8, ...), `similarities` members other than
    the keeper in bins of 0.02, where 1 is a bin of its own, `probabilities` blocks in bins of 0.02.
    """

    sizes: tuple[Tally, ...]
    similarities: tuple[Tally, ...]
    probabilities: tuple[Tally, ...]


@dataclass(frozen=True)
class GiantCluster:
    """A cluster of very many documents, or of a block that goes from very many.

    `label` is the keeper's title or text, else its name; bounded, not escaped.
    """

    kind: str
    name: str
    label: str
    documents: int
    lowest: float


@dataclass(frozen=True)
class Check:
    """What was looked for, in words, and what was found of it."""

    what: str
    found: str


@dataclass(frozen=True)
class Loss:
    """A source or site that loses more of its documents than the limit."""

    by: str
    removal: Removal
    allowed: bool


@dataclass(frozen=True)
class Alarms:
    """What a person should look at first."""

    losses: tuple[Loss, ...]
    giants: tuple[GiantCluster, ...]
    # whether that many records were rejected that it is a warning
    rejected: bool
    # the commonest reasons of rejected records
    rejections: tuple[Tally, ...]
    checks: tuple[Check, ...]


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
    distributions: Distributions
    alarms: Alarms
