"""Which row groups of an index are read, and what comes of them."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import schema
from dedup.errors import BadIndex
from dedup.index import list_shards, read_shard
from dedup.report.row_groups import GroupSize
from dedup.report.tables import write_table

BUCKETS = st.lists(st.integers(-40, 40) | st.integers(-(1 << 63), (1 << 63) - 1), max_size=60)
WANTED = st.sets(st.integers(-40, 40) | st.sampled_from([-(1 << 63), (1 << 63) - 1]), max_size=12)


def write_buckets(folder, values, *, group_rows=5, part_bytes=300):
    """Write a table of small row groups and parts; a row's key is its place."""
    values = sorted(values)
    rows = {
        "bucket": pa.array(values, pa.int64()),
        "key": pa.array(np.arange(len(values))),
        "low_bits": pa.array(np.zeros(len(values), np.int64)),
        "high_bits": pa.array(np.zeros(len(values), np.int64)),
    }
    batch = pa.RecordBatch.from_arrays(list(rows.values()), schema=schema.HELD_BUCKETS)
    size = GroupSize(group_rows, 1 << 20)
    place = folder / "buckets"
    write_table([batch], batch.schema, place, "parquet", group_size=size, part_bytes=part_bytes)
    return values


def rows_of(shards):
    batches = [batch for shard in shards for batch in read_shard(shard)]
    return [row for batch in batches for row in batch.to_pylist()]


@given(values=BUCKETS, wanted=WANTED)
def test_just_the_rows_of_wanted_buckets_are_read_in_order(tmp_path_factory, values, wanted):
    folder = tmp_path_factory.mktemp("index")
    values = write_buckets(folder, values)
    shards = list_shards(folder, "buckets", np.array(sorted(wanted), np.int64), ("bucket", "key"))
    expected = [{"bucket": v, "key": k} for k, v in enumerate(values) if v in wanted]
    assert rows_of(shards) == expected


@given(values=BUCKETS, wanted=WANTED)
def test_no_row_group_is_named_whose_range_holds_nothing_wanted(tmp_path_factory, values, wanted):
    folder = tmp_path_factory.mktemp("index")
    write_buckets(folder, values)
    for shard in list_shards(folder, "buckets", np.array(sorted(wanted), np.int64)):
        part = pq.ParquetFile(shard.path)
        for number in shard.groups:
            held = part.read_row_group(number).column("bucket").to_pylist()
            assert any(held[0] <= value <= held[-1] for value in wanted)


def test_parts_of_other_ranges_may_be_damaged(tmp_path):
    write_buckets(tmp_path, range(1000), group_rows=20, part_bytes=600)
    parts = sorted((tmp_path / "buckets").iterdir())
    assert len(parts) > 10
    for part in parts[2:]:
        held = bytearray(part.read_bytes())
        # behind the magic number: the first pages, not the footer, which tells the ranges
        held[4:60] = bytes(56)
        part.write_bytes(held)
    shards = list_shards(tmp_path, "buckets", np.array([3, 30], np.int64))
    assert [row["bucket"] for row in rows_of(shards)] == [3, 30]
    with pytest.raises(BadIndex, match="damaged"):
        rows_of(list_shards(tmp_path, "buckets", np.array([900], np.int64)))


def test_a_changed_byte_of_a_page_is_noticed(tmp_path):
    write_buckets(tmp_path, range(100), group_rows=100, part_bytes=1 << 20)
    (part,) = (tmp_path / "buckets").iterdir()
    whole = part.read_bytes()
    noticed = 0
    for place in range(4, 200, 7):
        held = bytearray(whole)
        held[place] ^= 0xFF
        part.write_bytes(held)
        try:
            rows = rows_of(list_shards(tmp_path, "buckets"))
        except BadIndex:
            noticed += 1
        else:
            assert [row["bucket"] for row in rows] == list(range(100))
    assert noticed


def test_a_part_without_ranges_is_refused(tmp_path):
    write_buckets(tmp_path, range(9))
    (part, *_) = sorted((tmp_path / "buckets").iterdir())
    pq.write_table(pq.read_table(part), part, write_statistics=False)
    with pytest.raises(BadIndex, match="does not tell its range"):
        list_shards(tmp_path, "buckets", np.array([3]))
