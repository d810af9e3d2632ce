"""Rows of blocks become one row a document, with a list for each column.

SQL has an aggregate for that, whose lists neither spill to disk nor share memory: of a crawl's
blocks they would be most of what a run holds.
"""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.buffers import list_array
from dedup.engines.base import Engine, Frame, Whole

LIST_BYTES = 16 << 20
"""Rows that are gathered at once: where lists are looked up, many small batches take long."""


def query_lists(
    engine: Engine[Frame],
    sql: str,
    listed: pa.Schema,
    *,
    by: str = "document",
    name: str,
    frames: Mapping[str, Frame],
) -> Frame:
    """Ask for rows of blocks, and gather those of each document.

    Parameters
    ----------
    sql: its columns are those of `block_rows(listed)`; sorted by the column `by`, and as the lists
        are to be.
    by: has a value of its own for each document.

    Returns
    -------
    A frame of the schema `listed`.
    """
    rows = engine.query(sql, block_rows(listed), name=name, frames=frames)
    stage = partial(gather_blocks, listed=listed)
    whole = Whole(by, LIST_BYTES)
    made = engine.map(rows, stage, listed, name=f"{name} by document", whole=whole)
    engine.drop(rows)
    return made


def block_rows(listed: pa.Schema) -> pa.Schema:
    """Make the schema of rows of blocks that are gathered to `listed`.

    Examples
    --------
    >>> block_rows(pa.schema({"document": pa.int64(), "keys": pa.list_(pa.int64())})).names
    ['document', 'keys', 'index']
    """
    fields = [
        pa.field(field.name, field.type.value_type) if pa.types.is_list(field.type) else field
        for field in listed
    ]
    return pa.schema([*fields, pa.field("index", pa.int32())])


def gather_blocks(rows: pa.RecordBatch, *, listed: pa.Schema) -> pa.RecordBatch:
    """Gather rows of blocks to one row a document.

    Parameters
    ----------
    rows: block_rows(listed), those of a document in a row; of one without blocks a row whose index
        is null. Columns that become no list are the same in all rows of a document.
    """
    documents = rows.column("document").to_numpy()
    begins = np.flatnonzero(np.append(True, documents[1:] != documents[:-1])[: len(documents)])
    is_block = pc.is_valid(rows.column("index"))
    blocks = rows if rows.column("index").null_count == 0 else rows.filter(is_block)
    flags = is_block.to_numpy(zero_copy_only=False).astype(np.int64)
    counts = np.add.reduceat(flags, begins) if len(begins) else flags
    offsets = np.append(0, np.cumsum(counts))
    firsts = pa.array(begins)
    return pa.RecordBatch.from_arrays(
        [
            list_array(blocks.column(field.name), offsets)
            if pa.types.is_list(field.type)
            else rows.column(field.name).take(firsts)
            for field in listed
        ],
        schema=listed,
    )
