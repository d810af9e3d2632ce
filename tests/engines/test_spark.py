"""What the Spark engine does in its own way, and whole jobs on it."""

from dataclasses import fields
from functools import partial
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from cli_support import CORPUS

from dedup.engines.base import Beside, Whole
from dedup.engines.local import COMPONENTS, LocalEngine
from dedup.errors import DedupError
from dedup.match import components
from dedup.pipeline import jobs
from dedup.pipeline.run import scan_inputs
from dedup.pipeline.tables import open_tables
from dedup.report.row_groups import GroupSize
from dedup.schema import CANDIDATES
from dedup.settings import FindSettings, PassageSettings, Settings

TEXTS = pa.schema(
    [pa.field("key", pa.int64(), nullable=False), pa.field("text", pa.string(), nullable=False)]
)


def pairs_of(graph: list[tuple[int, int]]) -> pa.RecordBatch:
    ends = np.array(graph, np.int64).reshape(-1, 2)
    return pa.record_batch([pa.array(ends[:, 0]), pa.array(ends[:, 1])], CANDIDATES)


def random_graph() -> list[tuple[int, int]]:
    """A long chain in a mixed order, a hub, a ring, a pair of negative keys, and noise."""
    random = np.random.default_rng(1)
    names = random.permutation(200)
    chain = [(int(a), int(b)) for a, b in pairwise(names)]
    hub = [(1000 + n, 1500) for n in range(300) if n != 500]
    ring = [(2000 + n, 2000 + (n + 1) % 9) for n in range(9)]
    noise = random.integers(3000, 3400, (250, 2)).tolist()
    return [*chain, *hub, *ring, (-9, -8), *(tuple(each) for each in noise)]


@pytest.fixture(params=["spark_engine", "spark_sql_engine"])
def either_engine(request):
    """What takes tables for small ones, and for large ones."""
    return request.getfixturevalue(request.param)


def test_stars_find_what_the_local_engine_finds(either_engine, monkeypatch, tmp_path):
    monkeypatch.setattr("dedup.engines.spark.ONE_TASK_PAIRS", 0)
    pairs = pairs_of(random_graph())
    found = either_engine.table(
        either_engine.components(either_engine.frame([pairs], CANDIDATES), components)
    )
    with LocalEngine(temp=tmp_path) as local:
        wanted = local.table(local.components(local.frame([pairs], CANDIDATES), components))
    assert found.equals(wanted)
    assert found.schema == COMPONENTS


def take_texts(batch: pa.RecordBatch, rows: pa.RecordBatch) -> pa.RecordBatch:
    assert rows.num_rows <= 11
    return pa.record_batch([batch.column("key"), rows.column("text")], TEXTS)


def test_rows_beside_a_batch_come_in_pieces_if_they_are_large(spark_sql_engine, monkeypatch):
    monkeypatch.setattr("dedup.engines.spark.BESIDE_BYTES", 180)
    keys = np.arange(100)
    given = pa.record_batch([pa.array(keys), pa.array([f"text {k}" for k in keys])], TEXTS)
    frame = spark_sql_engine.frame([given], TEXTS)
    made = spark_sql_engine.map(
        frame, take_texts, TEXTS, name="take", beside=Beside(frame, "key", ("key",), ("text",))
    )
    assert spark_sql_engine.table(made).equals(pa.Table.from_batches([given]))


def break_down(_batch: pa.RecordBatch) -> pa.RecordBatch:
    raise ValueError("the stage broke down")


def test_a_stage_that_fails_is_named_in_one_sentence(spark_engine):
    frame = spark_engine.frame([pairs_of([(1, 2)])], CANDIDATES)
    with pytest.raises(DedupError, match=r"Spark gave up in break: .*the stage broke down"):
        spark_engine.map(frame, break_down, CANDIDATES, name="break")


def test_a_run_leaves_no_files(start_spark, tmp_path):
    with start_spark(temp=tmp_path) as engine:
        engine.frame([pairs_of([(1, 2)])], CANDIDATES)
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())


# `clean` runs in tests/cli/test_spark.py
PASSAGES = Settings(passages=PassageSettings(passage_words=20))
JOBS = {
    "find with pairs": (partial(jobs.find_in_texts, wanted=FindSettings(pairs=True)), Settings()),
    "find passages": (
        partial(jobs.find_in_texts, wanted=FindSettings(unit="passage")),
        PASSAGES,
    ),
}


