"""A made-up result, opened as the server opens it."""

import pytest
from made_result import REJECTED, make_rows, write_hostile, write_result

from dedup.explore.answers import Explorer
from dedup.explore.counted import start_counting
from dedup.explore.tables import open_tables


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A result of four sites, in Parquet; its rows and its folder."""
    folder = tmp_path_factory.mktemp("explored")
    rows = make_rows()
    write_result(folder, rows, rejected=REJECTED)
    return rows, folder


@pytest.fixture(scope="session")
def hostile_folder(tmp_path_factory):
    """A result of pages that say what should break a page."""
    return write_hostile(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="session")
def explorer(made):
    """The result, all of it counted."""
    _, folder = made
    with open_tables(folder) as result:
        counting = start_counting(result)
        counting.finish()
        yield Explorer(result, counting)
