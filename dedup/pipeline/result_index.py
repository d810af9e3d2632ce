"""`dedup index build`: the index of a finished result."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup import schema
from dedup.buffers import list_array
from dedup.classify.model_file import read_model
from dedup.engines.base import Beside, Engine, Frame, Observer, Whole
from dedup.engines.files import conform
from dedup.errors import BadInput
from dedup.index import Index, deciding
from dedup.pipeline.documents import (
    Comparing,
    bodies,
    comparing,
    match_documents,
    rank_documents,
)
from dedup.pipeline.index import write_index
from dedup.pipeline.jobs import Fresh
from dedup.pipeline.run import open_engine
from dedup.report.manifest import read_manifest
from dedup.report.output import INDEX, check_free, disk_is_full, local_path, open_output
from dedup.report.result import Reading, open_result
from dedup.resolve import in_order_of
from dedup.settings import RunSettings, Settings

_DOCUMENTS = """
SELECT row_number() OVER (ORDER BY id) AS document, id, source, "offset", site, date,
       n_characters, keep
FROM documents ORDER BY id
"""
_PAGES = pa.schema(
    [
        *(schema.PAGES.field(n) for n in ("document", "id", "source", "offset", "site", "date")),
        schema.BODIES.field("n_characters"),
        schema.DECISIONS.field("keep"),
    ]
)
# a document that went keeps the blocks of its body, under a reason of their own
_BLOCKS = """
WITH numbered AS (SELECT row_number() OVER (ORDER BY id) AS document, id FROM documents)
SELECT n.document, b."index", b.start, b."end", b.text
FROM blocks b JOIN numbered n ON b.document = n.id
WHERE b.reason IS NULL OR b.reason = 'duplicate document'
ORDER BY n.document, b."index"
"""
_PIECES = pa.schema(
    [
        schema.PAGES.field("document"),
        *(schema.BLOCKS_OUT.field(n) for n in ("index", "start", "end", "text")),
    ]
)
# the characters are those of the clean text, which the joined blocks need not have
_ORIGINS = ("document", "source", "site", "n_characters")
_JOINED = pa.schema([schema.PAGES.field("document"), schema.PAGES.field("text")])
_BATCH = 1 << 14


def index_result(
    result: Path,
    place: Path,
    settings: RunSettings,
    *,
    overwrite: bool = False,
    observe: Observer | None = None,
) -> Index:
    """Build the index of a result of `dedup clean`, under the settings that it was made with.

    The bodies of documents that went are taken from `blocks/`.

    Raises
    ------
    BadInput: `result` holds no result of `dedup clean`.
    OutputExists: `place` is taken.
    """
    manifest = read_manifest(result)
    if manifest.command != "clean":
        raise BadInput(str(result), "is a result of dedup find; an index takes one of dedup clean")
    made = manifest.settings
    empty = Index(place, deciding(made, read_model(made.classify.model)), 0, 0, 0)
    check_free(local_path(place), overwrite=overwrite, kind=INDEX)
    with open_output(place, overwrite=overwrite, kind=INDEX) as folder:
        beside = replace(settings, temp=settings.temp or str(folder))
        reading = Reading(memory_bytes=settings.reading_bytes)
        with open_engine(beside, observe=observe) as engine:
            found = _read_result(engine, result, reading, made)
            return write_index(engine, folder, found, empty)


def _read_result(
    engine: Engine[Frame], result: Path, reading: Reading, settings: Settings
) -> Fresh[Frame]:
    """Find in a result what an index takes in, and match its documents again."""
    try:
        with open_result(result, reading) as tables:
            pages = engine.frame(_batches(tables.sql(_DOCUMENTS), _PAGES), _PAGES)
            pieces = engine.frame(_batches(tables.sql(_BLOCKS), _PIECES), _PIECES)
    except duckdb.Error as error:
        if disk_is_full(error):
            raise
        about = str(error).splitlines()[0][:200]
        raise BadInput(str(result), f"its tables cannot be read ({about})") from None
    joined = engine.map(pieces, join_pieces, _JOINED, name="join blocks", whole=Whole("document"))
    how = comparing(settings)
    compared = engine.map(
        joined,
        partial(joined_bodies, how=how),
        schema.BODIES,
        name="sketch bodies",
        beside=Beside(pages, "document", ("document",), _ORIGINS),
    )
    ranks = rank_documents(engine, pages, compared, settings.resolve)
    matches = match_documents(engine, compared, ranks, settings.documents)
    return Fresh(pages=pages, names=pages, bodies=compared, decisions=pages, pairs=matches.pairs)


def _batches(relation: duckdb.DuckDBPyRelation, columns: pa.Schema) -> Iterator[pa.RecordBatch]:
    for batch in relation.to_arrow_reader(_BATCH):
        yield conform(batch, columns)


def join_pieces(pieces: pa.RecordBatch) -> pa.RecordBatch:
    """Join the blocks of each body, with a line break wherever anything stood between two.

    The words are those of the clean text, which is all that is compared.

    Parameters
    ----------
    pieces: columns document, index, start, end and text; sorted, no document is split.

    Returns
    -------
    Columns document and text.
    """
    document, index, start, end = (
        pieces.column(name).to_numpy() for name in ("document", "index", "start", "end")
    )
    begins = np.flatnonzero(np.diff(document, prepend=document[:1] - 1))
    touching = np.zeros(len(document), np.bool_)
    touching[1:] = (start[1:] == end[:-1]) & (index[1:] == index[:-1] + 1)
    touching[begins] = True
    glue = pc.if_else(pa.array(touching), "", "\n")
    parts = pc.binary_join_element_wise(glue, pieces.column("text"), "")
    texts = pc.binary_join(list_array(parts, np.append(begins, len(document))), "")
    return pa.RecordBatch.from_arrays([pa.array(document[begins]), texts], schema=_JOINED)


def joined_bodies(
    joined: pa.RecordBatch, pages: pa.RecordBatch, *, how: Comparing
) -> pa.RecordBatch:
    """Turn what `join_pieces` makes into schema.BODIES."""
    origins = in_order_of(joined.column("document"), pages)
    return bodies(origins, joined.column("text"), origins.column("n_characters"), how)
