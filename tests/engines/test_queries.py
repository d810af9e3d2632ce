"""What happens where DuckDB has too little memory."""

import errno
import time
from functools import partial

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from dedup.engines.local import LocalEngine
from dedup.engines.queries import Attempt, ask, attempts, first_enough, rows_shown
from dedup.errors import TooLittleMemory

LENGTHS = pa.schema([pa.field("n", pa.int64())])


def test_a_query_is_asked_again_by_one_thread_and_at_last_on_disk():
    assert attempts(4) == [Attempt(4), Attempt(1), Attempt(1, on_disk=True)]
    assert attempts(1) == [Attempt(1), Attempt(1, on_disk=True)]


def test_the_first_with_memory_enough_is_taken():
    asked = []

    def make(n):
        asked.append(n)
        if n < 2:
            raise TooLittleMemory("give more")
        return n

    assert first_enough(partial(make, n) for n in range(4)) == 2
    assert asked == [0, 1, 2]
    with pytest.raises(TooLittleMemory):
        first_enough([partial(make, 0), partial(make, 1)])


def test_an_attempt_says_how_duckdb_joins():
    connection = duckdb.connect()
    sql = "SELECT current_setting('threads')::BIGINT AS n, current_setting({!r}) AS on_disk"
    schema = pa.schema([*LENGTHS, pa.field("on_disk", pa.bool_())])
    for attempt in (*attempts(3), Attempt(2)):
        asked = ask(connection, sql.format("debug_force_external"), schema, {}, attempt)
        assert [row for batch in asked for row in batch.to_pylist()] == [
            {"n": attempt.threads, "on_disk": attempt.on_disk}
        ]


class Failing:
    """A connection whose answers end in an error after the first batch, as Arrow tells it."""

    def __init__(self, said):
        self.said = said

    def execute(self, sql):
        assert sql.startswith("SET ")

    def sql(self, _sql):
        return self

    def to_arrow_reader(self, _rows):
        yield pa.record_batch([[7]], LENGTHS)
        raise OSError(self.said)


@pytest.mark.parametrize(
    ("said", "raised"),
    [
        ("Out of Memory Error: failed to pin block of size 256.0 KiB", TooLittleMemory),
        ("INTERRUPT Error: Interrupted!", KeyboardInterrupt),
        ("IO Error: Could not write file", OSError),
        # a name is no cause
        ("IO Error: Could not read .interrupted.partial/1.arrow", OSError),
        ("IO Error: Could not read out of memory error/1.arrow", OSError),
    ],
)
def test_an_error_between_two_batches_is_told_as_ours(said, raised):
    asked = ask(Failing(said), "SELECT 7", LENGTHS, {}, Attempt())
    assert next(asked).column("n").to_pylist() == [7]
    with pytest.raises(raised):
        next(asked)


def test_a_disk_that_is_full_is_told_as_such(tmp_path):
    connection = duckdb.connect(config={"memory_limit": "64MB", "temp_directory": str(tmp_path)})
    connection.execute("SET max_temp_directory_size = '10MB'")
    sql = "SELECT range AS n FROM range(20000000) ORDER BY hash(range)"
    with pytest.raises(OSError, match="No space left") as raised:
        list(ask(connection, sql, LENGTHS, {}, Attempt()))
    assert raised.value.errno == errno.ENOSPC


def test_a_join_that_has_memory_enough_another_way_is_made(tmp_path):
    # two threads have not, by 4 MB
    n = 300_000
    rng = np.random.default_rng(1)
    rows = pa.schema([pa.field("key", pa.int64()), pa.field("text", pa.string())])
    texts = [f"{'x' * 60}{i}" for i in range(n)]
    with LocalEngine(temp=tmp_path, workers=2, memory_bytes=36_000_000) as engine:
        a, b = (
            engine.frame([pa.record_batch([rng.permutation(n), texts], rows)], rows) for _ in "ab"
        )
        sql = "SELECT a.key, b.text FROM a JOIN b USING (key) ORDER BY a.key"
        joined = engine.query(sql, rows, name="join", frames={"a": a, "b": b})
        assert engine.table(joined).column("key").to_pylist() == list(range(n))


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
        asked = ask(duckdb.connect(), sql, words, given, Attempt())
        n_rows = next(asked).num_rows
        time.sleep(0.5)  # in which a thread that reads ahead would
        assert pa.total_allocated_bytes() - before < sum(part.n_bytes for part in frame.parts) / 8
        assert n_rows + sum(batch.num_rows for batch in asked) == 99 * 200
