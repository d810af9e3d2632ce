from pathlib import Path

import pyarrow as pa
import pytest

from dedup import schema
from dedup.errors import TooLittleMemory
from dedup.report.manifest import count_result
from dedup.report.result import MAX_LINE_BYTES, Reading, open_result
from dedup.report.tables import write_table

MB = 1 << 20


def settings(folder: Path, how: Reading) -> tuple[float, int]:
    """Tell within how many MB a result is read, and by how many threads."""
    sql = "SELECT current_setting('memory_limit'), current_setting('threads')"
    with open_result(folder, how) as connection:
        memory, threads = connection.execute(sql).fetchone()
        number, unit = memory.split()
        return float(number) * {"MiB": 1, "GiB": 1024}[unit], threads


@pytest.mark.parametrize(
    ("memory", "threads", "used"), [(4000, 3, 3), (1600, 8, 3), (700, 2, 1), (300, 1, 1)]
)
def test_a_result_is_read_within_the_given_memory(tmp_path, make_result, memory, threads, used):
    folder = make_result(tmp_path / "OUT")
    assert (folder / "rejected.jsonl").stat().st_size > 0
    found, by = settings(folder, Reading(threads, memory * MB))
    assert found == pytest.approx(memory, rel=0.05)
    assert by == used


def test_long_json_lines_leave_the_memory_that_was_given(tmp_path):
    n = 200_000
    rows = pa.table(
        {
            "cluster": [f"{i // 2:08d}" * 4 for i in range(n)],
            "kind": ["block"] * n,
            "document": [f"{i:08d}" * 4 for i in range(n)],
            "block": pa.array([0] * n, pa.int32()),
            "keeper": [i % 2 == 0 for i in range(n)],
            "similarity": [1.0] * n,
            "containment": [1.0] * n,
            "indexed": [False] * n,
        },
        schema.CLUSTERS_OUT,
    )
    write_table(rows.to_batches(), schema.CLUSTERS_OUT, tmp_path / "clusters", "jsonl")
    how = Reading(8, 200 * MB)
    counts = count_result(tmp_path, read=0, rejected=0, how=how)
    assert counts.clusters == {"block": n // 2}
    found, by = settings(tmp_path, how)
    assert found * MB == pytest.approx(2 * MAX_LINE_BYTES + 200 * MB, rel=0.05)
    assert by == 1


def test_too_little_memory_is_one_sentence(tmp_path, make_result):
    folder = make_result(tmp_path / "OUT")
    with (
        pytest.raises(TooLittleMemory, match="give more"),
        open_result(folder, Reading(memory_bytes=20 * MB)) as connection,
    ):
        connection.execute("SELECT list(range) FROM range(100_000_000)").fetchall()


def test_a_long_list_of_rejected_records_is_read_by_one_thread(tmp_path, make_result, no_rows):
    reason = "x" * (9 * MB)
    rejected = [{"source": f"{i}", "offset": i, "url": None, "reason": reason} for i in range(2)]
    folder = make_result(tmp_path / "OUT", no_rows, rejected=rejected)
    with open_result(folder, Reading(4, 2500 * MB)) as connection:
        rows = connection.execute("SELECT source, length(reason) FROM rejected").fetchall()
    assert rows == [("0", 9 * MB), ("1", 9 * MB)]
    assert settings(folder, Reading(4, 2500 * MB))[1] == 1
