"""One suite for every engine: what the pipeline relies on."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.engines.base import Beside, Progress, Whole
from dedup.engines.files import cut_whole, gather
from dedup.engines.local import LocalEngine
from dedup.engines.lookup import index_rows, look_up
from dedup.engines.parts import write_parts
from dedup.engines.workers import WorkerDied, interrupted_later
from dedup.pipeline.match import SIEVE
from dedup.pipeline.tables import TABLES, open_tables
from dedup.report.row_groups import GroupSize
from dedup.report.tables import write_table

NUMBERS = pa.schema(
    [pa.field("key", pa.int64(), nullable=False), pa.field("word", pa.string(), nullable=False)]
)
GROUPS = pa.schema([pa.field("key", pa.int64(), nullable=False), pa.field("n", pa.int64())])
PAIRS = pa.schema([pa.field("a", pa.int64()), pa.field("b", pa.int64())])


def number_batches(n: int, size: int, order: int = 1) -> Iterator[pa.RecordBatch]:
    keys = np.arange(n)[::order]
    for begin in range(0, n, size):
        some = keys[begin : begin + size]
        yield pa.record_batch([pa.array(some), pa.array([f"word {k}" for k in some])], NUMBERS)


def read_shard(shard: int) -> Iterator[pa.RecordBatch]:
    keys = np.arange(shard * 10, shard * 10 + 10)
    yield pa.record_batch([pa.array(keys), pa.array([f"word {k}" for k in keys])], NUMBERS)


def shout(batch: pa.RecordBatch) -> pa.RecordBatch:
    return pa.record_batch([batch.column("key"), pc.utf8_upper(batch.column("word"))], NUMBERS)


def count_runs(batch: pa.RecordBatch) -> pa.RecordBatch:
    keys, n = np.unique(batch.column("key").to_numpy(), return_counts=True)
    return pa.record_batch([pa.array(keys), pa.array(n)], GROUPS)


def keys_seen(batch: pa.RecordBatch, rows: pa.RecordBatch) -> pa.RecordBatch:
    found = rows.column("key").to_numpy()
    assert (np.diff(found) > 0).all()
    wanted = np.unique(batch.column("key").to_numpy())
    assert set(found) == {k for k in wanted if k % 2 == 0}
    return pa.record_batch(
        [batch.column("key"), pa.array(np.full(batch.num_rows, len(found)))], GROUPS
    )


def count_beside(batch: pa.RecordBatch, rows: pa.RecordBatch) -> pa.RecordBatch:
    n = pa.array([rows.num_rows] * batch.num_rows, GROUPS.field("n").type)
    return pa.record_batch([batch.column("key"), n], GROUPS)


def take_words(batch: pa.RecordBatch, rows: pa.RecordBatch) -> pa.RecordBatch:
    assert rows.schema.names == ["word"]
    # words of six to eight bytes, of which 64 bytes are wanted at once
    assert rows.num_rows <= 11
    return pa.record_batch([batch.column("key"), rows.column("word")], NUMBERS)


def die(_batch: pa.RecordBatch) -> pa.RecordBatch:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def connect_by_minimum(a, b):
    keys = np.unique(np.concatenate([a, b]))
    return keys, np.full(len(keys), keys.min() if len(keys) else 0)


@pytest.fixture(
    params=[1, 2, "spark_engine", "spark_sql_engine"],
    ids=["one worker", "two workers", "spark", "spark sql"],
)
def engine(request, tmp_path):
    if isinstance(request.param, str):
        yield request.getfixturevalue(request.param)
        return
    with LocalEngine(workers=request.param, temp=tmp_path) as engine:
        yield engine


def table(engine, frame):
    return pa.Table.from_batches(list(engine.batches(frame)))


def list_files(engine, frame):
    held = frame.parts if isinstance(engine, LocalEngine) else frame.files
    return [Path(each.path) for each in held]


@pytest.mark.parametrize("wording", ["Query interrupted", "counting failed: KeyboardInterrupt:"])
def test_an_interrupt_that_a_query_met_reaches_who_observes(tmp_path, monkeypatch, wording):
    """DuckDB makes an error of its own, in one wording or another, of what a handler raised."""

    def heed(_progress):
        if asked:
            raise KeyboardInterrupt

    class Interrupted:
        def execute(self, _):
            pass

        def register(self, *_):
            asked.append(signal.SIGINT)
            raise RuntimeError(wording)

        def unregister(self, _):
            pass

        def close(self):
            pass

    asked = []
    with LocalEngine(temp=tmp_path, observe=heed) as engine:
        frame = engine.frame(number_batches(10, 7), NUMBERS)
        monkeypatch.setattr(engine, "_database", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            engine.query("SELECT * FROM n", NUMBERS, name="n", frames={"n": frame})


def test_scan_reads_shards_in_order(engine):
    frame = engine.scan([0, 1, 2], read_shard, sizes=[10, 10, 10])
    made = table(engine, engine.map(frame, shout, NUMBERS, name="shout"))
    assert made.column("key").to_pylist() == list(range(30))
    assert made.column("word")[29].as_py() == "WORD 29"


def test_a_group_is_never_split_over_batches(engine):
    keys = np.repeat([1, 2, 3, 4], [5, 17, 1, 9])
    batches = [
        pa.record_batch(
            [pa.array(keys[i : i + 4]), pa.array(["x"] * len(keys[i : i + 4]))], NUMBERS
        )
        for i in range(0, len(keys), 4)
    ]
    frame = engine.frame(batches, NUMBERS)
    made = table(engine, engine.map(frame, count_runs, GROUPS, name="count", whole=Whole("key")))
    assert made.to_pydict() == {"key": [1, 2, 3, 4], "n": [5, 17, 1, 9]}


@given(st.lists(st.lists(st.integers(0, 6), max_size=5), max_size=8))
def test_batches_are_cut_only_where_a_group_goes_on_in_the_next(sizes):
    keys = sorted(key for size in sizes for key in size)
    ends = np.cumsum([0, *map(len, sizes)]).tolist()
    batches = [
        pa.record_batch([pa.array(keys[i:j], pa.int64()), pa.array(["x"] * (j - i))], NUMBERS)
        for i, j in pairwise(ends)
    ]
    made = [batch.column("key").to_pylist() for batch in cut_whole(batches, "key")]
    assert [key for some in made for key in some] == keys
    assert all(before[-1] < after[0] for before, after in pairwise(made))
    assert len(made) <= sum(map(bool, sizes))


def test_rows_beside_a_batch_are_those_it_names_sorted_by_key(engine):
    frame = engine.frame(number_batches(100, 7), NUMBERS)
    even = engine.query(
        "SELECT * FROM n WHERE key % 2 = 0 ORDER BY hash(key)",
        NUMBERS,
        name="even",
        frames={"n": frame},
    )
    made = engine.map(
        frame,
        keys_seen,
        GROUPS,
        name="seen",
        beside=Beside(even, "key", ("key",), even.schema.names),
    )
    assert table(engine, made).num_rows == 100


def test_of_a_table_that_was_made_of_nothing_no_row_is_beside_a_batch(engine):
    nothing = engine.map(engine.scan([], read_shard, sizes=[]), shout, NUMBERS, name="shout")
    frame = engine.frame(number_batches(10, 7), NUMBERS)
    beside = Beside(nothing, "key", ("key",), NUMBERS.names)
    made = engine.map(frame, count_beside, GROUPS, name="count", beside=beside)
    assert set(table(engine, made).column("n").to_pylist()) == {0}


@pytest.mark.parametrize("at_once", [1, 7, 1_000])
def test_rows_are_found_however_many_keys_are_sorted_at_once(tmp_path, at_once):
    edges = [-(2**63), 2**63 - 1, 0, -1]
    keys = [*edges, *np.random.default_rng(1).integers(-(2**63), 2**63 - 1, 200).tolist()]
    batches = [
        pa.record_batch([pa.array(keys[at : at + 50]), pa.array(["x"] * len(keys[at : at + 50]))],
                        NUMBERS)
        for at in range(0, len(keys), 50)
    ]  # fmt: skip
    parts = tuple(write_parts(batches, NUMBERS, tmp_path, "rows"))
    index = index_rows(parts, NUMBERS, "key", NUMBERS.names, tmp_path / "index", at_once=at_once)
    wanted = np.array([*keys[::3], 5], np.int64)
    assert look_up(index, wanted).column("key").to_pylist() == sorted(keys[::3])
    assert np.load(index.keys).tolist() == sorted(keys)
    assert np.load(index.sizes).tolist() == [1] * len(keys)


def test_a_stage_gets_the_rows_beside_its_batch_in_pieces_if_they_are_large(tmp_path, monkeypatch):
    # in this process, since workers do not see the smaller limit
    monkeypatch.setattr("dedup.engines.tasks.BESIDE_BYTES", 64)
    with LocalEngine(temp=tmp_path) as engine:
        frame = engine.frame(number_batches(100, 50), NUMBERS)
        beside = Beside(frame, "key", ("key",), ("word",))
        made = engine.map(frame, take_words, NUMBERS, name="words", beside=beside)
        assert table(engine, made).to_pydict() == table(engine, frame).to_pydict()


def test_sift_keeps_all_rows_whose_value_returns_and_few_others(engine):
    keys = np.concatenate([np.arange(1000), [7, 7, 400, 999]])
    words = pa.array([f"word {k}" for k in keys])
    batches = pa.record_batch([pa.array(keys), words], NUMBERS)
    frame = engine.frame([batches.slice(0, 500), batches.slice(500)], NUMBERS)
    made = table(engine, engine.sift(frame, "key", SIEVE, name="sift")).column("key").to_pylist()
    assert [made.count(key) for key in (7, 400, 999)] == [3, 2, 2]
    assert len(made) < 300


def test_query_keeps_its_order_and_its_types(engine):
    frame = engine.frame(number_batches(1000, 100, order=-1), NUMBERS)
    made = engine.query("SELECT * FROM n ORDER BY key", NUMBERS, name="sort", frames={"n": frame})
    assert table(engine, made).column("key").to_pylist() == list(range(1000))
    assert table(engine, made).schema == NUMBERS


def test_frames_without_rows_pass_through_every_verb(engine):
    nothing = engine.frame([], NUMBERS)
    made = engine.map(nothing, shout, NUMBERS, name="shout")
    made = engine.map(made, count_runs, GROUPS, name="count", whole=Whole("key"))
    made = engine.query("SELECT * FROM n", GROUPS, name="all", frames={"n": made})
    assert engine.table(made).num_rows == 0
    places = GROUPS.append(pa.field("place", pa.int64(), nullable=False))
    numbered = engine.number(made, places, name="number")
    assert engine.table(numbered).schema == places
    assert engine.table(engine.sort(numbered, "place", name="sort")).num_rows == 0
    assert (
        engine.table(engine.components(engine.frame([], PAIRS), connect_by_minimum)).num_rows == 0
    )


def test_components_label_both_ends_of_every_pair(engine):
    pairs = engine.frame([pa.record_batch([pa.array([1, 2]), pa.array([2, 3])], PAIRS)], PAIRS)
    made = engine.table(engine.components(pairs, connect_by_minimum))
    assert made.to_pydict() == {"key": [1, 2, 3], "component": [1, 1, 1]}


def test_rows_in_an_order_are_numbered(engine, monkeypatch):
    monkeypatch.setattr("dedup.engines.parts.PART_BYTES", 64)
    if not isinstance(engine, LocalEngine):
        monkeypatch.setattr("dedup.engines.spark_tables.SMALL_BYTES", 64)
    frame = engine.frame(number_batches(50, 7, order=-1), NUMBERS)
    sql = "SELECT key, word FROM f ORDER BY word DESC, key"
    ordered = engine.query(sql, NUMBERS, name="order", frames={"f": frame})
    made = NUMBERS.append(pa.field("place", pa.int64(), nullable=False))
    numbered = table(engine, engine.number(ordered, made, name="number"))
    assert numbered.schema == made
    by_place = numbered.sort_by("place")
    assert by_place.column("place").to_pylist() == list(range(1, 51))
    assert by_place.column("word").to_pylist() == sorted(f"word {n}" for n in range(50))[::-1]


def test_wide_rows_are_sorted_by_a_column_that_goes(engine, monkeypatch):
    monkeypatch.setattr("dedup.engines.ranges.RANGE_BYTES", 256)
    if not isinstance(engine, LocalEngine):
        monkeypatch.setattr("dedup.engines.spark_tables.SMALL_BYTES", 64)
        monkeypatch.setattr("dedup.engines.spark.TASK_BYTES", 256)
    frame = engine.frame(number_batches(50, 7, order=-1), NUMBERS)
    made = table(engine, engine.sort(frame, "key", name="sort"))
    assert made.schema == NUMBERS.remove(NUMBERS.get_field_index("key"))
    assert made.column("word").to_pylist() == [f"word {n}" for n in range(50)]


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("format_", ["parquet", "jsonl"])
@pytest.mark.parametrize("n", [0, 1, 300])
def test_rows_are_written_to_the_same_files_by_every_engine(
    engine, monkeypatch, tmp_path, n, format_
):
    how = {"group_size": GroupSize(40, 2_000), "part_bytes": 6_000}
    monkeypatch.setattr("dedup.pipeline.tables.GroupSize", lambda: how["group_size"])
    monkeypatch.setattr("dedup.pipeline.tables.PART_BYTES", how["part_bytes"])
    columns = TABLES["passages"]
    values = {
        field.name: [f"page {i}" * (i % 50) if field.type == "string" else i for i in range(n)]
        for field in columns
    }
    rows = pa.table(values).cast(columns)
    with open_tables(engine, tmp_path / "made", format_, threads=1) as listed:
        listed("passages", engine.frame(rows.to_batches(max_chunksize=7), columns))
    write_table(rows.to_batches(), columns, tmp_path / "wanted", format_, **how)
    assert contents(tmp_path / "made" / "passages") == contents(tmp_path / "wanted")
    assert len(contents(tmp_path / "wanted")) > 2 or n < 300


def test_rows_that_are_dropped_take_no_room_and_others_stay(engine):
    frame = engine.frame(number_batches(30, 7), NUMBERS)
    shouted = engine.map(frame, shout, NUMBERS, name="shout")
    files = list_files(engine, frame)
    assert all(file.exists() for file in files)
    engine.drop(frame)
    assert not any(file.exists() for file in files)
    assert table(engine, shouted).num_rows == 30


def test_stream_yields_batches_in_order(engine):
    frame = engine.scan([0, 1, 2, 3], read_shard, sizes=[1] * 4)
    made = pa.Table.from_batches(engine.stream(frame, shout, NUMBERS, name="shout"))
    assert made.column("key").to_pylist() == list(range(40))
    assert made.column("word")[39].as_py() == "WORD 39"


def test_small_files_share_a_batch_and_large_ones_do_not():
    small = list(number_batches(100, 1))
    assert [batch.num_rows for batch in gather(small, 1 << 20)] == [100]
    assert [batch.num_rows for batch in gather(small, 1)] == [1] * 100
    assert list(gather([], 1)) == []


def test_a_table_outlives_its_engine(tmp_path):
    with LocalEngine(temp=tmp_path) as engine:
        made = engine.table(engine.frame(number_batches(10, 3), NUMBERS))
    assert not list(tmp_path.iterdir())
    assert made.column("word")[9].as_py() == "word 9"


def test_files_go_when_the_run_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), LocalEngine(temp=tmp_path) as engine:
        engine.frame((b for b in [next(number_batches(10, 3)), 1 // 0]), NUMBERS)
    assert not list(tmp_path.iterdir())


def test_a_killed_worker_ends_the_run_with_one_sentence(tmp_path):
    with (
        pytest.raises(WorkerDied, match="fewer --workers"),
        LocalEngine(workers=2, temp=tmp_path) as engine,
    ):
        engine.map(engine.frame(number_batches(10, 1), NUMBERS), die, NUMBERS, name="die")


def read_large_shard(shard: int) -> Iterator[pa.RecordBatch]:
    yield pa.record_batch([pa.array([shard]), pa.array(["word " * 2_000_000])], NUMBERS)


def stream_until_killed(temp: Path) -> None:
    try:
        with LocalEngine(workers=2, temp=temp) as engine:
            frame = engine.scan(range(8), read_large_shard, sizes=[1] * 8)
            list(engine.stream(frame, die, NUMBERS, name="die"))
    except WorkerDied:
        sys.exit(0)
    sys.exit(1)


def test_a_killed_worker_ends_a_run_whose_batches_are_larger_than_a_pipe(tmp_path):
    run = multiprocessing.get_context("spawn").Process(target=stream_until_killed, args=[tmp_path])
    run.start()
    run.join(60)
    ended = run.exitcode
    run.kill()
    assert ended == 0
    assert not list(tmp_path.iterdir())


@pytest.fixture
def interruptible():
    """As in a terminal: a background job may have been started deaf to Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_comes_once_the_block_is_done():
    held: list[str] = []
    with pytest.raises(KeyboardInterrupt), interrupted_later():  # noqa: PT012 - order is tested
        signal.raise_signal(signal.SIGINT)
        held.append("the block was not cut short")
    assert held


def test_progress_ends_with_all_rows_in_and_out(tmp_path):
    seen: list[Progress] = []
    with LocalEngine(temp=tmp_path, observe=seen.append) as engine:
        frame = engine.scan([0, 1], read_shard, sizes=[1, 1])
        engine.map(frame, partial(shout), NUMBERS, name="shout")
    assert seen[-1].done
    assert (seen[-1].rows, seen[-1].rows_out, seen[-1].fraction) == (20, 20, 1.0)
