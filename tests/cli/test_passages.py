"""`dedup find --unit passage`: reprinted sections and repeated runs of words, by the command."""

import json
import random

import pytest
import reference
from cli_support import CORPUS, PARAGRAPHS, read_rows, run_dedup, table_bytes

from dedup import schema

EDITED = [PARAGRAPHS[0], PARAGRAPHS[1].replace("hot tea", "mulled wine"), PARAGRAPHS[2]]


def other(seed, words=40):
    """A paragraph that nothing else has a word of."""
    picked = random.Random(seed)
    return " ".join(f"{picked.choice('bdfgklmn')}{picked.randrange(10**6)}" for _ in range(words))


def write(path, documents):
    rows = (json.dumps({"id": name, "text": text}) for name, text in documents.items())
    path.write_text("\n".join(rows))
    return path


def find(inputs, out, *options):
    done = run_dedup("find", *inputs, "-o", out, "--unit", "passage", *options)
    assert done.returncode == 0, done.stderr
    return read_rows(out / "passages")


def check(rows, texts):
    """Hold what is true of the passages of any input."""
    order = [(r["kind"], r["passage"], not r["keep"], r["document"], r["start"]) for r in rows]
    assert order == sorted(order)
    passages = {}
    for row in rows:
        passages.setdefault((row["kind"], row["passage"]), []).append(row)
    for (kind, name), places in passages.items():
        kept, *copies = places
        assert copies
        assert [row["keep"] for row in places] == [True] + [False] * len(copies)
        assert name == f"{kept['document']}@{kept['start']}-{kept['end']}"
        whole = texts[kept["document"]][kept["start"] : kept["end"]]
        assert kept["excerpt"] == whole[: schema.EXCERPT_CHARACTERS]
        for row in places:
            said = reference.words(texts[row["document"]][row["start"] : row["end"]])
            assert len(said) == row["n_words"]
            assert (row["first_block"] is None) == (kind == "substring")
            if kind == "substring" or row["similarity"] == 1:
                assert said == reference.words(whole)
        assert all(row["excerpt"] is None for row in copies)
        first = (kept["document"], kept["start"])
        assert all((row["document"], row["start"]) > first for row in copies)


@pytest.fixture(scope="module")
def reprint(tmp_path_factory):
    """A section of three paragraphs in three articles, and run together in a fourth."""
    folder = tmp_path_factory.mktemp("reprint")
    texts = {
        "a": "\n\n".join([other(1), *PARAGRAPHS, other(2)]),
        "b": "\n\n".join([other(3), other(4), *EDITED]),
        "c": "🥶 语言 e\u0301té " + " ".join(PARAGRAPHS).upper() + " " + other(5),
        "d": "\n\n".join([other(6), other(7)]),
    }
    path = write(folder / "docs.jsonl", texts)
    return folder / "out", texts, find([path], folder / "out")


def test_reprinted_section_is_one_passage_with_its_span_in_both_documents(reprint):
    _, texts, rows = reprint
    check(rows, texts)
    kept, copy = (row for row in rows if row["kind"] == "run")
    assert texts["a"][kept["start"] : kept["end"]] == "\n\n".join(PARAGRAPHS)
    assert texts["b"][copy["start"] : copy["end"]] == "\n\n".join(EDITED)
    assert [(row["first_block"], row["last_block"]) for row in (kept, copy)] == [(1, 3), (2, 4)]
    assert 0.8 <= copy["similarity"] < 1
    assert kept["similarity"] == 1


def test_words_are_found_across_blocks_and_whatever_their_case(reprint):
    _, texts, rows = reprint
    (copy,) = [r for r in rows if r["kind"] == "substring" and r["document"] == "c"]
    assert texts["c"][copy["start"] : copy["end"]] == " ".join(PARAGRAPHS).upper().rstrip(".")
    assert copy["passage"].startswith("a@")
    assert not [r for r in rows if r["document"] == "d"]


def test_manifest_and_report_tell_of_passages(reprint):
    out, _, rows = reprint
    counts = json.loads((out / "manifest.json").read_text())["counts"]
    kept = [row["kind"] for row in rows if row["keep"]]
    assert counts["passages"] == {kind: kept.count(kind) for kind in ("run", "substring")}
    assert sum(counts["copies"].values()) == len(rows) - len(kept)
    page = (out / "report.html").read_text()
    assert "The harbour of Lindau froze over" in page
    assert not (out / "clusters").exists()


def test_runs_of_pages_begin_and_end_with_blocks(cleaned, tmp_path):
    rows = find([CORPUS / "crawl"], tmp_path / "out", "--format", "parquet")
    spans = {(b["document"], b["index"]): b for b in read_rows(cleaned / "blocks")}
    places = [row for row in rows if row["kind"] == "run"]
    assert places
    for row in places:
        first, last = (spans[row["document"], row[end]] for end in ("first_block", "last_block"))
        assert (row["start"], row["end"]) == (first["start"], last["end"])
        assert row["first_block"] < row["last_block"]
    kept = {(row["passage"], row["kind"]): row for row in rows if row["keep"]}
    for row in places:
        n_blocks = row["last_block"] - row["first_block"]
        keeper = kept[row["passage"], "run"]
        assert abs(keeper["last_block"] - keeper["first_block"] - n_blocks) <= 3


def test_result_does_not_depend_on_order_and_workers(reprint, tmp_path):
    _, texts, _ = reprint
    crawl = sorted((CORPUS / "crawl").iterdir())
    path = write(tmp_path / "docs.jsonl", texts)
    turned = write(tmp_path / "turned.jsonl", dict(reversed(texts.items())))
    results = []
    for name, inputs, workers in (("one", [path, *crawl], 1), ("two", [*crawl[::-1], path], 2)):
        find(inputs, tmp_path / name, "--workers", workers)
        results.append(table_bytes(tmp_path / name))
    assert results[0] == results[1]
    assert find([path], tmp_path / "a") == find([turned], tmp_path / "b")


