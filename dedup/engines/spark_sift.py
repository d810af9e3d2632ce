"""A sieve over files: one task counts the values of a column, others keep rows by its counts."""

import uuid
from collections.abc import Iterable, Iterator, Sequence

import fsspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.engines.base import Sieve
from dedup.engines.spark_files import File, Piece, groups_of, read_pieces
from dedup.engines.spark_tasks import Inputs

SIFTED = """
SELECT * FROM sifted WHERE "{0}" IN (SELECT "{0}" FROM sifted GROUP BY "{0}" HAVING count(*) > 1)
"""

COUNTER_BYTES = 256 << 20
"""Counters take at most so much in each task."""


def count_values(
    sources: Iterable[Sequence[File]], *, schema: pa.Schema, column: str, sieve: Sieve, folder: str
) -> Iterator[str]:
    """Count the values of all files of a source; yields the file of the counters."""
    for files in sources:
        counters = sieve.make(sum(file.n_rows for file in files), COUNTER_BYTES)
        for file in files:
            for batch in read_pieces(groups_of(file), schema, [column]):
                sieve.mark(batch.column(0).to_numpy(), counters)
        path = f"{folder}/{uuid.uuid4().hex}.counters"
        with fsspec.open(path, "wb", auto_mkdir=True) as raw:
            raw.write(counters.data)
        yield path


def read_sifted(
    some: Sequence[Piece], *, schema: pa.Schema, column: str, sieve: Sieve, counters: str
) -> Inputs:
    """Yield the rows whose value may have been counted twice."""
    with fsspec.open(counters, "rb") as raw:
        counted: npt.NDArray[np.uint8] = np.frombuffer(raw.read(), np.uint8)
    for batch in read_pieces(some, schema):
        yield (batch.filter(pa.array(sieve.test(batch.column(column).to_numpy(), counted))),)
