"""Rows that are sorted in ranges are those that are sorted at once."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.engines import ranges
from dedup.engines.local import LocalEngine

ROWS = pa.schema([pa.field("place", pa.int64()), pa.field("text", pa.string())])
PLACES = st.lists(st.integers(-(2**63), 2**63 - 1), unique=True, max_size=60)


def sort(places, cut, folder):
    batch = pa.record_batch([places, [f"text {place}" for place in places]], ROWS)
    with LocalEngine(temp=folder) as engine:
        frame = engine.frame([batch.slice(at, cut) for at in range(0, len(places), cut)], ROWS)
        made = engine.sort(frame, "place", name="sort")
        assert made.schema.names == ["text"]
        return engine.table(made).column("text").to_pylist()


@pytest.mark.parametrize(("range_bytes", "most"), [(1 << 30, 9), (64, 1_000), (64, 2), (300, 5)])
@given(places=PLACES, cut=st.integers(1, 70))
def test_rows_come_in_order(range_bytes, most, places, cut, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranges, "RANGE_BYTES", range_bytes)
        patch.setattr(ranges, "MOST_RANGES", most)
        patch.setattr(ranges, "SAMPLE", 10)
        got = sort(places, cut, tmp_path_factory.mktemp("engine"))
    assert got == [f"text {place}" for place in sorted(places)]


def test_ranges_hold_about_the_same_number_of_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(ranges, "RANGE_BYTES", 1 << 12)
    places = np.random.default_rng(1).permutation(10_000).astype(np.int64) ** 2
    batch = pa.record_batch([pa.array(places), [""] * len(places)], ROWS)
    with LocalEngine(temp=tmp_path) as engine:
        parts = engine.frame([batch], ROWS).parts
        bounds = ranges.range_bounds(parts, "place")
    assert len(bounds) > 10
    counts = np.bincount(np.searchsorted(bounds, places, side="right"))
    assert counts.max() < 1.2 * counts.min()


def test_a_range_that_is_still_large_is_sorted_by_ranges_again(tmp_path, monkeypatch):
    monkeypatch.setattr(ranges, "RANGE_BYTES", 1 << 10)
    monkeypatch.setattr(ranges, "MOST_RANGES", 5)
    held = []
    monkeypatch.setattr(ranges, "_sorted", record(ranges._sorted, held))
    places = np.random.default_rng(1).permutation(10_000).tolist()
    assert sort(places, 999, tmp_path) == [f"text {place}" for place in range(10_000)]
    assert max(held) < 3 * ranges.RANGE_BYTES


def record(sort_range, held):
    def sort_and_tell(batches, by):
        held.append(sum(batch.nbytes for batch in batches))
        return sort_range(batches, by)

    return sort_and_tell
