"""Connected components of pairs that one process can hold."""

from collections.abc import Generator, Sequence
from functools import partial

import numpy as np
import pyarrow as pa

from dedup.engines.base import COMPONENTS, Connect, Keys, Stage
from dedup.engines.files import Part, cut_rows, read_batches
from dedup.engines.queries import QUERY_ROWS

PAIR_BYTES = 150
"""What connecting takes in memory for each pair: both ends, sorted and numbered."""


def connect_parts(parts: Sequence[Part], connect: Connect) -> Generator[pa.RecordBatch]:
    """Connect the columns `a` and `b` of all parts: COMPONENTS, sorted by key."""
    batches = list(read_batches(parts))
    a, b = (
        np.concatenate([np.zeros(0, np.int64), *(each.column(end).to_numpy() for each in batches)])
        for end in ("a", "b")
    )
    yield from cut_rows([_labels(*connect(a, b))], QUERY_ROWS)


def connect_task(connect: Connect) -> Stage:
    """Make a stage of `connect`, for pairs that are one batch."""
    return partial(_connect, connect=connect)


def _connect(pairs: pa.RecordBatch, *, connect: Connect) -> pa.RecordBatch:
    a, b = (pairs.column(name).to_numpy(zero_copy_only=False) for name in ("a", "b"))
    return _labels(*connect(a.astype(np.int64), b.astype(np.int64)))


def _labels(keys: Keys, component: Keys) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(keys), pa.array(component)], schema=COMPONENTS)
