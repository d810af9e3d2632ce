import hashlib
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup import schema
from dedup.report.json_lines import json_connection, json_lines
from dedup.report.row_groups import GroupSize, cut_groups, row_bytes, row_sizes
from dedup.report.tables import part_ends, part_name, write_part, write_table

SMALL = GroupSize(rows=7, bytes=400)


def blocks(n):
    rows = [
        {
            "document": f"doc-{i // 5}",
            "index": i % 5,
            "start": 10 * i,
            "end": 10 * i + 9,
            "text": "tide table " * (i * 7 % 13),
            "label": "body" if i % 2 else "boilerplate",
            "probability": i / 100,
            "keep": i % 2 == 1,
            "reason": None if i % 2 else "boilerplate",
            "cluster": None if i % 3 else f"c{i}",
            "site_pages": i,
            "crawl_pages": i,
        }
        for i in range(n)
    ]
    return pa.Table.from_pylist(rows, schema=schema.BLOCKS_OUT)


def split(table, bounds):
    edges = [0, *sorted(bounds), table.num_rows]
    batches = []
    for a, b in pairwise(edges):
        batches += table.slice(a, b - a).to_batches()
    return batches


def digests(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


@pytest.mark.parametrize("format_", ["parquet", "jsonl"])
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bounds=st.lists(st.integers(0, 60), max_size=9))
def test_files_are_the_same_bytes_however_the_rows_come(tmp_path, format_, bounds):
    table = blocks(60)
    sizes = {"group_size": SMALL, "part_bytes": 1_500}
    for name, batches in (("whole", table.to_batches()), ("split", split(table, bounds))):
        for old in (tmp_path / name).glob("*"):
            old.unlink()
        write_table(batches, table.schema, tmp_path / name, format_, **sizes)
    assert digests(tmp_path / "whole") == digests(tmp_path / "split")
    assert len(digests(tmp_path / "whole")) > 1


@settings(max_examples=25)
@given(
    lengths=st.lists(st.integers(0, 300), min_size=1, max_size=40),
    bounds=st.lists(st.integers(0, 40), max_size=6),
)
def test_a_group_ends_with_the_row_that_fills_it(lengths, bounds):
    table = pa.table({"text": ["x" * n for n in lengths]})
    bounds = [b for b in bounds if b <= len(lengths)]
    got = [g.num_rows for g in cut_groups(split(table, bounds), table.schema, SMALL)]
    expected, rows, size = [], 0, 0
    for n in lengths:
        rows, size = rows + 1, size + n + 4
        if rows == SMALL.rows or size >= SMALL.bytes:
            expected.append(rows)
            rows = size = 0
    assert got == expected + ([rows] if rows else [])


def test_the_size_of_a_row_does_not_depend_on_its_batch():
    array = pa.array(
        [[{"a": "one", "b": 1}], None, [], [{"a": None, "b": 2}, {"a": "three", "b": 3}]],
        pa.list_(pa.struct([("a", pa.string()), ("b", pa.int32())])),
    )
    whole = row_bytes(array)
    assert whole.tolist() == [15, 4, 4, 25]
    singles = [row_bytes(array.slice(i, 1)) for i in range(4)]
    assert np.concatenate(singles).tolist() == whole.tolist()


def test_parts_are_named_and_closed_by_size(tmp_path):
    table = blocks(60)
    written = write_table(
        table.to_batches(), table.schema, tmp_path, "parquet", group_size=SMALL, part_bytes=1_500
    )
    names = sorted(p.name for p in tmp_path.iterdir())
    assert names == [f"part-{i:05d}.parquet" for i in range(written.files)]
    assert written.rows == 60
    assert written.bytes == sum(p.stat().st_size for p in tmp_path.iterdir())
    read = pa.concat_tables(pq.read_table(tmp_path / name) for name in names)
    assert read.equals(table)


def write_parts_apart(table, bounds, folder, format_, sizes) -> None:
    """Write each part by itself, from its rows alone."""
    folder.mkdir()
    measured = (row_sizes(batch, table.schema) for batch in split(table, bounds))
    ends = part_ends(measured, sizes["group_size"], sizes["part_bytes"])
    for number, (begin, end) in enumerate(pairwise([0, *ends])):
        inside = [b - begin for b in bounds if begin < b < end]
        with (folder / part_name(number, format_)).open("wb") as file:
            batches = split(table.slice(begin, end - begin), inside)
            write_part(batches, file, table.schema, format_, sizes["group_size"])


