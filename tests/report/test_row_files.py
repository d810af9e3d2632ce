import gzip
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from dedup.errors import BadSettings
from dedup.report.row_files import open_rows, row_format

COLUMNS = pa.schema([("id", pa.string()), ("text", pa.string())])
BATCHES = [
    pa.record_batch({"id": ["a"], "text": ["Low water at noon."], "extra": [1]}),
    pa.record_batch({"id": ["b", "c"], "text": [None, "時計塔"], "extra": [2, 3]}),
]
ROWS = [
    {"id": "a", "text": "Low water at noon."},
    {"id": "b", "text": None},
    {"id": "c", "text": "時計塔"},
]


def read_back(path):
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    raw = path.read_bytes()
    if path.suffix == ".gz":
        raw = gzip.decompress(raw)
    if path.suffix == ".zst":
        raw = zstandard.ZstdDecompressor().stream_reader(raw).read()
    return [json.loads(line) for line in raw.decode().splitlines()]


@pytest.mark.parametrize("name", ["p.jsonl", "p.jsonl.gz", "p.jsonl.zst", "p.parquet"])
def test_rows_come_back_from_every_format(tmp_path, name):
    with open_rows(tmp_path / name, row_format(name), COLUMNS) as write:
        for batch in BATCHES:
            write(batch)
    assert read_back(tmp_path / name) == ROWS
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_text_stands_alone_with_an_empty_line_after_each_page(tmp_path):
    with open_rows(tmp_path / "p.txt", "txt", COLUMNS) as write:
        for batch in BATCHES:
            write(batch)
    assert (tmp_path / "p.txt").read_text() == "Low water at noon.\n\n\n\n時計塔\n\n"


def test_standard_output_gets_each_batch_at_once():
    stream = io.BytesIO()
    with open_rows(stream, "jsonl", COLUMNS) as write:
        write(BATCHES[0])
        assert stream.getvalue() == b'{"id":"a","text":"Low water at noon."}\n'
    assert not stream.closed


@pytest.mark.parametrize("name", ["p.jsonl.gz", "p.parquet", "p.txt"])
def test_a_failure_leaves_what_stood_there(tmp_path, name):
    (tmp_path / name).write_text("older")

    def fail():
        with open_rows(tmp_path / name, row_format(name), COLUMNS) as write:
            write(BATCHES[0])
            raise RuntimeError("the crawl ends here")

    with pytest.raises(RuntimeError, match="the crawl ends here"):
        fail()
    assert (tmp_path / name).read_text() == "older"
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["pages", "pages.csv", "pages.json"])
def test_an_unknown_ending_is_refused_with_those_that_are_known(name):
    with pytest.raises(BadSettings, match=r"\.txt, \.jsonl, \.jsonl\.gz, \.jsonl\.zst, \.parquet"):
        row_format(name)


def test_a_missing_folder_is_one_sentence(tmp_path):
    with (
        pytest.raises(BadSettings, match="cannot be written: No such file or directory"),
        open_rows(tmp_path / "none" / "p.txt", "txt", COLUMNS),
    ):
        pass
