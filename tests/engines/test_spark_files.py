"""What tasks of Spark's read and write, without Spark."""

from functools import partial
from itertools import pairwise

import fsspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.engines import spark_files, spark_query
from dedup.engines.base import Whole
from dedup.engines.queries import attempts
from dedup.engines.spark_beside import BesideFiles, read_looked_up
from dedup.engines.spark_files import groups_of, pieces, read_files, write_file
from dedup.engines.spark_parts import (
    bring_parts,
    find_ends,
    measure_rows,
    rows_of_parts,
    write_parts,
)
from dedup.engines.spark_query import asked_bytes, run_queries
from dedup.engines.spark_ranges import find_bounds, gathered, read_sorted, scatter
from dedup.engines.spark_tasks import MapTask, as_it_is, read_whole
from dedup.errors import TooLittleMemory
from dedup.report.row_groups import GroupSize, row_sizes
from dedup.report.tables import part_ends, part_name, write_part, write_table

ROWS = pa.schema([pa.field("key", pa.int64(), nullable=False), pa.field("text", pa.string())])


def rows_of(keys) -> pa.RecordBatch:
    return pa.record_batch([pa.array(keys, pa.int64()), [f"text {key}" for key in keys]], ROWS)


def write(keys, cuts, folder) -> list[spark_files.File]:
    """Write rows as files, each batch a row group; cuts say how many rows each has."""
    files, begin = [], 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spark_files, "GROUP_BYTES", 1)
        for groups in cuts:
            batches = []
            for n_rows in groups:
                batches.append(rows_of(keys[begin : begin + n_rows]))
                begin += n_rows
            files.append(write_file(batches, ROWS, str(folder)))
    return [file for file in files if file.n_rows]


@given(
    runs=st.lists(st.integers(1, 9), max_size=20),
    cuts=st.lists(st.lists(st.integers(0, 5), max_size=4), max_size=8),
    width=st.integers(1, 4),
    n_bytes=st.sampled_from([None, 1, 60]),
)
def test_each_run_is_read_whole_by_one_task(runs, cuts, width, n_bytes, tmp_path_factory):
    keys = np.repeat(np.arange(len(runs)), runs)[: sum(map(sum, cuts))]
    files = write(keys, cuts, tmp_path_factory.mktemp("files"))
    groups = [group for file in files for group in groups_of(file)]
    read = partial(read_whole, groups=groups, schema=ROWS, whole=Whole("key", n_bytes))
    spans = [(at, min(at + width, len(groups))) for at in range(0, len(groups), width)]
    batches = [batch for span in spans for (batch,) in read(span)]
    found = [batch.column("key").to_pylist() for batch in batches]
    assert [key for some in found for key in some] == keys.tolist()
    assert all(a[-1] != b[0] for a, b in pairwise(found))


