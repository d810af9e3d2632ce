"""Texts that a Parquet file repeats by a dictionary: seen before they are written out."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.read import expand, read_source
from dedup.read.parquet_pages import dictionary_bytes, largest_delta, largest_dictionary
from dedup.settings import ReadSettings


def written(texts, **options):
    file = io.BytesIO()
    pq.write_table(pa.table({"text": texts}), file, **options)
    return file, pq.read_metadata(file)


@given(st.lists(st.text(max_size=50), min_size=1, max_size=50))
def test_the_dictionary_of_a_column_has_the_bytes_of_its_distinct_texts(texts):
    file, about = written(texts, compression="zstd")
    # each text stands with four bytes of its length before it
    expected = sum(len(text.encode()) + 4 for text in set(texts))
    assert largest_dictionary(file, about, ["text"]) == expected


def test_a_column_without_a_dictionary_has_none():
    file, about = written(["a", "b"], use_dictionary=False)
    assert largest_dictionary(file, about, ["text"]) == 0
    assert largest_dictionary(file, about, ["html"]) == 0


@pytest.mark.parametrize("header", [b"", b"\x15", b"\x15\x04", b"\x15\x04\x25\x02", b"\xff" * 24])
def test_a_header_that_is_none_counts_as_a_large_dictionary(header):
    assert dictionary_bytes(header) > 1 << 40


def test_no_text_is_longer_than_what_is_stored_of_a_column():
    file, about = written(
        ["word " * 1000] * 9, use_dictionary=False, column_encoding={"text": "DELTA_BYTE_ARRAY"}
    )
    assert largest_dictionary(file, about, ["text"]) == 0
    # the first text is stored whole, of the others nothing
    assert 5_000 <= largest_delta(about, ["text"]) < 6_000


def test_rows_that_store_only_what_differs_are_read(tmp_path):
    texts = [f"{'word ' * 1000}{n}" for n in range(500)]
    path = tmp_path / "t.parquet"
    pq.write_table(
        pa.table({"text": texts}), path,
        use_dictionary=False, column_encoding={"text": "DELTA_BYTE_ARRAY"},
    )  # fmt: skip
    settings = ReadSettings()
    (source,) = expand([str(path)], settings)
    read = [t for b in read_source(source, settings) for t in b.column("content").to_pylist()]
    assert read == texts


@pytest.mark.parametrize("row_group_size", [7, 10_000])
def test_rows_come_whole_and_in_order_however_large_the_dictionary(tmp_path, row_group_size):
    texts = [f"{n} " * (n % 900) + "end" for n in range(3_000)]
    pq.write_table(pa.table({"text": texts}), tmp_path / "t.parquet", row_group_size=row_group_size)
    settings = ReadSettings(batch_bytes=100_000)
    (source,) = expand([str(tmp_path / "t.parquet")], settings)
    batches = list(read_source(source, settings))
    assert [t for b in batches for t in b.column("content").to_pylist()] == texts
    assert [n for b in batches for n in b.column("offset").to_pylist()] == list(range(3_000))


def test_a_long_text_that_all_rows_share_is_not_written_out_for_all(tmp_path):
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 16_000), ["word " * 5_000_000])
    pq.write_table(pa.table({"text": texts}), tmp_path / "t.parquet", compression="zstd")
    settings = ReadSettings()
    (source,) = expand([str(tmp_path / "t.parquet")], settings)
    before = pa.total_allocated_bytes()
    for number, batch in enumerate(read_source(source, settings)):
        assert batch.column("content")[0].as_py().startswith("word word")
        assert pa.total_allocated_bytes() - before < 1 << 29
        if number == 3:
            break
