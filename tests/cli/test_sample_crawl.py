"""The sample crawl through the installed command, against its labels."""

import json
from collections import defaultdict

import pyarrow.parquet as pq
import pytest
import zstandard
from cli_support import CORPUS, read_lines, read_rows, run_dedup

from dedup import schema


@pytest.fixture(scope="module")
def documents(cleaned):
    return read_rows(cleaned / "documents")


@pytest.fixture(scope="module")
def labels():
    """Kinds of the blocks of each page: {url: {kind: [texts]}}."""
    pages = defaultdict(lambda: defaultdict(list))
    for row in read_lines(CORPUS / "labels" / "blocks.jsonl"):
        pages[row["page"]][row["kind"]].append(row["text"])
    return pages


def test_tables_have_their_columns_in_order(cleaned):
    for name, table in (
        ("documents", schema.DOCUMENTS_OUT),
        ("blocks", schema.BLOCKS_OUT),
        ("clusters", schema.CLUSTERS_OUT),
    ):
        (path,) = (cleaned / name).glob("*.parquet")
        assert pq.read_schema(path).names == table.names


def test_paragraphs_stay_and_menus_cookies_and_footers_go(documents, labels):
    checked = 0
    for row in documents:
        if not row["keep"] or row["url"] not in labels:
            continue
        known = labels[row["url"]]
        text = " ".join(row["text"].split())
        for paragraph in known["paragraph"]:
            assert paragraph in text, row["url"]
            checked += 1
        for kind in ("menu", "cookie", "footer", "newsletter", "advertisement"):
            assert not [t for t in known[kind] if len(t) > 30 and t in text], row["url"]
    assert checked > 50


def test_clusters_of_documents_are_those_of_the_labels(documents):
    by_url = defaultdict(set)
    for row in documents:
        if row["url"]:
            by_url[row["url"]].add(row["cluster"])
    groups = [
        row["members"]
        for row in read_lines(CORPUS / "labels" / "clusters.jsonl")
        if row["kind"] == "document"
    ]
    found = set()
    for members in groups:
        clusters = set().union(*(by_url[url] for url in members if url in by_url))
        # a page that is the only one of its group with an address has its twins as files
        if sum(url in by_url for url in members) > 1:
            assert len(clusters) == 1, members
            assert clusters != {None}, members
            found |= clusters
    grouped = {url for members in groups for url in members}
    for url, clusters in by_url.items():
        if url not in grouped:
            assert not clusters & found, url
    assert len(found) >= 6


def test_captures_of_one_page_as_warc_and_wet_are_one_cluster(documents):
    wet = [row for row in documents if row["source"].endswith(".wet.gz")]
    assert wet
    for row in wet:
        twins = [d for d in documents if d["url"] == row["url"] and d is not row]
        assert [twin["cluster"] for twin in twins] == [row["cluster"]]
        assert row["cluster"] is not None


def test_exactly_one_document_of_a_cluster_stays(documents, cleaned):
    clusters = defaultdict(list)
    for row in documents:
        if row["cluster"]:
            clusters[row["cluster"]].append(row)
    for name, rows in clusters.items():
        assert [row["id"] for row in rows if row["keep"]] == [name]
        assert {row["keeper"] for row in rows} == {name}
        assert all(row["similarity"] >= 0.8 for row in rows)
    members = [row for row in read_rows(cleaned / "clusters") if row["kind"] == "document"]
    assert len(members) == sum(map(len, clusters.values()))


def test_everything_left_out_has_its_reason(documents, cleaned):
    for row in documents:
        assert (row["reason"] is None) == row["keep"]
        assert row["reason"] in {None, *schema.DOCUMENT_REASONS}
    for row in read_rows(cleaned / "blocks"):
        assert (row["reason"] is None) == row["keep"]
        assert row["reason"] in {None, *schema.BLOCK_REASONS}


def test_manifest_and_report_count_the_same(cleaned, documents):
    manifest = json.loads((cleaned / "manifest.json").read_text())
    kept = sum(row["keep"] for row in documents)
    assert manifest["counts"]["documents"]["kept"] == kept
    assert manifest["counts"]["read"] == len(documents) + 1
    page = (cleaned / "report.html").read_text()
    assert f"{kept} of {len(documents) + 1} documents kept" in " ".join(page.split())


