"""All pairs, and names, where many documents are alike or bring the same id."""

from itertools import combinations

import pyarrow as pa

import dedup
from dedup import schema
from dedup.engines.local import LocalEngine
from dedup.pipeline.blocks import name_documents
from dedup.pipeline.match import Matched, all_pairs
from dedup.report import pairs as report
from dedup.settings import FindSettings, MatchSettings, Place, Settings

WORDS = "ice on the harbour kept the ferry to Lindau from leaving before noon on Sunday. "


def listed(copies_by_key, found, most):
    """Run the SQL of document pairs over so many copies of each text."""
    rows = [(key, n) for key, count in copies_by_key.items() for n in range(count)]
    number = range(len(rows))
    names = pa.RecordBatch.from_pylist(
        [{"document": i, "id": f"{key}.{n}"} for i, (key, n) in zip(number, rows, strict=True)],
        schema.NAMES,
    )
    ranks = pa.RecordBatch.from_pylist(
        [
            {"document": i, "key": key, "rank": i, "key_rank": 0}
            for i, (key, _) in zip(number, rows, strict=True)
        ],
        schema.RANKS,
    )
    matched = pa.RecordBatch.from_pylist(
        [{"a": a, "b": b, "similarity": 0.9, "containment": 0.95} for a, b in found], schema.PAIRS
    )
    sql = report.DOCUMENT_PAIRS.replace(str(report.MOST_COPIES), str(most))
    with LocalEngine() as engine:
        frames = {
            "names": engine.frame([names], schema.NAMES),
            "ranks": engine.frame([ranks], schema.RANKS),
            "document_pairs": engine.frame([matched], schema.PAIRS),
        }
        made = engine.query(
            report.PAIRS.format(members=sql), schema.PAIRS_OUT, name="list", frames=frames
        )
        table = engine.table(made)
    return [tuple(sorted(row)) for row in zip(*(table[n].to_pylist() for n in "ab"), strict=True)]


def test_few_copies_are_all_paired_once():
    made = listed({1: 3, 2: 2, 3: 1}, [(1, 2)], most=1_000)
    expected = set(combinations(["1.0", "1.1", "1.2", "2.0", "2.1"], 2))
    assert len(made) == len(expected)
    assert set(made) == expected


def test_of_many_copies_each_is_paired_with_the_first_ones():
    made = listed({1: 300, 2: 200}, [(1, 2)], most=20)
    assert len(made) == len(set(made))
    assert len(made) < 2_000
    partners = set(made)
    assert all(("1.0", f"1.{n}") in partners for n in range(1, 300))
    assert all(("1.0", f"2.{n}") in partners for n in range(200))
    assert all((f"1.{n}", "2.0") in partners for n in range(300))


def test_the_pairs_that_are_listed_change_no_cluster(tmp_path):
    rows = [
        {"id": f"{n:03d}", "text": WORDS * 4 + f"number{n} of {n % 7} and {n % 11}"}
        for n in range(200)
    ]
    lines = tmp_path / "texts.jsonl"
    lines.write_text("".join(f'{{"id": "{r["id"]}", "text": "{r["text"]}"}}\n' for r in rows))
    made = {}
    for pairs in (False, True):
        out = tmp_path / f"out-{pairs}"
        wanted = FindSettings(unit="document", pairs=pairs)
        dedup.find_to_folder([lines], Place(out), Settings(), wanted)
        made[pairs] = [file.read_bytes() for file in sorted((out / "clusters").iterdir())]
    assert made[False] == made[True]


def test_pairs_that_no_bucket_made_are_listed_too():
    """Texts of large buckets reach keepers with which no bucket pairs them."""
    found = pa.RecordBatch.from_pylist(
        [{"a": 1, "b": 2, "similarity": 0.9, "containment": 0.95}], schema.PAIRS
    )
    texts = pa.schema([schema.TEXTS.field(name) for name in ("key", "rank", "text")])
    with LocalEngine() as engine:
        none = engine.frame([], texts)
        matches = Matched(
            none, engine.frame([found], schema.PAIRS), engine.frame([], schema.BUCKETS), none
        )
        listed = all_pairs(engine, matches, MatchSettings(), what="bodies")
        assert engine.table(listed).to_pylist() == found.to_pylist()


def test_names_are_unique_whatever_ids_the_input_brings():
    ids = ["a", "a", "a-2", "a-2", "a", "a-3", "b"]
    columns = {
        "document": list(range(len(ids))), "id": ids, "source": ["s"] * len(ids),
        "offset": list(range(len(ids))), "site": ["s"] * len(ids), "kind": ["text"] * len(ids),
        "n_bytes": [1] * len(ids), "text": ["x"] * len(ids), "blocks": [[]] * len(ids),
    }  # fmt: skip
    rows = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    pages = pa.RecordBatch.from_pylist(rows, schema.PAGES)
    with LocalEngine() as engine:
        named = engine.table(name_documents(engine, engine.frame([pages], schema.PAGES)))
    names = dict(zip(named["document"].to_pylist(), named["id"].to_pylist(), strict=True))
    assert len(set(names.values())) == len(ids)
    assert [names[n] for n in (0, 2, 5, 6)] == ["a", "a-2", "a-3", "b"]
