from collections import Counter
from dataclasses import replace

import pytest
from made_result import make_rows, write_result
from selectolax.lexbor import LexborHTMLParser

from dedup.report.collect import collect
from dedup.report.manifest import Removal, read_manifest, write_manifest
from dedup.report.page import render
from dedup.report.views import Limits


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
    assert giant.documents == sum(row["kind"] == "document" for row in rows.clusters)
    assert (giant.kind, giant.name) == ("document", "d-all")
    assert "Giant clusters" in shown(tmp_path)


def test_clusters_of_a_usual_size_are_no_giants(tmp_path):
    write_result(tmp_path, make_rows(), rejected=[])
    assert collect(tmp_path).alarms.giants == ()


def test_a_block_of_body_text_that_goes_from_very_many_documents_is_a_giant(tmp_path):
    rows = make_rows(pages=60)
    (keeper, *copies) = [row for row in rows.blocks if row["index"] == 0]
    for row in (keeper, *copies):
        row.update(label="body", cluster="b-all", keep=row is keeper)
        row["reason"] = None if row is keeper else "repeated in site"
        rows.clusters = [
            member
            for member in rows.clusters
            if (member["document"], member["block"]) != (row["document"], 0)
        ]
        rows.clusters.append(
            {
                "_table": "clusters",
                "cluster": "b-all",
                "kind": "block",
                "document": row["document"],
                "block": 0,
                "keeper": row is keeper,
                "similarity": 1.0,
                "containment": 1.0,
                "indexed": False,
            }
        )
    write_result(tmp_path, rows, rejected=[])
    giants = [giant for giant in collect(tmp_path).alarms.giants if giant.kind == "block"]
    assert [(giant.name, giant.documents) for giant in giants] == [("b-all", 1 + len(copies))]
    assert giants[0].label.startswith(keeper["text"][:100])


def rows_whose_repeated_blocks_go_as(reason):
    rows = make_rows(pages=60)
    for row in rows.blocks:
        if row["cluster"]:
            row.update(label="body", keep=False, reason=reason)
    return rows


def test_body_text_that_goes_with_its_document_makes_no_giant(tmp_path):
    rows = rows_whose_repeated_blocks_go_as("duplicate document")
    write_result(tmp_path, rows, rejected=[])
    assert not [giant for giant in collect(tmp_path).alarms.giants if giant.kind == "block"]


def test_all_giants_are_counted_though_some_are_shown(tmp_path):
    rows = rows_whose_repeated_blocks_go_as("repeated in site")
    write_result(tmp_path, rows, rejected=[])
    alarms = collect(tmp_path, replace(Limits(), alarms=2)).alarms
    assert len(alarms.giants) == 2
    assert int(alarms.checks[1].found) > 2


def test_members_of_an_index_are_not_counted(tmp_path):
    rows = make_rows(pages=60)
    for row in rows.clusters:
        if row["kind"] == "document":
            row.update(cluster="d-all", indexed=True)
    write_result(tmp_path, rows, rejected=[])
    assert collect(tmp_path).alarms.giants == ()


def test_boilerplate_on_every_page_is_no_giant(tmp_path):
    rows = make_rows(pages=60)
    for row in rows.blocks:
        if row["index"] == 0:
            row.update(label="boilerplate", cluster="b-all", keep=False, reason="boilerplate")
    sizes = Counter(row["cluster"] for row in rows.clusters if row["kind"] == "block")
    assert max(sizes.values()) >= 50
    write_result(tmp_path, rows, rejected=[])
    assert not [giant for giant in collect(tmp_path).alarms.giants if giant.kind == "block"]


@pytest.mark.parametrize(("rejected", "warned"), [(3, False), (30, True)])
def test_many_rejected_records_are_a_warning(rejected, warned, tmp_path):
    lost = [{"source": "a", "offset": n, "url": None, "reason": "torn"} for n in range(rejected)]
    write_result(tmp_path, make_rows(pages=60), rejected=lost)
    alarms = collect(tmp_path).alarms
    assert alarms.rejected is warned
    assert ("of the records could not be read" in shown(tmp_path)) is warned


def test_what_was_checked_is_told_where_nothing_was_found(tmp_path):
    write_result(tmp_path, make_rows(), rejected=[])
    assert [check.found for check in collect(tmp_path).alarms.checks] == ["none"] * 3
    assert "lose more than 90 % of them: none" in shown(tmp_path)


def test_rejected_records_are_counted_by_reason(tmp_path):
    rejected = [
        {"source": "a.jsonl", "offset": n, "url": None, "reason": "line is not JSON"}
        for n in range(60)
    ]
    write_result(tmp_path, make_rows(), rejected=rejected)
    (tally,) = collect(tmp_path).alarms.rejections
    assert (tally.name, tally.count) == ("line is not JSON", 60)
    assert "Shown: the first, 40 of 60" in shown(tmp_path)
