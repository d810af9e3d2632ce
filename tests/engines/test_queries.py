"""What happens where DuckDB has too little memory."""

import time

import duckdb
import pyarrow as pa
import pytest

from dedup.engines.local import LocalEngine
from dedup.engines.queries import ask, rows_shown
from dedup.errors import TooLittleMemory

LENGTHS = pa.schema([pa.field("n", pa.int64())])


class Narrow:
    """A connection that has memory enough for one thread alone."""

    def __init__(self, enough):
        self.enough, self.threads, self.asked = enough, 0, []
        self.connection = duckdb.connect()

    def execute(self, sql):
        self.threads = int(sql.rpartition("=")[2])

    def sql(self, sql):
        self.asked.append(self.threads)
        if self.threads > self.enough:
            raise duckdb.OutOfMemoryException("Out of Memory Error: failed to pin block")
        return self.connection.sql(sql)


def test_a_query_is_asked_again_by_one_thread():
    connection = Narrow(enough=1)
    (batch,) = ask(connection, "SELECT 7::BIGINT AS n", LENGTHS, {}, threads=2)
    assert batch.column("n").to_pylist() == [7]
    assert connection.asked == [2, 1]


@pytest.mark.parametrize("threads", [1, 4])
def test_too_little_memory_for_one_thread_is_one_sentence(threads):
    connection = Narrow(enough=0)
    with pytest.raises(TooLittleMemory, match="--memory"):
        list(ask(connection, "SELECT 7::BIGINT AS n", LENGTHS, {}, threads=threads))
    assert connection.asked == sorted({threads, 1}, reverse=True)


def test_an_engine_without_memory_says_so(tmp_path):
    with LocalEngine(temp=tmp_path, memory_bytes=16 << 20) as engine:
        frame = engine.frame([pa.record_batch([pa.array([1])], LENGTHS)], LENGTHS)
        sql = "SELECT len(list(r.range)) AS n FROM given, range(20000000) r"
        with pytest.raises(TooLittleMemory, match="give more"):
            engine.query(sql, LENGTHS, name="lengths", frames={"given": frame})


def test_rows_that_are_filtered_are_not_copied_ahead(tmp_path, monkeypatch):
    monkeypatch.setattr("dedup.engines.queries.QUERY_ROWS", 100)
    words = pa.schema([pa.field("n", pa.int64()), pa.field("text", pa.string())])
    batch = pa.record_batch([[None, *range(99)], ["x" * 10_000] * 100], words)
    sql = "SELECT n, text FROM given WHERE n IS NOT NULL"
    with LocalEngine(temp=tmp_path) as engine:
        frame = engine.frame([batch] * 200, words)
        given = rows_shown({"given": frame})
        before = pa.total_allocated_bytes()
        asked = ask(duckdb.connect(), sql, words, given, threads=1)
        n_rows = next(asked).num_rows
        time.sleep(0.5)  # in which a thread that reads ahead would
        assert pa.total_allocated_bytes() - before < sum(part.n_bytes for part in frame.parts) / 8
        assert n_rows + sum(batch.num_rows for batch in asked) == 99 * 200