def test_rejected_record_is_named(cleaned):
    (row,) = read_lines(cleaned / "rejected.jsonl")
    assert row["reason"] == "HTTP status 404"
    assert row["source"].endswith("news.warc.gz")
    assert row["offset"] > 0


def test_settings_file_formats_and_overwrite(tmp_path):
    (tmp_path / "dedup.toml").write_text('threshold = 0.7\nformat = "jsonl"\nquiet = true\n')
    page = CORPUS / "crawl" / "html"
    arguments = ("clean", page, "-o", tmp_path / "out", "--config", tmp_path / "dedup.toml")
    done = run_dedup(*arguments)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    again = run_dedup(*arguments)
    assert again.returncode == 2
    assert "--overwrite" in again.stderr
    assert run_dedup(*arguments, "--overwrite").returncode == 0
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["settings"]["documents"]["threshold"] == 0.7
    (path,) = (tmp_path / "out" / "documents").glob("*.jsonl.zst")
    data = zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read()
    rows = [json.loads(line) for line in data.splitlines()]
    assert list(rows[0]) == schema.DOCUMENTS_OUT.names


def test_find_lists_clusters_and_changes_no_text(tmp_path):
    done = run_dedup("find", CORPUS / "crawl", "-o", tmp_path / "out", "--on", "body")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "out" / "documents").exists()
    rows = read_rows(tmp_path / "out" / "clusters")
    assert {row["kind"] for row in rows} == {"document", "block"}
    for unit in ("document", "block"):
        done = run_dedup("find", CORPUS / "crawl", "-o", tmp_path / unit, "--unit", unit)
        assert done.returncode == 0, done.stderr
        assert {row["kind"] for row in read_rows(tmp_path / unit / "clusters")} == {unit}


def test_find_lists_the_same_clusters_by_either_kind_of_sketch(tmp_path):
    made = []
    for kind in ("minhash", "fss"):
        done = run_dedup("find", CORPUS / "crawl", "-o", tmp_path / kind, "--sketch", kind, "-q")
        assert done.returncode == 0, done.stderr
        settings = json.loads((tmp_path / kind / "manifest.json").read_text())["settings"]
        assert {settings[part]["sketch"] for part in ("documents", "blocks")} == {kind}
        made.append(read_rows(tmp_path / kind / "clusters"))
    assert made[0] == made[1]
    assert len(made[0]) > 100


def test_extract_reads_standard_input_and_writes_lines_with_blocks():
    page = (CORPUS / "crawl" / "html" / "kettle-docs-cache.html").read_bytes()
    done = run_dedup("extract", "-", "--format", "jsonl", "--blocks", stdin=page)
    assert done.returncode == 0, done.stderr
    (row,) = map(json.loads, done.stdout.splitlines())
    assert list(row) == ["id", "source", "url", "title", "text", "blocks"]
    assert row["title"] == "How the cache works – Kettle"
    assert "Several projects may share one cache" in row["text"]
    assert list(row["blocks"][0]) == [
        "start",
        "end",
        "text",
        "label",
        "probability",
        "why",
        "reason",
    ]
    assert {"kettle cache size\nkettle cache prune --keep 2GB"} <= {
        b["text"] for b in row["blocks"]
    }


@pytest.mark.parametrize("ending", ["txt", "jsonl", "jsonl.gz", "jsonl.zst", "parquet"])
def test_extract_writes_the_format_that_the_name_says(tmp_path, ending):
    path = tmp_path / f"bodies.{ending}"
    done = run_dedup("extract", CORPUS / "crawl" / "forum.jsonl", "-o", path, "--quiet")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert path.stat().st_size > 100
    if ending == "parquet":
        assert pq.read_table(path).column_names == ["id", "source", "url", "title", "text"]


def test_extract_names_what_it_could_not_read():
    done = run_dedup("extract", CORPUS / "crawl" / "news.warc.gz", "--format", "jsonl")
    assert done.returncode == 0
    assert "HTTP status 404" in done.stderr
    assert len(done.stdout.splitlines()) == 27
