"""`dedup index build` and `dedup clean --against`: a second crawl beside the index of a first."""

import json
import os
import random
import shutil
import signal
import time
from collections import defaultdict

import pytest
from cli_support import read_rows, read_table, run_dedup, start_dedup, table_bytes

from dedup.index import open_index

SITES = ("lake.example", "news.example", "kettle.example")


def make_texts(n, seed=1):
    """Make texts, half of which are made of an earlier one, with more and less words replaced.

    Copies of copies: chains, of which the ends no longer reach the threshold.
    """
    draw = random.Random(seed)
    words = ["".join(draw.choices("abcdeghiklmnorstuw", k=draw.randint(3, 9))) for _ in range(2000)]
    texts = []
    for _ in range(n):
        if texts and draw.random() < 0.55:
            text = list(draw.choice(texts))
            for _ in range(draw.choice([0, 1, 1, 2, 3, 4, 6])):
                text[draw.randrange(len(text))] = draw.choice(words)
            text = text[: len(text) - draw.choice([0, 0, 3, 12])]
        else:
            text = draw.choices(words, k=draw.randint(70, 160))
        texts.append(text)
    return [" ".join(text).capitalize() + "." for text in texts]


def write_crawl(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def crawl(tmp_path_factory):
    """Three parts of a crawl; copies stand in the same part and in others."""
    folder = tmp_path_factory.mktemp("index") / "crawl"
    folder.mkdir()
    draw = random.Random(7)
    rows = [
        {
            "id": f"d{number:04d}",
            "url": f"https://{draw.choice(SITES)}/{number}",
            "text": text,
            "date": f"20{draw.randrange(10, 26)}-0{draw.randrange(1, 10)}-11T10:00:00Z",
        }
        for number, text in enumerate(make_texts(420))
    ]
    draw.shuffle(rows)
    parts = (rows[:200], rows[200:320], rows[320:])
    return [
        write_crawl(folder / f"{n}.jsonl", p) for n, p in zip(("b", "c", "a"), parts, strict=True)
    ]


def dedup(*words):
    done = run_dedup(*words, "-q")
    assert done.returncode == 0, done.stderr
    assert done.stdout == done.stderr == ""


def clusters_of(result):
    """Members of each cluster of documents, by its name."""
    members = defaultdict(set)
    for row in read_rows(result / "clusters"):
        if row["kind"] == "document":
            members[row["cluster"]].add(row["document"])
    return dict(members)


def ids_of(result):
    return set(read_table(result / "documents").column("id").to_pylist())


def touched(clusters, ids):
    return {name: members for name, members in clusters.items() if members & ids}


def index_bytes(index):
    return {path.relative_to(index): path.read_bytes() for path in index.rglob("*.*")}


@pytest.fixture(scope="module")
def first(crawl, tmp_path_factory):
    """The result and the index of the first part."""
    folder = tmp_path_factory.mktemp("first")
    dedup("clean", crawl[0], "-o", folder / "cleaned")
    dedup("index", "build", folder / "cleaned", "-o", folder / "crawl.index")
    return folder


@pytest.fixture
def index(first, tmp_path):
    """A copy of the first part's index."""
    shutil.copytree(first / "crawl.index", tmp_path / "crawl.index")
    return tmp_path / "crawl.index"


@pytest.mark.parametrize(
    ("order", "options"),
    [
        ((0, 1), ()),
        ((1, 0), ("--keep", "newest")),
        ((0, 1), ("--keep", "first", "--scope", "site")),
        ((1, 0), ("--threshold", "0.6", "--ngram", "3", "--sketch", "fss")),
    ],
    ids=str,
)
def test_clusters_are_those_of_both_crawls_at_once(crawl, tmp_path, order, options):
    one, other = (crawl[n] for n in order)
    dedup("clean", one, other, "-o", tmp_path / "both", *options)
    dedup("clean", one, "-o", tmp_path / "one", *options)
    dedup("index", "build", tmp_path / "one", "-o", tmp_path / "index")
    dedup("clean", other, "-o", tmp_path / "other", "--against", tmp_path / "index", *options)
    at_once = touched(clusters_of(tmp_path / "both"), ids_of(tmp_path / "other"))
    assert len(at_once) > 15
    assert clusters_of(tmp_path / "other") == at_once


def test_what_was_kept_stays_and_what_goes_reaches_the_threshold_with_it(crawl, first, tmp_path):
    dedup("clean", crawl[1], "-o", tmp_path / "new", "--against", first / "crawl.index")
    delivered = {row["id"] for row in read_rows(first / "cleaned" / "documents") if row["keep"]}
    documents = read_rows(tmp_path / "new" / "documents")
    kept = {row["id"] for row in documents if row["keep"]}
    gone = [row for row in documents if row["reason"] == "duplicate"]
    manifest = json.loads((tmp_path / "new" / "manifest.json").read_text())
    assert manifest["against"] == str(first / "crawl.index")
    assert all(row["keeper"] in delivered | kept and row["similarity"] >= 0.8 for row in gone)
    assert len([row for row in gone if row["keeper"] in delivered]) > 20
    for row in read_rows(tmp_path / "new" / "clusters"):
        if row["kind"] == "document":
            assert row["indexed"] == (row["document"] not in ids_of(tmp_path / "new"))
            assert row["keeper"] == (row["document"] in delivered | kept)


def test_third_crawl_meets_both_that_the_index_has_taken_in(crawl, index, tmp_path):
    dedup("clean", crawl[1], "-o", tmp_path / "two", "--against", index, "--update")
    dedup("clean", crawl[2], "-o", tmp_path / "three", "--against", index, "--update")
    dedup("clean", *crawl, "-o", tmp_path / "all")
    at_once = touched(clusters_of(tmp_path / "all"), ids_of(tmp_path / "three"))
    assert clusters_of(tmp_path / "three") == at_once
    assert open_index(index).documents == 420
    dedup("index", "build", tmp_path / "all", "-o", tmp_path / "at-once")
    for name in ("texts", "buckets", "pairs"):
        assert read_table(index / name).equals(read_table(tmp_path / "at-once" / name)), name
    columns = ["key", "id", "source", "offset", "date", "n_characters"]
    one, other = (
        sorted(read_table(i / "documents").select(columns).to_pylist(), key=lambda r: r["id"])
        for i in (index, tmp_path / "at-once")
    )
    assert one == other


def test_an_id_names_one_document_of_all_crawls(index, tmp_path):
    held = {row["id"]: row for row in read_rows(index / "documents")}
    (keeper, *_) = sorted(id_ for id_, row in held.items() if row["delivered"])
    key = {row["key"]: row["text"] for row in read_rows(index / "texts")}
    story = make_texts(1, seed=5)[0]
    rows = [
        # another text under a known id, a known text under it, and the name that it would get
        {"id": keeper, "text": story},
        {"id": "again", "text": key[held[keeper]["key"]]},
        {"id": "story", "text": story},
        {"id": f"{keeper}-2", "text": " ".join(make_texts(3, seed=6))},
    ]
    crawl = write_crawl(tmp_path / "new.jsonl", rows)
    dedup("clean", crawl, "-o", tmp_path / "new", "--against", index, "--update")
    documents = {row["id"]: row for row in read_rows(tmp_path / "new" / "documents")}
    (renamed,) = documents.keys() - {"again", "story", f"{keeper}-2"}
    assert renamed.startswith(f"{keeper}-2-")
    assert documents["again"]["keeper"] == keeper
    assert documents["story"]["cluster"] == documents[renamed]["cluster"] != keeper
    ids = read_table(index / "documents").column("id").to_pylist()
    assert len(set(ids)) == len(ids) == 204
    dedup("clean", crawl, "-o", tmp_path / "third", "--against", index)
    assert ids_of(tmp_path / "third") == {f"{keeper}-3", "again-3", "story-3", f"{keeper}-2-3"}


def test_same_crawl_again_keeps_nothing(crawl, index, tmp_path):
    for round_ in ("one", "two"):
        dedup("clean", crawl[0], "-o", tmp_path / round_, "--against", index, "--update")
        assert {row["reason"] for row in read_rows(tmp_path / round_ / "documents")} == {
            "duplicate"
        }
    assert open_index(index).documents == 600
    assert open_index(index).texts == len(read_table(index / "texts"))
    numbers = read_table(index / "documents").column("document").to_pylist()
    assert len(set(numbers)) == 600


def test_index_is_the_same_whatever_workers_order_and_format(crawl, tmp_path):
    made = []
    for name, inputs, options in (
        ("one", crawl[:2], ("--workers", "1")),
        ("two", crawl[1::-1], ("--workers", "2", "--format", "jsonl")),
    ):
        dedup("clean", *inputs, "-o", tmp_path / name, *options)
        dedup("index", "build", tmp_path / name, "-o", tmp_path / f"{name}.index", *options[:2])
        made.append(index_bytes(tmp_path / f"{name}.index"))
    assert made[0] == made[1]


def test_new_crawl_gives_the_same_bytes_whatever_workers(crawl, first, tmp_path):
    results = []
    for workers in (1, 2):
        out = tmp_path / f"{workers}"
        words = ("--against", first / "crawl.index", "--workers", workers)
        dedup("clean", crawl[1], "-o", out, *words)
        results.append(table_bytes(out))
    assert results[0] == results[1]


def test_index_of_annotated_result_is_that_of_the_cleaned_one(crawl, first, tmp_path):
    dedup("clean", crawl[0], "-o", tmp_path / "annotated", "--annotate")
    dedup("index", "build", tmp_path / "annotated", "-o", tmp_path / "index")
    assert index_bytes(tmp_path / "index") == index_bytes(first / "crawl.index")


def test_other_settings_are_refused_by_name(crawl, first, tmp_path):
    index = first / "crawl.index"
    words = ("--against", index, "--threshold", "0.7")
    done = run_dedup("clean", crawl[1], "-o", tmp_path / "new", *words)
    assert done.returncode == 2
    assert done.stderr == (
        f"dedup: {index} was built with --threshold 0.8, and this run has 0.7; "
        "give the same, or build another index\n"
    )
    assert list(tmp_path.iterdir()) == []


def overwrite_page(index):
    part = index / "buckets" / "part-00000.parquet"
    held = bytearray(part.read_bytes())
    held[200:260] = bytes(60)
    part.write_bytes(held)


@pytest.mark.parametrize(
    ("damage", "said"),
    [(shutil.rmtree, "is no index of dedup"), (overwrite_page, "is damaged")],
    ids=["no index", "page"],
)
def test_broken_index_is_refused_in_a_sentence(crawl, index, tmp_path, damage, said):
    damage(index)
    done = run_dedup("clean", crawl[1], "-o", tmp_path / "new", "--against", index, "--update")
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr
    assert not (tmp_path / "new").exists()
    assert {path.name for path in tmp_path.iterdir()} <= {"crawl.index"}


def test_result_is_no_index_and_an_index_no_result(first, crawl, tmp_path):
    cleaned, index = first / "cleaned", first / "crawl.index"
    done = run_dedup("clean", crawl[1], "-o", tmp_path / "new", "--against", cleaned)
    assert done.returncode == 2
    assert "is no index of dedup" in done.stderr
    done = run_dedup("index", "build", index, "-o", tmp_path / "new")
    assert done.returncode == 2
    assert "is no result of dedup" in done.stderr
    for words in (("clean", crawl[1], "-o", index), ("index", "build", cleaned, "-o", cleaned)):
        done = run_dedup(*words, "--overwrite")
        assert done.returncode == 2
        assert "holds other files than" in done.stderr


def test_result_of_find_has_no_index(crawl, tmp_path):
    dedup("find", crawl[1], "-o", tmp_path / "found")
    done = run_dedup("index", "build", tmp_path / "found", "-o", tmp_path / "index")
    assert done.returncode == 2
    assert "an index takes one of dedup clean" in done.stderr


@pytest.mark.parametrize("damaged", ["documents", "blocks"])
def test_damaged_result_gives_no_index(first, tmp_path, damaged):
    shutil.copytree(first / "cleaned", tmp_path / "cleaned")
    (part,) = (tmp_path / "cleaned" / damaged).iterdir()
    part.write_bytes(part.read_bytes()[:-300])
    done = run_dedup("index", "build", tmp_path / "cleaned", "-o", tmp_path / "index")
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "its tables cannot be read" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["cleaned"]


def test_update_needs_an_index(crawl, tmp_path):
    done = run_dedup("clean", crawl[1], "-o", tmp_path / "new", "--update")
    assert (done.returncode, done.stderr) == (
        2,
        "dedup: --update has no effect without --against\n",
    )


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "killed"])
def test_interrupted_update_leaves_the_old_index(crawl, index, tmp_path, sent):
    before = index_bytes(index)
    run = start_dedup(
        *("clean", crawl[1], "-o", tmp_path / "new", "--against", index, "--update"),
        *("--workers", "1"),
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".crawl.index.partial/texts")):
        assert run.poll() is None, run.stderr.read().decode()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.killpg(run.pid, sent)
    _, stderr = run.communicate(timeout=60)
    assert run.returncode == (130 if sent == signal.SIGINT else -sent), stderr.decode()
    assert index_bytes(index) == before
    if sent == signal.SIGINT:
        assert {path.name for path in tmp_path.iterdir()} <= {"crawl.index", ".new.partial"}
    dedup("clean", crawl[1], "-o", tmp_path / "new", "--against", index, "--update")
    assert open_index(index).documents == 320
    assert sorted(path.name for path in tmp_path.iterdir()) == ["crawl.index", "new"]


def test_report_shows_clusters_whose_keeper_stands_in_the_index(crawl, first, tmp_path):
    dedup("clean", crawl[1], "-o", tmp_path / "new", "--against", first / "crawl.index")
    page = (tmp_path / "new" / "report.html").read_text()
    rows = read_rows(tmp_path / "new" / "clusters")
    (largest, *_) = sorted(
        clusters_of(tmp_path / "new").items(), key=lambda pair: (-len(pair[1]), pair[0])
    )
    keepers = [
        r["document"] for r in rows if r["cluster"] == largest[0] and r["keeper"] and r["indexed"]
    ]
    assert keepers
    assert all(keeper in page for keeper in keepers[:1])
