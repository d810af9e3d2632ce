from pathlib import Path

import pytest

from dedup.report.result import MAX_LINE_BYTES, Reading, open_result

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


def test_long_json_lines_can_be_read_whatever_the_memory(tmp_path, make_result):
    folder = make_result(tmp_path / "OUT", format_="jsonl")
    found, by = settings(folder, Reading(8, 500 * MB))
    assert found * MB > 2 * MAX_LINE_BYTES
    assert by == 1


def test_a_long_list_of_rejected_records_is_read_by_one_thread(tmp_path, make_result, no_rows):
    reason = "x" * (9 * MB)
    rejected = [{"source": f"{i}", "offset": i, "url": None, "reason": reason} for i in range(2)]
    folder = make_result(tmp_path / "OUT", no_rows, rejected=rejected)
    with open_result(folder, Reading(4, 2500 * MB)) as connection:
        rows = connection.execute("SELECT source, length(reason) FROM rejected").fetchall()
    assert rows == [("0", 9 * MB), ("1", 9 * MB)]
    assert settings(folder, Reading(4, 2500 * MB))[1] == 1
