"""What a run can be told, one frozen dataclass a stage; values only.

Each field has the name of its option on the command line and in a settings file. A
value is checked where the dataclass is made, so that an impossible one never starts a
run.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from dedup.errors import BadSettings

InputFormat = Literal["auto", "warc", "wet", "html", "text", "jsonl", "parquet"]
Keep = Literal["longest", "first", "newest", "source-priority"]
Scope = Literal["crawl", "site", "source", "page"]
Comparison = Literal["text", "body"]
Sketch = Literal["minhash", "fss"]
Unit = Literal["document", "block", "both", "passage"]
EngineName = Literal["local", "spark"]
TableFormat = Literal["parquet", "jsonl"]

PASSAGE_WORDS = 12
"""A text of fewer words is never said to be contained in another one."""


def check_choice(name: str, value: str, choices: object) -> None:
    """Raise BadSettings unless `value` is one of the Literal `choices`."""
    allowed = get_args(choices)
    if value not in allowed:
        raise BadSettings(f"{name} is {value!r}; it can be {', '.join(allowed)}")


def check_range(name: str, value: float, low: float, high: float) -> None:
    """Raise BadSettings unless low <= value <= high."""
    if not low <= value <= high:
        raise BadSettings(f"{name} is {value:g}; it must lie between {low:g} and {high:g}")


@dataclass(frozen=True)
class ReadSettings:
    """How inputs are read."""

    input_format: InputFormat = "auto"
    text_column: str = "text"
    html_column: str = "html"
    id_column: str = "id"
    url_column: str = "url"
    date_column: str = "date"
    title_column: str = "title"
    max_record_bytes: int = 64 << 20
    batch_bytes: int = 8 << 20

    def __post_init__(self) -> None:
        check_choice("input-format", self.input_format, InputFormat)
        check_range("max-record-bytes", self.max_record_bytes, 1, 1 << 30)


@dataclass(frozen=True)
class SegmentSettings:
    """Bounds on one page; what lies beyond them is cut off and said so."""

    max_depth: int = 512
    max_blocks: int = 100_000

    def __post_init__(self) -> None:
        # a block's place on its page takes 20 bits
        check_range("max-blocks", self.max_blocks, 1, 1 << 20)


@dataclass(frozen=True)
class MatchSettings:
    """How texts are sketched and which pairs of them are duplicates."""

    ngram: int = 5
    threshold: float = 0.8
    num_perm: int = 128
    seed: int = 1
    containment: float | None = None
    sketch: Sketch = "minhash"

    def __post_init__(self) -> None:
        check_choice("sketch", self.sketch, Sketch)
        check_range("ngram", self.ngram, 1, 64)
        check_range("threshold", self.threshold, 0.1, 1.0)
        check_range("num-perm", self.num_perm, 16, 1024)
        if self.containment is not None:
            check_range("containment", self.containment, 0.5, 1.0)


@dataclass(frozen=True)
class ClassifySettings:
    """Which model judges the blocks, how sure it must be of body, and what else it does.

    `body_threshold` is a share of the F1 that a page can reach (`decode.page_cut`): near 1 where
    the page is plain, less where it leaves much open. `keep_comments`: comments below an article
    are body, too, where HTML names them so.
    """

    model: str | None = None
    body_threshold: float = 0.6
    reasons: bool = False
    keep_comments: bool = False

    def __post_init__(self) -> None:
        check_range("body-threshold", self.body_threshold, 0.0, 1.0)


@dataclass(frozen=True)
class ResolveSettings:
    """Which copy stays, within which scope, whether the others go, and how many at most.

    `min_cluster_size`: clusters with fewer members (documents, or places of blocks and passages)
    count for nothing. `max_removal`: a source that loses a larger share of its documents stops the
    run, unless its name is in `allow_removal`; annotated, it is only warned of.
    """

    keep: Keep = "longest"
    scope: Scope = "crawl"
    source_priority: tuple[str, ...] = ()
    annotate: bool = False
    min_cluster_size: int = 2
    max_removal: float = 0.9
    allow_removal: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_choice("keep", self.keep, Keep)
        check_choice("scope", self.scope, Scope)
        check_range("min-cluster-size", self.min_cluster_size, 2, 1_000_000_000)
        check_range("max-removal", self.max_removal, 0.0, 1.0)
        if self.annotate and self.allow_removal:
            raise BadSettings("allow-removal has no effect with annotate, which removes nothing")
        self._check_priority()

    def _check_priority(self) -> None:
        if (self.keep == "source-priority") != bool(self.source_priority):
            raise BadSettings("keep source-priority and a list of source-priority need each other")
        if self.source_priority and self.scope in ("source", "page"):
            raise BadSettings(
                f"source-priority has no effect with scope {self.scope}: "
                "documents of different sources are not compared"
            )
        if not all(self.source_priority):
            raise BadSettings("source-priority is empty, which every address contains")


@dataclass(frozen=True)
class FindSettings:
    """What `dedup find` looks for, in what, and whether it lists all pairs as well."""

    unit: Unit = "both"
    on: Comparison = "text"
    pairs: bool = False

    def __post_init__(self) -> None:
        check_choice("unit", self.unit, Unit)
        check_choice("on", self.on, Comparison)
        if self.unit == "passage" and (self.on == "body" or self.pairs):
            raise BadSettings(
                "unit passage takes texts as they are given, and has no pairs: "
                "it goes neither with on body nor with pairs"
            )


@dataclass(frozen=True)
class PassageSettings:
    """From how many words on the same words count as a repeated passage."""

    passage_words: int = 50

    def __post_init__(self) -> None:
        check_range("passage-words", self.passage_words, 8, 10_000)


QUERY_BYTES = 256 << 20
"""The least that sorting and joining need."""

PROGRAM_BYTES, ALONE_BYTES, WORKER_BYTES, SERVER_BYTES = 500 << 20, 250 << 20, 400 << 20, 100 << 20
"""Of the program, of batches in it if it has no workers, else of each, and of what forks them."""


def least_memory(workers: int) -> int:
    """Tell with how many bytes a run can do at all."""
    batches = ALONE_BYTES if workers == 1 else SERVER_BYTES + workers * WORKER_BYTES
    return PROGRAM_BYTES + batches + QUERY_BYTES


@dataclass(frozen=True)
class RunSettings:
    """On what a run runs, and what it may use of the machine: the memory is of all its processes.

    `master` is Spark's address of a cluster; `workers` and `memory_bytes` are of this machine,
    Spark has its own. `temp` is an address (hdfs://, s3://) only with Spark.
    """

    workers: int = 1
    memory_bytes: int = 2 << 30
    temp: str | None = None
    engine: EngineName = "local"
    master: str | None = None

    def __post_init__(self) -> None:
        check_range("workers", self.workers, 1, 1024)
        check_choice("engine", self.engine, EngineName)
        if self.engine == "local" and self.master is not None:
            raise BadSettings("master has no effect without engine spark")
        if self.engine == "local" and "://" in (self.temp or ""):
            raise BadSettings(f"temp is {self.temp}; without engine spark it is a local folder")
        least = least_memory(self.workers)
        if self.memory_bytes < least:
            of = "one worker" if self.workers == 1 else f"{self.workers} workers"
            raise BadSettings(
                f"memory is {self.memory_bytes >> 20:,} MB; {of} must have {-(-least >> 20):,} MB"
            )

    @property
    def query_bytes(self) -> int:
        """What sorting and joining may hold before they spill: all but the programs' own share."""
        return self.memory_bytes - least_memory(self.workers) + QUERY_BYTES

    @property
    def reading_bytes(self) -> int:
        """What reading a written result may hold before it spills: no workers are there then."""
        return self.memory_bytes - PROGRAM_BYTES


@dataclass(frozen=True)
class Place:
    """Where a result goes, and in which format its tables are written.

    `folder` is a path, or an address that fsspec knows ("s3://bucket/cleaned").
    """

    folder: Path | str
    table_format: TableFormat = "parquet"
    overwrite: bool = False

    def __post_init__(self) -> None:
        check_choice("format", self.table_format, TableFormat)


@dataclass(frozen=True)
class Against:
    """The index that a run is matched with, and whether it takes the run in."""

    folder: Path
    update: bool = False


@dataclass(frozen=True)
class Settings:
    """All that decides the result of a run, and how it is run."""

    read: ReadSettings = field(default_factory=ReadSettings)
    segment: SegmentSettings = field(default_factory=SegmentSettings)
    documents: MatchSettings = field(default_factory=MatchSettings)
    blocks: MatchSettings = field(
        default_factory=lambda: MatchSettings(ngram=3, containment=0.9),
    )
    classify: ClassifySettings = field(default_factory=ClassifySettings)
    resolve: ResolveSettings = field(default_factory=ResolveSettings)
    passages: PassageSettings = field(default_factory=PassageSettings)
    run: RunSettings = field(default_factory=RunSettings)