def tables_of(engine, job, settings) -> dict[str, pa.Table]:
    outcome = job(engine, scan_inputs(engine, str(CORPUS / "crawl"), settings.read), settings)
    frames = {field.name: getattr(outcome, field.name) for field in fields(outcome)}
    return {name: engine.table(frame) for name, frame in frames.items() if frame is not None}


@pytest.mark.parametrize("name", JOBS)
def test_the_tables_of_a_job_are_those_of_the_local_engine(either_engine, tmp_path, name):
    job, settings = JOBS[name]
    made = tables_of(either_engine, job, settings)
    with LocalEngine(temp=tmp_path) as local:
        wanted = tables_of(local, job, settings)
    assert made.keys() == wanted.keys()
    for table in wanted:
        assert made[table].combine_chunks().equals(wanted[table].combine_chunks()), table


def written_by(engine, job, folder, format_) -> dict[str, bytes]:
    settings = Settings()
    scan = scan_inputs(engine, str(CORPUS / "crawl"), settings.read)
    with open_tables(engine, folder, format_, threads=1) as listed:
        job(engine, scan, settings, listed=listed)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_tasks_write_the_files_that_the_local_engine_writes(spark_engine, tmp_path, monkeypatch):
    # several files of several row groups
    monkeypatch.setattr("dedup.pipeline.tables.GroupSize", partial(GroupSize, 40, 4_000))
    monkeypatch.setattr("dedup.pipeline.tables.PART_BYTES", 9_000)
    monkeypatch.setattr("dedup.engines.spark.DRIVER_BYTES", -1)
    # whole jobs take long with the smallest
    monkeypatch.setattr("dedup.engines.spark_files.GROUP_BYTES", 1 << 14)
    made = written_by(spark_engine, jobs.clean, tmp_path / "made", "parquet")
    with LocalEngine(temp=tmp_path) as local:
        wanted = written_by(local, jobs.clean, tmp_path / "wanted", "parquet")
    assert made == wanted
    for table in ("documents", "blocks"):
        assert f"{table}/part-00002.parquet" in wanted


def test_groups_that_a_query_sorts_reach_a_stage_whole(either_engine):
    """Also where Spark sorts with many partitions, and a file begins with the key of another."""
    keys = np.repeat(np.arange(3000), 3)
    random = np.random.default_rng(1).permutation(len(keys))
    texts = pa.array([f"text {n}" for n in range(len(keys))]).take(pa.array(random))
    given = pa.record_batch([pa.array(keys[random]), texts], TEXTS)
    made = either_engine.query(
        "SELECT * FROM t ORDER BY key, text",
        TEXTS,
        name="sort",
        frames={"t": either_engine.frame([given], TEXTS)},
    )
    table = either_engine.table(made)
    assert table.equals(
        pa.Table.from_batches([given]).sort_by([("key", "ascending"), ("text", "ascending")])
    )
    counted = either_engine.map(made, count_rows, CANDIDATES, name="count", whole=Whole("key"))
    assert set(either_engine.table(counted).column("b").to_pylist()) == {3}


def test_a_query_for_which_a_task_has_not_memory_enough_is_asked_of_spark(
    spark_engine, monkeypatch
):
    monkeypatch.setattr("dedup.engines.spark.QUERY_BYTES", 1 << 18)
    answered = []
    ask = spark_engine._ask
    monkeypatch.setattr(spark_engine, "_ask", lambda *told: answered.append(ask(*told)))
    frame = spark_engine.frame([pairs_of([(1, 2), (1, 3), (2, 4)])], CANDIDATES)
    sql = "SELECT a, max(b) AS b FROM pairs GROUP BY a ORDER BY a"
    made = spark_engine.query(sql, CANDIDATES, name="largest", frames={"pairs": frame})
    assert answered == [None]
    assert spark_engine.table(made).to_pydict() == {"a": [1, 2], "b": [3, 4]}


def count_rows(batch: pa.RecordBatch) -> pa.RecordBatch:
    keys, n = np.unique(batch.column("key").to_numpy(), return_counts=True)
    return pa.record_batch([pa.array(keys), pa.array(n)], CANDIDATES)


def test_what_the_jvm_throws_is_a_sentence(spark_engine):
    from dedup.engines.spark_session import SparkFailed, failing  # noqa: PLC0415 - an extra

    with (
        pytest.raises(SparkFailed, match=r"gave up in list pairs: .*No such class"),
        failing("list pairs"),
    ):
        spark_engine._session._jvm.java.lang.Class.forName("No such class")
