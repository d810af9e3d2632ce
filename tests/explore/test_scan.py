import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import schema
from dedup.explore import scan as scanning
from dedup.explore.scan import Bounds, scan, time_limit
from dedup.explore.tables import slices
from dedup.report.row_groups import GroupSize
from dedup.report.tables import write_table

ALL = "SELECT position, a FROM {rows} WHERE true"
SOME = "SELECT position, a FROM {rows} WHERE regexp_matches(a, $q, 'il')"


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect(config={"threads": 1}) as made:
        yield made


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """100 pairs in three files of row groups of seven."""
    folder = tmp_path_factory.mktemp("pairs")
    rows = [
        {
            "kind": "block",
            "a": f"{n:03d}{'x' * (n % 5)}",
            "b": "",
            "similarity": 1.0,
            "containment": 1.0,
        }
        for n in range(100)
    ]
    batches = pa.Table.from_pylist(rows, schema=schema.PAIRS_OUT).to_batches()
    written = write_table(
        batches, schema.PAIRS_OUT, folder, "parquet", group_size=GroupSize(rows=7), part_bytes=1_500
    )
    assert written.files > 2
    return slices([str(path) for path in sorted(folder.iterdir())])


def test_slices_are_the_row_groups_one_after_another(table):
    assert table.rows == 100
    assert [each.position for each in table.slices] == list(range(0, 100, 7))
    assert len({each.path for each in table.slices}) > 2


@given(st.integers(1, 40), st.integers(0, 130), st.sampled_from([0, 0.001, 5]))
@settings(max_examples=25)
def test_pages_hold_each_row_once_in_order(connection, table, limit, start, seconds):
    found, place = [], start
    for _ in range(130):
        page = scan(connection, table, ALL, {}, Bounds(place, limit, seconds))
        assert len(page.rows) <= limit
        found += [row["position"] for row in page.rows]
        if page.following is None:
            break
        assert page.following > place
        place = page.following
    assert found == list(range(start, 100))


@given(st.sampled_from(["x", "xxxx", "09", "0", "zz", "3X", "."]), st.integers(1, 30))
@settings(max_examples=25)
def test_a_search_finds_what_python_finds(connection, table, q, limit):
    texts = [f"{n:03d}{'x' * (n % 5)}" for n in range(100)]
    found, place = [], 0
    while place is not None:
        page = scan(connection, table, SOME, {"q": q}, Bounds(place, limit, 5))
        found += [row["a"] for row in page.rows]
        place = page.following
    assert found == [text for text in texts if q.lower() in text]


def test_a_search_whose_time_is_over_says_how_far_it_came(connection, table):
    page = scan(connection, table, SOME, {"q": "zz"}, Bounds(0, 5, 0))
    assert not page.rows
    assert not page.full
    assert page.searched == page.following == 7
    assert page.total == 100


def test_a_search_that_came_to_the_end_has_nothing_following(connection, table):
    page = scan(connection, table, SOME, {"q": "zz"}, Bounds(0, 5, 60))
    assert (page.rows, page.following, page.searched) == ((), None, 100)


def test_a_start_beyond_the_end_finds_nothing(connection, table):
    assert scan(connection, table, ALL, {}, Bounds(10**12, 5, 1)).rows == ()


def test_a_table_without_rows_has_no_page(tmp_path, connection):
    write_table([], schema.PAIRS_OUT, tmp_path, "parquet")
    empty = slices([str(path) for path in tmp_path.iterdir()])
    found = scan(connection, empty, ALL, {}, Bounds())
    assert (found.rows, found.following, found.total) == ((), None, 0)


def test_a_query_that_takes_too_long_is_broken_off(connection):
    slow = "SELECT count(*) FROM range(100_000_000_000) WHERE hash(range) = 1"
    with pytest.raises(duckdb.InterruptException), time_limit(connection, 0.05):
        connection.execute(slow).fetchall()
    assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_quick_row_groups_are_asked_together(connection, table, monkeypatch):
    runs = []
    ask = scanning._ask
    monkeypatch.setattr(
        scanning, "_ask", lambda *given_: runs.append(len(given_[1])) or ask(*given_)
    )
    monkeypatch.setattr(scanning, "QUICK_SECONDS", 60)
    scan(connection, table, SOME, {"q": "zz"}, Bounds(0, 5, 60))
    assert runs[:2] == [1, 2]
    assert sum(runs) == len(table.slices)
    assert max(runs) > 2