@given(
    keys=st.lists(st.integers(-(2**63), 2**63 - 1), unique=True, max_size=60),
    n_ranges=st.integers(2, 9),
)
def test_ranges_put_together_are_sorted(keys, n_ranges, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    files = write(keys, [[7, 7, 7], [60]], folder)
    (bounds,) = find_bounds([files], schema=ROWS, by="key", n_ranges=n_ranges)
    tasks = [tuple(groups_of(file)) for file in files]
    scattered = scatter(tasks, schema=ROWS, by="key", bounds=bounds, folder=str(folder / "ranges"))
    made = [
        text
        for cuts in gathered(scattered)
        for (batch,) in read_sorted(cuts, by="key")
        for text in batch.column("text").to_pylist()
    ]
    assert made == [f"text {key}" for key in sorted(keys)]


@given(
    keys=st.lists(st.integers(0, 30), max_size=40),
    known=st.lists(st.integers(0, 30), max_size=30),
)
def test_rows_beside_are_those_of_the_keys(keys, known, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    files = write(keys, [[40]], folder)
    beside = BesideFiles(tuple(write(known, [[5, 5], [20]], folder)), ROWS, "key", ("text", "key"))
    some = tuple(piece for file in files for piece in pieces(file, 7))
    seen = []
    for batch, rows in read_looked_up(some, schema=ROWS, by=("key",), beside=beside):
        wanted = set(batch.column("key").to_pylist())
        assert rows.column("key").to_pylist() == sorted(wanted & set(known))
        assert rows.column("text").to_pylist() == [f"text {k}" for k in sorted(wanted & set(known))]
        seen += batch.column("key").to_pylist()
    assert seen == keys


def write_by_tasks(files, step, folder, format_, *, group_size, part_bytes) -> None:
    """Do what the engine has its tasks do, one after the other."""
    groups = [group for file in files for group in groups_of(file)]
    measure = partial(row_sizes, schema=ROWS)
    tasks = [tuple(groups[at : at + 2]) for at in range(0, len(groups), 2)]
    sizes = list(measure_rows(tasks, schema=ROWS, measure=measure, folder=step))
    cut = partial(part_ends, size=group_size, part_bytes=part_bytes)
    (ends,) = find_ends([sizes], cut=cut)
    write_one = partial(write_part, schema=ROWS, format_=format_, group_size=group_size)
    parts = rows_of_parts(groups, ends)
    paths = list(write_parts(parts, schema=ROWS, write=write_one, folder=step))
    bring_parts(paths, folder, partial(part_name, format_=format_))


def contents(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@given(
    keys=st.lists(st.integers(0, 10**9), max_size=40),
    cuts=st.lists(st.lists(st.integers(0, 9), max_size=5), max_size=5),
    format_=st.sampled_from(["parquet", "jsonl"]),
    group_size=st.builds(GroupSize, st.integers(1, 20), st.integers(1, 200)),
    part_bytes=st.sampled_from([1, 100, 1 << 20]),
)
def test_tasks_write_what_one_process_writes(
    keys, cuts, format_, group_size, part_bytes, tmp_path_factory
):
    folder = tmp_path_factory.mktemp("files")
    files = write(keys, [*cuts, [40]], folder)
    how = {"group_size": group_size, "part_bytes": part_bytes}
    write_table(read_files(files, ROWS), ROWS, folder / "whole", format_, **how)
    write_by_tasks(files, str(folder / "step"), folder / "parts", format_, **how)
    assert contents(folder / "parts") == contents(folder / "whole")


@pytest.mark.parametrize("address", ["", "memory://", "file://"])
def test_parts_are_brought_from_where_they_were_written(address, tmp_path):
    files = write(range(30), [[10, 20]], tmp_path)
    how = {"group_size": GroupSize(7, 200), "part_bytes": 150}
    write_table(read_files(files, ROWS), ROWS, tmp_path / "whole", "jsonl", **how)
    write_by_tasks(files, f"{address}{tmp_path}/step", tmp_path / "parts", "jsonl", **how)
    assert contents(tmp_path / "parts") == contents(tmp_path / "whole")
    assert len(contents(tmp_path / "parts")) > 2


def ask(sql, folder, n_bytes, **keys):
    tables = {
        name: (ROWS, tuple(write(some, [[len(some)]], folder))) for name, some in keys.items()
    }
    task = MapTask(as_it_is, ROWS, ROWS, folder)
    return list(run_queries([tables], task=task, sql=sql, n_bytes=n_bytes))


SELF_JOIN = "SELECT a.key, b.text FROM a JOIN b ON a.key = b.key AND b.key <> 5 ORDER BY a.key DESC"


@pytest.mark.parametrize("address", ["", "memory://", "file://"])
def test_a_query_reads_files_where_they_lie(address, tmp_path):
    folder = f"{address}{tmp_path}/a [b]*"
    (made,) = ask(SELF_JOIN, folder, 1 << 28, a=[3, 4, 5, 6], b=[6, 5, 4, 7])
    (batch,) = read_files([made.file], ROWS)
    assert batch.equals(rows_of([6, 4]))
    assert fsspec.open(made.file.path).fs.exists(made.file.path)


def test_a_query_of_an_empty_table_is_answered(tmp_path):
    (made,) = ask(SELF_JOIN, str(tmp_path), 1 << 28, a=[3], b=[])
    assert made.file.n_rows == 0


def test_a_query_that_has_not_memory_enough_makes_nothing(tmp_path):
    sql = "SELECT n AS key, string_agg(n, '') AS text FROM range(3000000) r(n), a GROUP BY n"
    assert ask(sql, str(tmp_path), 16 << 20, a=[3]) == []


def test_a_query_is_asked_again_as_long_as_there_is_a_way(tmp_path, monkeypatch):
    asked = []

    def answer(*query):
        asked.append(attempt := query[-1])
        yield rows_of([3])
        if not attempt.on_disk:
            raise TooLittleMemory("give more")

    monkeypatch.setattr(spark_query, "ask", answer)
    (made,) = ask(SELF_JOIN, str(tmp_path), 1 << 28, a=[3], b=[3])
    assert asked == attempts(1)
    assert made.file.n_rows == 1


def test_only_columns_that_a_query_names_are_counted(tmp_path):
    (file,) = write([1, 2, 3], [[3]], tmp_path)
    tables = {"a": (ROWS, (file,))}
    assert asked_bytes("SELECT max(key), COUNT(*) FROM a", tables) == 24
    assert asked_bytes("SELECT key, a.* FROM a", tables) == file.n_bytes
