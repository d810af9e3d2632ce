"""Rows of blocks become lists of their documents."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from dedup.engines.local import LocalEngine
from dedup.pipeline.lists import block_rows, gather_blocks, query_lists

LISTED = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        pa.field("seen", pa.int32(), nullable=False),
        pa.field("words", pa.list_(pa.string()), nullable=False),
    ]
)
DOCUMENTS = st.dictionaries(
    st.integers(-(2**63), 2**63 - 1), st.lists(st.none() | st.text(max_size=3), max_size=4)
)


def rows_of(documents):
    return [
        {"document": document, "seen": 7, "words": word, "index": index}
        for document, words in sorted(documents.items())
        for index, word in (list(enumerate(words)) or [(None, None)])
    ]


@given(DOCUMENTS)
def test_each_document_gets_its_rows_in_order(documents):
    rows = pa.RecordBatch.from_pylist(rows_of(documents), block_rows(LISTED))
    made = gather_blocks(rows, listed=LISTED)
    made.validate(full=True)
    assert made.schema == LISTED
    assert made.to_pylist() == [
        {"document": document, "seen": 7, "words": words}
        for document, words in sorted(documents.items())
    ]


def test_no_document_is_split_where_rows_come_in_many_batches(monkeypatch):
    monkeypatch.setattr("dedup.pipeline.lists.LIST_BYTES", 64)
    monkeypatch.setattr("dedup.engines.queries.QUERY_ROWS", 2)
    documents = {n: [f"{n} {i}" for i in range(n % 5)] for n in range(40)}
    rows = pa.RecordBatch.from_pylist(rows_of(documents), block_rows(LISTED))
    with LocalEngine() as engine:
        frame = engine.frame([rows.slice(at, 3) for at in range(0, rows.num_rows, 3)], rows.schema)
        sql = 'SELECT * FROM f ORDER BY document, "index"'
        made = query_lists(engine, sql, LISTED, name="list", frames={"f": frame})
        assert len(list(engine.batches(made))) > 5
        assert engine.table(made).select(["document", "words"]).to_pylist() == [
            {"document": document, "words": words} for document, words in documents.items()
        ]
