"""An index is written: from what a run found, and from the index that it was matched with."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from dedup import schema
from dedup.classify.model_file import read_model
from dedup.engines.base import Beside, Engine, Frame
from dedup.index import Index, check_same, deciding, open_index, write_header
from dedup.index.files import GROUP_BYTES, GROUP_ROWS, PART_BYTES
from dedup.match import components
from dedup.pipeline.documents import band_bodies
from dedup.pipeline.incremental import read_held
from dedup.pipeline.jobs import Fresh, Outcome
from dedup.report.output import INDEX, local_path, open_output
from dedup.report.row_groups import GroupSize
from dedup.report.tables import write_table
from dedup.resolve import beside_index
from dedup.settings import Against, MatchSettings, Settings
from dedup.sketch import sketch

_NEW = """
SELECT DISTINCT b.key, CAST(0 AS BIGINT) AS scope, CAST(0 AS BIGINT) AS rank
FROM bodies b ANTI JOIN held h ON b.key = h.key WHERE b.n_words > 0 ORDER BY b.key
"""
_NEW_ROWS = pa.schema([schema.TEXTS.field(name) for name in ("key", "scope", "rank")])
_DOCUMENTS = "SELECT * FROM held UNION ALL SELECT * FROM fresh ORDER BY key, document"
_BUCKETS = """
SELECT * FROM held UNION ALL SELECT bucket, key, low_bits, high_bits FROM fresh
ORDER BY bucket, key
"""
_ALL_PAIRS = """
SELECT a, b, similarity, containment FROM held
UNION SELECT a, b, similarity, containment FROM fresh ORDER BY a, b
"""
_PAIRS = """
SELECT c.component, p.a, p.b, p.similarity, p.containment
FROM pairs p JOIN components c ON p.a = c.key ORDER BY c.component, p.a, p.b
"""
_TEXTS = """
WITH texts AS (
  SELECT key, signature, text FROM held UNION ALL SELECT key, signature, text FROM fresh)
