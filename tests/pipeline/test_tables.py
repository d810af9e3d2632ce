"""Tables that are written while the caller goes on: whole at the end, or an error."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dedup import schema
from dedup.engines.local import LocalEngine, LocalFrame
from dedup.pipeline.tables import open_tables


@pytest.fixture
def engine(tmp_path):
    with LocalEngine(temp=tmp_path) as engine:
        yield engine


def pairs(engine: LocalEngine, n: int) -> LocalFrame:
    names = [f"{i:04}" for i in range(n)]
    columns: dict[str, list[object]] = {
        field.name: (
            names
            if pa.types.is_string(field.type)
            else [1.0 if pa.types.is_floating(field.type) else i for i in range(n)]
        )
        for field in schema.PAIRS_OUT
    }
    table = pa.table(columns, schema.PAIRS_OUT)
    return engine.frame(table.to_batches(max_chunksize=7), schema.PAIRS_OUT)


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_all_tables_are_whole_at_the_end(engine, tmp_path, threads):
    with open_tables(engine, tmp_path / "out", "parquet", threads=threads) as listed:
        listed("pairs", pairs(engine, 50))
    assert pq.read_table(tmp_path / "out" / "pairs").num_rows == 50


def test_tables_are_the_same_with_any_number_of_threads(engine, tmp_path):
    frame = pairs(engine, 50)
    for threads in (1, 3):
        with open_tables(engine, tmp_path / str(threads), "jsonl", threads=threads) as listed:
            listed("pairs", frame)
    assert files(tmp_path / "1") == files(tmp_path / "3")


@pytest.mark.parametrize("threads", [1, 2])
def test_a_table_that_cannot_be_written_is_an_error(engine, tmp_path, threads):
    (tmp_path / "out").write_text("a file, where a folder is to be")
    with (
        pytest.raises(OSError, match="out"),
        open_tables(engine, tmp_path / "out", "parquet", threads=threads) as listed,
    ):
        listed("pairs", pairs(engine, 50))


def write_and_stop(engine: LocalEngine, folder: Path, threads: int) -> None:
    with open_tables(engine, folder, "parquet", threads=threads) as listed:
        listed("pairs", pairs(engine, 50))
        raise KeyboardInterrupt


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_of_the_caller_comes_through(engine, tmp_path, threads):
    with pytest.raises(KeyboardInterrupt):
        write_and_stop(engine, tmp_path / "out", threads)
