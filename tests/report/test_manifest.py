import json

import pytest

from dedup.errors import BadInput
from dedup.report.manifest import (
    Counts,
    Removal,
    count_result,
    part_versions,
    read_manifest,
    write_manifest,
)
from dedup.report.output import is_result


def test_a_manifest_comes_back_as_it_was_written(tmp_path, make_result):
    folder = make_result(tmp_path / "OUT")
    manifest = read_manifest(folder)
    write_manifest(tmp_path, manifest)
    assert (tmp_path / "manifest.json").read_bytes() == (folder / "manifest.json").read_bytes()
    assert is_result(folder)


def test_it_is_sorted_and_indented_json(tmp_path, make_result):
    text = (make_result(tmp_path / "OUT") / "manifest.json").read_text()
    raw = json.loads(text)
    assert text == json.dumps(raw, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert raw["settings"]["documents"]["threshold"] == 0.8


@pytest.mark.parametrize("format_", ["parquet", "jsonl"])
def test_counts_agree_with_the_tables(tmp_path, make_result, rows, format_):
    made = rows(pages=11)
    folder = make_result(tmp_path / "OUT", made, format_=format_)
    counts = count_result(folder, read=46, rejected=2, pairs={"candidate bodies": 9})
    assert sum(counts.documents.values()) == len(made.documents)
    assert counts.documents["kept"] == sum(row["keep"] for row in made.documents)
    assert counts.blocks["kept"] == sum(row["keep"] for row in made.blocks)
    assert counts.characters["kept"] == sum(len(b["text"]) for b in made.blocks if b["keep"])
    assert sum(counts.members.values()) == len(made.clusters)
    assert counts.pairs == {"candidate bodies": 9}


def test_a_result_without_tables_counts_nothing(tmp_path):
    assert count_result(tmp_path, read=0, rejected=0) == Counts(read=0, rejected=0)


def test_the_share_that_went_is_of_characters():
    assert Removal("a", 3, 2, 100, 25).rate == 0.75
    assert Removal("a", 3, 0, 0, 0).rate == 0


def test_versions_name_every_part():
    assert list(part_versions())[:3] == ["python", "numpy", "pyarrow"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"dedup": 3}', "[" * 5000])
def test_a_foreign_manifest_is_one_sentence(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(BadInput, match="is not a manifest of this version of dedup"):
        read_manifest(tmp_path)


def test_a_folder_without_manifest_is_no_result(tmp_path):
    with pytest.raises(BadInput, match="is no result of dedup"):
        read_manifest(tmp_path)


def test_removal_rates_stand_in_the_file(tmp_path, make_result):
    folder = make_result(tmp_path / "out")
    manifest = json.loads((folder / "manifest.json").read_text())
    for row in (*manifest["sources"], *manifest["sites"]):
        gone = 1 - row["characters_kept"] / row["characters"] if row["characters"] else 0
        assert row["removal_rate"] == pytest.approx(gone, abs=1e-6)