def test_scope_bounds_what_is_compared(tmp_path):
    texts = {"a": "\n".join(PARAGRAPHS), "b": "\n".join([*PARAGRAPHS, other(1), *PARAGRAPHS])}
    rows = find([write(tmp_path / "docs.jsonl", texts)], tmp_path / "out", "--scope", "page")
    check(rows, texts)
    assert {row["document"] for row in rows} == {"b"}
    assert {(row["kind"], row["keep"]) for row in rows} == {
        (kind, keep) for kind in ("run", "substring") for keep in (True, False)
    }


def test_fewer_words_than_asked_for_are_no_passage(tmp_path):
    shared = other(1, words=59)
    texts = {"a": f"{other(2)} {shared} {other(3)}", "b": f"{other(4)} {shared} {other(5)}"}
    path = write(tmp_path / "docs.jsonl", texts)
    assert not find([path], tmp_path / "60", "--passage-words", "60")
    rows = find([path], tmp_path / "59", "--passage-words", "59")
    assert [(row["kind"], row["n_words"]) for row in rows] == [("substring", 59)] * 2
    assert [texts[r["document"]][r["start"] : r["end"]] for r in rows] == [shared] * 2


def test_scripts_and_marks_keep_their_characters(tmp_path):
    chinese = "".join(chr(0x4E00 + 7 * n) for n in range(80))
    marked = " ".join(f"e\u0301t\u00ade{n}🥶" for n in range(60))
    texts = {
        "a": f"{chinese}。{other(1)}",
        "b": f"👩‍👩‍👧 {chinese}、{marked}",
        "c": f"{other(2)} {marked.upper()}",
    }
    rows = find([write(tmp_path / "docs.jsonl", texts)], tmp_path / "out")
    check(rows, texts)
    found = {(row["document"], row["keep"]): row for row in rows}
    assert len(rows) == 4
    assert texts["b"][found["b", False]["start"] : found["b", False]["end"]] == chinese
    assert found["c", False]["n_words"] == 60


def test_hostile_texts_take_time_in_proportion(tmp_path):
    """One word without end, twice; a menu without end; one template on many pages."""
    template = "\n\n".join(other(n, words=30) for n in range(6))
    texts = {f"page {n:05d}": f"{template}\n\n{other(1000 + n, words=5)}" for n in range(2_000)}
    texts |= {f"word {n}": "word " * 300_000 for n in range(2)}
    texts |= {f"zmenu {n}": f"{other(7, words=60)} " * 3_000 for n in range(2)}
    rows = find([write(tmp_path / "docs.jsonl", texts)], tmp_path / "out")
    copies = [row for row in rows if not row["keep"]]
    pages = [row for row in copies if row["document"].startswith("page")]
    assert {(row["kind"], row["n_words"]) for row in pages} == {("run", 180), ("substring", 180)}
    assert len(pages) == 2 * 1_999
    words = [row for row in copies if row["document"] == "word 0" and row["kind"] == "substring"]
    assert [row["n_words"] for row in words] == [50] * 5_999
    (whole,) = [row for row in copies if row["document"] == "word 1" and row["kind"] == "substring"]
    assert whole["n_words"] == 300_000
    menus = [row for row in copies if row["document"] == "zmenu 0" and row["kind"] == "substring"]
    assert [row["n_words"] for row in menus] == [60] * 2_999


def test_nothing_repeated_gives_an_empty_table(tmp_path):
    texts = {"a": other(1), "b": other(2), "c": "", "d": "… — !"}
    assert find([write(tmp_path / "docs.jsonl", texts)], tmp_path / "out") == []
    assert "No duplicates found" in (tmp_path / "out" / "report.html").read_text()


def test_earlier_passages_are_overwritten_where_that_is_wanted(tmp_path):
    path = write(tmp_path / "docs.jsonl", {"a": PARAGRAPHS[0], "b": "\n".join(PARAGRAPHS)})
    first = find([path], tmp_path / "out", "--passage-words", "20", "--format", "parquet")
    assert first
    again = find([path], tmp_path / "out", "--overwrite", "--passage-words", "40")
    assert not again


def test_text_of_pages_is_escaped_in_the_report(tmp_path):
    section = f"<script>alert(1)</script> {other(1, words=60)}"
    texts = {"a": section, "b": f"{section} {other(2)}"}
    find([write(tmp_path / "docs.jsonl", texts)], tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<script>alert" not in page
    assert "script&gt;alert" in page


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--unit", "passage", "--on", "body"], "on body"),
        (["--unit", "passage", "--pairs"], "pairs"),
        (["--unit", "passage", "--threshold", "0.7"], "--threshold"),
        (["--unit", "passage", "--containment", "0.7"], "--containment"),
        (["--unit", "passage", "--keep", "first"], "--keep"),
        (["--unit", "passage", "--passage-words", "7"], "passage-words"),
        (["--passage-words", "60"], "--unit passage"),
    ],
)
def test_options_that_do_not_go_together_are_refused(tmp_path, options, word):
    path = write(tmp_path / "docs.jsonl", {"a": PARAGRAPHS[0]})
    done = run_dedup("find", path, "-o", tmp_path / "out", *options)
    assert done.returncode == 2
    assert done.stderr.startswith("dedup: ")
    assert done.stderr.count("\n") == 1
    assert word in done.stderr
    assert not (tmp_path / "out").exists()
