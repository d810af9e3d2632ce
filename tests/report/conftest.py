"""Fixtures of a made-up result."""

from collections.abc import Callable
from pathlib import Path

import pytest
from made_result import Rows, make_rows, write_whole


@pytest.fixture
def make_result() -> Callable[..., Path]:
    """Hand out a function that writes a result with its report and gives back its folder."""
    return write_whole


@pytest.fixture
def rows() -> Callable[..., Rows]:
    """Hand out the maker of rows."""
    return make_rows


@pytest.fixture
def no_rows() -> Rows:
    """Hand out tables without a row."""
    return Rows()
