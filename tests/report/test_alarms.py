from dataclasses import replace

from made_result import make_rows, write_result
from selectolax.lexbor import LexborHTMLParser

from dedup.report.collect import collect
from dedup.report.manifest import Removal, read_manifest, write_manifest
from dedup.report.page import render


def shown(folder):
    return LexborHTMLParser(render(collect(folder))).css_first("#warnings").text()


def test_a_source_that_loses_nearly_all_is_named_with_what_it_lost(tmp_path):
    write_result(tmp_path, make_rows(), rejected=[])
    manifest = read_manifest(tmp_path)
    sources = (Removal("spam.jsonl", 1_000, 3, 9_000, 40), Removal("few.jsonl", 9, 0, 90, 0))
    write_manifest(tmp_path, replace(manifest, sources=sources, warnings=("much is gone",)))
    (loss,) = collect(tmp_path).alarms.losses
    assert (loss.by, loss.removal.name, loss.allowed) == ("source", "spam.jsonl", False)
    text = shown(tmp_path)
    assert "much is gone" in text
    assert "99.7 %" in text
    assert "few.jsonl" not in text


def test_a_source_that_may_lose_all_is_shown_as_allowed(tmp_path):
    write_result(tmp_path, make_rows(), rejected=[])
    manifest = read_manifest(tmp_path)
    resolve = replace(manifest.settings.resolve, allow_removal=("spam.jsonl",))
    settings = replace(manifest.settings, resolve=resolve)
    sources = (Removal("spam.jsonl", 1_000, 3, 9_000, 40),)
    write_manifest(tmp_path, replace(manifest, sources=sources, settings=settings))
    assert "source, allowed" in shown(tmp_path)


def test_a_cluster_of_a_large_share_of_all_documents_is_a_giant(tmp_path):
    rows = make_rows(pages=60)
    for row in rows.clusters:
        if row["kind"] == "document":
            row["cluster"] = "d-all"
    keeper = sorted(row["document"] for row in rows.clusters if row["kind"] == "document")[0]
    for row in rows.clusters:
        row["keeper"] = row["keeper"] if row["kind"] == "block" else row["document"] == keeper
    write_result(tmp_path, rows, rejected=[])
    (giant,) = collect(tmp_path).alarms.giants
    assert giant.size == sum(row["kind"] == "document" for row in rows.clusters)
    assert giant.keeper == keeper
    assert "Giant clusters" in shown(tmp_path)


def test_clusters_of_a_usual_size_are_no_giants(tmp_path):
    write_result(tmp_path, make_rows(), rejected=[])
    assert collect(tmp_path).alarms.giants == ()


def test_rejected_records_are_counted_by_reason(tmp_path):
    rejected = [
        {"source": "a.jsonl", "offset": n, "url": None, "reason": "line is not JSON"}
        for n in range(60)
    ]
    write_result(tmp_path, make_rows(), rejected=rejected)
    (tally,) = collect(tmp_path).alarms.rejections
    assert (tally.name, tally.count) == ("line is not JSON", 60)
    assert "Shown: the first, 40 of 60" in shown(tmp_path)