SELECT t.key, coalesce(c.component, t.key) AS component, t.signature, t.text
FROM texts t LEFT JOIN components c ON t.key = c.key ORDER BY t.key
"""


@dataclass(frozen=True)
class Known:
    """An index that a run is matched with, and the folder of its next version, if it gets one."""

    index: Index
    folder: Path | None

    def take_in(self, engine: Engine[Frame], outcome: Outcome[Frame]) -> None:
        """Write the next version, with the run in it."""
        if self.folder is not None and outcome.fresh is not None:
            write_index(engine, self.folder, outcome.fresh, self.index)


@contextmanager
def open_against(against: Against, settings: Settings) -> Iterator[Known]:
    """Open an index for a run; its next version takes its place when all has gone well.

    Raises
    ------
    BadIndex: it cannot be read.
    BadSettings: it was built with other settings.
    """
    place = local_path(against.folder)
    # before the settings: what is no index has none
    check_same(open_index(place), deciding(settings, read_model(settings.classify.model)))
    update = open_output(place, overwrite=True, kind=INDEX) if against.update else nullcontext(None)
    with update as folder:
        # again: another run may just have replaced it
        yield Known(open_index(place), folder)


def write_index(engine: Engine[Frame], folder: Path, fresh: Fresh[Frame], old: Index) -> Index:
    """Write an index with all that `old` holds, and what a run adds to it.

    Parameters
    ----------
    folder: empty. old: of no documents, if there is none yet.
    """
    match = old.match
    generation = old.generation + 1
    documents = _documents(engine, fresh, old, generation)
    held_keys = read_held(engine, old, "texts", columns=("key",))
    new = engine.query(
        _NEW,
        _NEW_ROWS,
        name="list new texts",
        frames={"bodies": fresh.bodies, "held": held_keys},
    )
    pairs = engine.query(
        _ALL_PAIRS,
        schema.PAIRS,
        name="join pairs",
        frames={"held": read_held(engine, old, "pairs"), "fresh": fresh.pairs},
    )
    connected = engine.components(pairs, components)
    tables = {
        "documents": documents,
        "texts": _texts(engine, new, fresh.bodies, (old, connected), match),
        "buckets": engine.query(
            _BUCKETS,
            schema.HELD_BUCKETS,
            name="sort buckets",
            frames={
                "held": read_held(engine, old, "buckets"),
                "fresh": band_bodies(engine, new, fresh.bodies),
            },
        ),
        "pairs": engine.query(
            _PAIRS,
            schema.HELD_PAIRS,
            name="sort pairs",
            frames={"pairs": pairs, "components": connected},
        ),
    }
    rows = {name: _write(engine, folder, name, frame) for name, frame in tables.items()}
    made = Index(folder, old.settings, rows["documents"], rows["texts"], generation)
    write_header(folder, made)
    return made


def _write(engine: Engine[Frame], folder: Path, name: str, frame: Frame) -> int:
    written = write_table(
        engine.batches(frame),
        schema.HELD[name],
        folder / name,
        "parquet",
        group_size=GroupSize(GROUP_ROWS, GROUP_BYTES),
        part_bytes=PART_BYTES,
    )
    return written.rows


def _documents(engine: Engine[Frame], fresh: Fresh[Frame], old: Index, generation: int) -> Frame:
    found = engine.query(
        beside_index.FRESH,
        schema.HELD_DOCUMENTS,
        name="list indexed documents",
        frames={
            "pages": fresh.pages,
            "names": fresh.names,
            "bodies": fresh.bodies,
            "decisions": fresh.decisions,
        },
    )
    numbered = engine.map(
        found,
        partial(number_anew, generation=generation),
        schema.HELD_DOCUMENTS,
        name="number documents",
    )
    return engine.query(
        _DOCUMENTS,
        schema.HELD_DOCUMENTS,
        name="sort documents",
        frames={"held": read_held(engine, old, "documents"), "fresh": numbered},
    )


def number_anew(documents: pa.RecordBatch, *, generation: int) -> pa.RecordBatch:
    """Mix the generation into documents' numbers, since a later run may read the same places.

    Different numbers stay different (the finalizer of SplitMix64; Steele, Lea and Flood 2014).
    """
    numbers = documents.column("document").to_numpy().view(np.uint64)
    numbers = numbers + np.uint64(generation * 0x9E3779B97F4A7C15 % (1 << 64))
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    made = pa.array((numbers ^ (numbers >> np.uint64(31))).view(np.int64))
    return pa.RecordBatch.from_arrays(
        [made if name == "document" else documents.column(name) for name in documents.schema.names],
        schema=documents.schema,
    )


def _texts(
    engine: Engine[Frame],
    new: Frame,
    compared: Frame,
    held: tuple[Index, Frame],
    settings: MatchSettings,
) -> Frame:
    """Sign the new texts, and name the component of each text, old or new."""
    old, connected = held
    signed = engine.map(
        new,
        partial(sign_bodies, settings=settings),
        schema.HELD_TEXTS,
        name="sign texts",
        beside=Beside(compared, "key", ("key",), ("key", "text")),
    )
    return engine.query(
        _TEXTS,
        schema.HELD_TEXTS,
        name="sort texts",
        frames={
            "held": read_held(engine, old, "texts"),
            "fresh": signed,
            "components": connected,
        },
    )


def sign_bodies(
    new: pa.RecordBatch, compared: pa.RecordBatch, *, settings: MatchSettings
) -> pa.RecordBatch:
    """Sign distinct bodies: schema.HELD_TEXTS, each its own component."""
    texts = pa.RecordBatch.from_arrays([*new.columns, compared.column("text")], schema=schema.TEXTS)
    key = texts.column("key")
    signature = sketch(texts, settings).column("signature")
    return pa.RecordBatch.from_arrays(
        [key, key, signature, texts.column("text")], schema=schema.HELD_TEXTS
    )
