from dataclasses import replace

from dedup.report.manifest import Counts, Manifest
from dedup.report.summary import summary
from dedup.settings import Settings

CLEANED = Manifest(
    dedup="0.1.0",
    command="clean",
    format="parquet",
    started="2026-11-24T09:30:00+00:00",
    seconds=12.3,
    bytes_read=98_100_000,
    inputs=("crawl",),
    settings=Settings(),
    counts=Counts(
        read=2248,
        rejected=15,
        documents={"kept": 1310, "duplicate": 871, "no body": 52},
        blocks={"kept": 84_120, "boilerplate": 226_212},
        characters={"kept": 12_100_000, "boilerplate": 33_200_000},
        clusters={"document": 400, "block": 9000},
        members={"document": 1271, "block": 51_000},
    ),
    versions={},
)


def test_a_cleaned_crawl_is_summed_up_in_aligned_lines():
    assert summary(CLEANED, "OUT").splitlines() == [
        "read        2,248 documents, 98.1 MB in 12.3 s (8.0 MB/s)",
        "kept        1,310  58.3 %",
        "duplicate     871  38.7 %",
        "no body        52  2.3 %",
        "rejected       15  0.7 %, see rejected.jsonl",
        "text        26.7 % of 45,300,000 characters kept",
        "written to  OUT (open report.html there)",
    ]


def test_clusters_are_told_where_nothing_was_changed():
    counts = replace(CLEANED.counts, documents={}, blocks={}, characters={}, rejected=0)
    found = replace(CLEANED, command="find", counts=counts)
    assert summary(found, "OUT").splitlines()[1:3] == [
        "documents   400 clusters with 1,271 members",
        "blocks      9,000 clusters with 51,000 members",
    ]


def test_passages_are_told_by_kind():
    counts = Counts(
        read=9, rejected=0, passages={"run": 2, "substring": 1}, copies={"run": 5, "substring": 1}
    )
    found = replace(CLEANED, command="find", counts=counts)
    assert summary(found, "OUT").splitlines()[1:3] == [
        "runs        2 passages with 5 copies",
        "substrings  1 passage with 1 copy",
    ]


def test_an_empty_run_is_told_too():
    empty = replace(CLEANED, counts=Counts(read=0, rejected=0), bytes_read=0, seconds=0)
    assert summary(empty, "OUT").startswith("read        0 documents, 0 bytes in 0.00 s (–)")


def test_warnings_have_their_line():
    warned = replace(CLEANED, warnings=("crawl.warc.gz lost 99 % of its documents",))
    assert "warning     crawl.warc.gz lost 99 % of its documents" in summary(warned, "OUT")
