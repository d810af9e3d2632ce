"""On how many pages a block stands, counted by both engines."""

import pyarrow as pa
import pytest

from dedup import schema
from dedup.engines.local import LocalEngine
from dedup.match import repetition
from dedup.pipeline.lists import query_lists

# blocks of pages without an address
BLOCKS = [[1, 2, 3], [2, 1, 3], [1, 2, 3], [5, 5, 3], [7, 7, 3], [1, 1], [2, 2], []]


@pytest.fixture(params=["local", "spark_engine", "spark_sql_engine"])
def engine(request, tmp_path):
    if request.param != "local":
        yield request.getfixturevalue(request.param)
        return
    with LocalEngine(temp=tmp_path) as engine:
        yield engine


def frame(engine, rows, columns):
    return engine.frame([pa.RecordBatch.from_pylist(rows, columns)], columns)


def test_pages_are_told_apart_by_their_blocks_in_order(engine):
    keys = [
        {"document": document, "index": index, "key": key, "scope": 0, "n_words": 9}
        for document, blocks in enumerate(BLOCKS)
        for index, key in enumerate(blocks)
    ]
    documents = range(len(BLOCKS))
    pages = [{"document": d, "site": "x" * (d % 2)} for d in documents]
    columns = pa.schema([schema.PAGES.field(name) for name in ("document", "url", "site")])
    frames = {
        "block_keys": frame(engine, keys, schema.PLACED_KEYS),
        "pages": frame(engine, pages, columns),
        "names": frame(engine, [{"document": d, "id": str(d)} for d in documents], schema.NAMES),
        "clusters": engine.frame([], schema.CLUSTERS),
    }
    counted = engine.table(
        query_lists(engine, repetition.REPETITION, schema.REPETITION, name="count", frames=frames)
    ).sort_by("document")
    # the third page has the blocks of the first in the same order: it is the same page
    assert counted.column("crawl_pages").to_pylist() == [
        [3, 3, 4], [3, 3, 4], [3, 3, 4], [1, 1, 4], [1, 1, 4], [3, 3], [3, 3], [],
    ]  # fmt: skip
    assert counted.column("crawl_seen").to_pylist() == [6] * 7 + [0]
    assert counted.column("clusters").to_pylist() == BLOCKS
