"""Generated corpora: the same for the same seed, and with what they promise."""

import json
from collections import Counter

import pyarrow.parquet as pq
import pytest

from benchmarks import planted
from benchmarks.passages import read_lines, write_passages
from benchmarks.planted import EDIT_RATES, KINDS, SCHEMA, Plan, rows, write_corpus
from benchmarks.truth import contained_pairs

SMALL = Plan(2_000, words=40)


def test_the_same_plan_gives_the_same_corpus(tmp_path):
    write_corpus(tmp_path / "a.parquet", SMALL)
    write_corpus(tmp_path / "b.parquet", SMALL)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    other = next(rows(Plan(2_000, words=40, seed=2)))
    assert other["text"] != next(rows(SMALL))["text"]


def test_all_kinds_and_edit_rates_are_planted(tmp_path):
    write_corpus(tmp_path / "a.parquet", SMALL)
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.schema.equals(SCHEMA)
    assert set(table["kind"].to_pylist()) == set(KINDS)
    assert set(table["edits"].to_pylist()) == set(EDIT_RATES)
    assert len(set(table["id"].to_pylist())) == SMALL.documents
    families = Counter(table["family"].to_pylist())
    related = sum(size for size in families.values() if size > 1)
    assert 0.1 < related / SMALL.documents < 0.6


def test_members_of_a_family_share_their_beginning():
    families = {}
    for row in rows(SMALL):
        families.setdefault(row["family"], {})[row["kind"]] = row["text"]
    teasers = [one for one in families.values() if {"original", "teaser"} <= set(one)]
    assert teasers
    assert all(one["original"].startswith(one["teaser"].rstrip()) for one in teasers)


def test_jsonl_holds_the_rows_of_parquet(tmp_path):
    plan = Plan(50, words=40)
    write_corpus(tmp_path / "a.parquet", plan)
    write_corpus(tmp_path / "a.jsonl", plan)
    lines = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == pq.read_table(tmp_path / "a.parquet").to_pylist()


def test_a_corpus_is_not_overwritten(tmp_path):
    write_corpus(tmp_path / "a.parquet", Plan(5))
    with pytest.raises(FileExistsError):
        write_corpus(tmp_path / "a.parquet", Plan(5))


def test_batches_do_not_change_what_is_written(monkeypatch):
    plan = Plan(200, words=40)
    whole = list(rows(plan))
    monkeypatch.setattr(planted, "ROWS", 7)
    assert list(rows(plan)) == whole


def test_passages_stand_within_longer_lines(tmp_path):
    write_passages(tmp_path / "p.parquet", 200)
    lines = read_lines(tmp_path / "p.parquet")
    held = contained_pairs(lines.sets, 0.9)
    assert len(held.a) >= 60
    assert lines.n_words[held.a].min() >= 9
    assert (lines.n_words[held.b] > lines.n_words[held.a]).mean() > 0.9
