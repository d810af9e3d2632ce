"""What the pipeline asks of an engine.

An engine moves record batches between stages and does what needs the whole corpus:
SQL over frames, and connected components. It knows no stage: the pipeline hands it
plain functions. Its frames are its own; the pipeline only passes them on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Frame = TypeVar("Frame")
Shard = TypeVar("Shard")

Read = Callable[[Shard], Iterator[pa.RecordBatch]]
Stage = Callable[..., pa.RecordBatch]
Keys = npt.NDArray[np.int64]
Connect = Callable[[Keys, Keys], tuple[Keys, Keys]]
Measure = Callable[[pa.RecordBatch], Keys]
CutFiles = Callable[[Iterable[Keys]], Iterable[int]]
WritePart = Callable[[Iterator[pa.RecordBatch], BinaryIO], None]


COMPONENTS = pa.schema(
    [
        pa.field("key", pa.int64(), nullable=False),
        pa.field("component", pa.int64(), nullable=False),
    ]
)


@dataclass(frozen=True)
class Scan:
    """Shards and how to read them."""

    shards: tuple[Any, ...]
    read: Read[Any]
    sizes: tuple[int, ...]


@dataclass(frozen=True)
class Beside(Generic[Frame]):
    """A second table whose rows a stage needs next to its batch.

    The stage gets, as its second argument, the rows of `frame` whose `key` (int64) occurs in
    one of the batch's columns `by`, sorted by `key`, with the `columns` that are named. Of
    rows with the same key it gets one. Where that would be much data at once, the stage is
    called for one piece of the batch after the other.
    """

    frame: Frame
    key: str
    by: tuple[str, ...]
    columns: Sequence[str]


@dataclass(frozen=True)
class Whole:
    """A column by which a frame is sorted, no run of whose equal values is split over batches."""

    column: str
    # of a batch; None where a stage pairs within groups: of few rows it makes many
    n_bytes: int | None = None


@dataclass(frozen=True)
class Sieve:
    """How to tell, nearly, which values of a column occur once."""

    # counters for so many values, in at most so many bytes
    make: Callable[[int, int], npt.NDArray[np.uint8]]
    # count values
    mark: Callable[[Keys, npt.NDArray[np.uint8]], None]
    # which values may have been counted twice: all that were, and some others
    test: Callable[[Keys, npt.NDArray[np.uint8]], npt.NDArray[np.bool_]]


@dataclass(frozen=True)
class PartFiles:
    """How sorted rows become files, which are the same however the rows come."""

    # write all of them into a folder
    write: Callable[[Iterator[pa.RecordBatch], Path], object]
    # bytes of each row of a batch
    measure: Measure
    # after how many rows each file ends, by the sizes of all rows in order; there is one at least
    cut: CutFiles
    # write the rows of one file
    write_one: WritePart
    # of a file by its number, from 0
    name: Callable[[int], str]


@dataclass(frozen=True)
class Progress:
    """How far a stage has come."""

    stage: str
    rows: int
    # of the batches taken in, uncompressed
    n_bytes: int
    # of all the stage's input, 0 to 1; None where it cannot be known
    fraction: float | None
    seconds: float
    rows_out: int = 0
    bytes_out: int = 0
    done: bool = False


Observer = Callable[[Progress], None]


class Engine(Protocol[Frame]):
    """The verbs; every engine passes the same suite of tests."""

    def scan(self, shards: Sequence[Shard], read: Read[Shard], *, sizes: Sequence[int]) -> Frame:
        """Name the batches that `read` yields for each shard; nothing is read yet.

        `sizes` are the shards' shares of the work, in any unit, for the progress.
        """
        ...

    def frame(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Frame:
        """Take in batches that are in memory."""
        ...

    def map(
        self,
        frame: Frame,
        stage: Stage,
        schema: pa.Schema,
        *,
        name: str,
        whole: Whole | None = None,
        beside: Beside[Frame] | None = None,
    ) -> Frame:
        """Apply `stage` to each batch; order is kept."""
        ...

    def stream(
        self, frame: Frame, stage: Stage, schema: pa.Schema, *, name: str
    ) -> Iterator[pa.RecordBatch]:
        """Apply `stage` to each batch, and bring what it makes to the caller, in order."""
        ...

    def query(
        self, sql: str, schema: pa.Schema, *, name: str, frames: Mapping[str, Frame]
    ) -> Frame:
        """Run one SELECT over `frames`; an ORDER BY at its end holds for the result."""
        ...

    def number(self, frame: Frame, schema: pa.Schema, *, name: str) -> Frame:
        """Add a last column (int64) to the rows of a query with an order: their places, from 1.

        `schema` is that of what comes out.
        """
        ...

    def sort(self, frame: Frame, by: str, *, name: str) -> Frame:
        """Sort wide rows by a column of int64, no two the same; it is left out of what comes."""
        ...

    def sift(self, frame: Frame, column: str, sieve: Sieve, *, name: str) -> Frame:
        """Drop rows whose value in `column` (int64) occurs once, as far as the sieve can tell."""
        ...

    def components(self, pairs: Frame, connect: Connect) -> Frame:
        """Label the columns `a` and `b` of `pairs`: one row `key, component` for each key."""
        ...

    def batches(self, frame: Frame) -> Iterator[pa.RecordBatch]:
        """Bring a frame's batches to the caller, in order."""
        ...

    def table(self, frame: Frame) -> pa.Table:
        """Bring a small frame to the caller."""
        ...

    def write(self, frame: Frame, folder: Path, files: PartFiles) -> None:
        """Write a frame, whose rows are in order, as files of a folder of the caller's machine.

        Raises
        ------
        OSError: the folder cannot be written.
        """
        ...

    def drop(self, *frames: Frame) -> None:
        """Delete the rows of frames that no step takes any more.

        A run that is taken up again passes over the steps that took them. What `batches` or
        `table` was asked for is asked for again then: it is not to be dropped.
        """
        ...