@pytest.mark.parametrize("format_", ["parquet", "jsonl"])
@settings(max_examples=25)
@given(
    n_rows=st.sampled_from([0, 1, 7, 60]),
    bounds=st.lists(st.integers(0, 60), max_size=9),
    group_size=st.builds(GroupSize, st.integers(1, 80), st.integers(1, 4_000)),
    # a row has 60 bytes or more: each is larger than the smallest part
    part_bytes=st.sampled_from([1, 300, 1_500, 4_000, 1 << 30]),
)
def test_parts_that_are_written_apart_are_the_same_bytes(
    tmp_path_factory, format_, n_rows, bounds, group_size, part_bytes
):
    folder, table = tmp_path_factory.mktemp("tables"), blocks(n_rows)
    bounds = [b for b in bounds if b <= n_rows]
    sizes = {"group_size": group_size, "part_bytes": part_bytes}
    write_table(table.to_batches(), table.schema, folder / "whole", format_, **sizes)
    write_parts_apart(table, bounds, folder / "apart", format_, sizes)
    assert digests(folder / "apart") == digests(folder / "whole")


@pytest.mark.parametrize(("format_", "name"), [("parquet", "parquet"), ("jsonl", "jsonl.zst")])
def test_a_table_without_rows_is_one_file(tmp_path, format_, name):
    written = write_table([], schema.CLUSTERS_OUT, tmp_path, format_)
    assert (written.rows, written.files) == (0, 1)
    path = tmp_path / f"part-00000.{name}"
    if format_ == "parquet":
        assert pq.read_schema(path).equals(schema.CLUSTERS_OUT)
    else:
        assert zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read() == b""


def test_parquet_is_compressed_and_tells_no_time(tmp_path):
    write_table(blocks(9).to_batches(), schema.BLOCKS_OUT, tmp_path, "parquet")
    metadata = pq.read_metadata(tmp_path / "part-00000.parquet")
    assert metadata.row_group(0).column(4).compression == "ZSTD"
    assert set(metadata.metadata) == {b"ARROW:schema"}


def test_json_lines_are_as_a_person_would_write_them():
    batch = pa.record_batch(
        {
            "id": ["1", "2"],
            "title": ['Überfahrt "Süd"\n', None],
            "text": ["時計塔 \x00\t😀\u2028", "</script>"],
            "probability": pa.array([0.93, float("nan")], pa.float32()),
            "similarity": pa.array([0.8, float("inf")], pa.float64()),
            "keep": [True, False],
            "n": pa.array([-3, None], pa.int64()),
            "blocks": [[{"start": 0, "probability": 0.25, "reason": None}], []],
        }
    )
    with json_connection() as connection:
        lines = bytes(json_lines(batch, connection)).decode()
    assert lines == (
        '{"id":"1","title":"Überfahrt \\"Süd\\"\\n","text":"時計塔 \\u0000\\t😀\u2028",'
        '"probability":0.93,"similarity":0.8,"keep":true,"n":-3,'
        '"blocks":[{"start":0,"probability":0.25,"reason":null}]}\n'
        '{"id":"2","title":null,"text":"</script>","probability":null,"similarity":null,'
        '"keep":false,"n":null,"blocks":[]}\n'
    )


@settings(max_examples=30)
@given(st.lists(st.one_of(st.none(), st.text(max_size=40)), max_size=8))
def test_any_text_comes_back_from_json(texts):
    texts = [t and t.encode("utf-8", "replace").decode() for t in texts]
    batch = pa.record_batch({"text": pa.array(texts, pa.string())})
    with json_connection() as connection:
        lines = bytes(json_lines(batch, connection)).decode()
    assert [json.loads(line)["text"] for line in lines.split("\n")[:-1]] == texts


def test_a_batch_of_another_schema_is_refused(tmp_path):
    batch = pa.record_batch({"cluster": ["a"]})
    with pytest.raises(KeyError):
        write_table([batch], schema.CLUSTERS_OUT, tmp_path, "parquet")


def test_a_null_where_none_may_be_is_refused(tmp_path):
    columns = pa.schema([pa.field("id", pa.string(), nullable=False)])
    batch = pa.record_batch({"id": pa.array(["a", None])})
    with pytest.raises(ValueError, match="column id has nulls"):
        write_table([batch], columns, Path(tmp_path), "parquet")
