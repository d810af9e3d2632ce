"""The views' values, beside the rows from which they were made."""

from collections import Counter

import pyarrow as pa
import pytest
from made_result import REJECTED, make_rows, write_result

from dedup import schema
from dedup.explore import asked
from dedup.explore.blocks import find_blocks
from dedup.explore.clusters import MEMBERS, find_clusters, show_cluster
from dedup.explore.counted import NotCounted, start_counting
from dedup.explore.documents import NotFound, find_documents, show_document
from dedup.explore.passages import find_passages, show_passage
from dedup.explore.rejected import find_rejected
from dedup.explore.sites import find_sites, show_site
from dedup.explore.tables import open_tables
from dedup.report.tables import write_table


@pytest.fixture
def cursor(explorer):
    with explorer.result.connection.cursor() as made:
        yield made


def everything(find, request_):
    """Follow a list to its end."""
    rows, start = [], request_.start
    while start is not None:
        listing = find(type(request_)(**{**vars(request_), "start": start}))
        rows += listing.rows
        start = listing.following
    return rows


def plain(runs):
    return "".join(run.text for run in runs)


# ---- documents


def test_all_documents_are_listed_in_the_order_of_their_ids(made, explorer, cursor):
    rows, _ = made
    found = everything(
        lambda r: find_documents(cursor, explorer.result, r), asked.Documents(seconds=9)
    )
    assert [page.id for page in found] == sorted(row["id"] for row in rows.documents)


@pytest.mark.parametrize("outcome", ["kept", "duplicate", "no body"])
def test_documents_are_filtered_by_outcome_and_site(made, explorer, cursor, outcome):
    rows, _ = made
    request_ = asked.Documents(outcome=outcome, site="gartenblatt.example", seconds=9)
    found = everything(lambda r: find_documents(cursor, explorer.result, r), request_)
    assert sorted(page.id for page in found) == sorted(
        row["id"]
        for row in rows.documents
        if (row["reason"] or "kept") == outcome and row["site"] == "gartenblatt.example"
    )
    assert found


@pytest.mark.parametrize("q", ["TOMATEN im", "/003-", "harbour-gazette", "時計塔", "no such page"])
def test_documents_are_searched_by_address_and_title_in_any_case(made, explorer, cursor, q):
    rows, _ = made
    request_ = asked.Documents(q=q, seconds=9)
    found = everything(lambda r: find_documents(cursor, explorer.result, r), request_)
    names = [(row["id"], f"{row['id']} {row['url']} {row['title']}") for row in rows.documents]
    assert {page.id for page in found} == {id_ for id_, name in names if q.lower() in name.lower()}


def test_a_search_in_clean_text_shows_where_it_was_found(explorer, cursor):
    request_ = asked.Documents(q="DREDGE the western", where="text", seconds=9)
    listing = find_documents(cursor, explorer.result, request_)
    assert listing.rows
    for page in listing.rows:
        assert page.reason is None
        (hit,) = [run.text for run in page.text.runs if run.differs]
        assert hit == "dredge the western"


@pytest.mark.parametrize("q", ["%", "_", "%_%", ".*", "'", "\\", "a' OR 1=1 --", "[a-z]", "\x00"])
def test_signs_that_mean_something_elsewhere_mean_themselves(explorer, cursor, q):
    for where in asked.PLACES:
        request_ = asked.Documents(q=q, where=where, seconds=9)
        assert find_documents(cursor, explorer.result, request_).rows == ()
    assert find_blocks(cursor, explorer.result, asked.Blocks(q=q, seconds=9)).rows == () or q == "'"


def test_one_document_shows_its_blocks_with_verdicts_and_clusters(made, cursor):
    rows, _ = made
    row = next(r for r in rows.documents if r["reason"] == "duplicate")
    shown = show_document(cursor, asked.Document(row["id"]))
    blocks = [r for r in rows.blocks if r["document"] == row["id"]]
    assert [one.block.text.text for one in shown.blocks] == [r["text"] for r in blocks]
    assert [one.cluster for one in shown.blocks] == [r["cluster"] for r in blocks]
    assert [one.block.reason for one in shown.blocks] == [r["reason"] for r in blocks]
    assert [(one.block.start, one.block.end) for one in shown.blocks] == [
        (r["start"], r["end"]) for r in blocks
    ]
    assert (shown.n_blocks, shown.n_kept) == (len(blocks), sum(r["keep"] for r in blocks))
    assert (shown.keeper, shown.cluster) == (row["keeper"], row["cluster"])


def test_the_blocks_of_a_document_go_on_from_any_of_them(made, cursor):
    rows, _ = made
    id_ = rows.documents[0]["id"]
    shown = show_document(cursor, asked.Document(id_, start=3))
    assert shown.blocks[0].block.index == 3
    assert shown.following is None


@pytest.mark.parametrize("id_", ["", "x", "'", "\ud800".encode("utf-8", "replace").decode()])
def test_a_document_that_is_not_there_is_not_found(cursor, id_):
    with pytest.raises(NotFound):
        show_document(cursor, asked.Document(id_))


# ---- blocks


@pytest.mark.parametrize("outcome", ["kept", *schema.BLOCK_REASONS])
def test_blocks_are_filtered_by_what_became_of_them(made, explorer, cursor, outcome):
    rows, _ = made
    request_ = asked.Blocks(outcome=outcome, seconds=9)
    found = everything(lambda r: find_blocks(cursor, explorer.result, r), request_)
    assert [(block.document, block.index) for block in found] == sorted(
        (row["document"], row["index"])
        for row in rows.blocks
        if (row["reason"] or "kept") == outcome
    )


def test_a_block_that_is_found_names_its_page(made, explorer, cursor):
    rows, _ = made
    listing = find_blocks(cursor, explorer.result, asked.Blocks(q="cookies", seconds=9))
    pages = {row["id"]: row for row in rows.documents}
    assert listing.rows
    for block in listing.rows:
        assert (block.url, block.title) == tuple(pages[block.document][n] for n in ("url", "title"))
        assert any(run.differs and run.text == "cookies" for run in block.text.runs)


# ---- clusters


def sizes(rows, kind):
    return Counter(row["cluster"] for row in rows.clusters if row["kind"] == kind)


def test_clusters_come_by_size_and_all_of_them(made, explorer, cursor):
    rows, _ = made
    found = everything(
        lambda r: find_clusters(cursor, explorer.result, explorer.counting, r), asked.Clusters()
    )
    assert [cluster.size for cluster in found] == sorted(
        (cluster.size for cluster in found), reverse=True
    )
    assert {c.name: c.size for c in found} == sizes(rows, "document") | sizes(rows, "block")


def test_clusters_are_filtered_by_kind_size_and_lowest_similarity(made, explorer, cursor):
    rows, _ = made
    request_ = asked.Clusters(kind="document", size=3, similarity=0.85)
    found = everything(
        lambda r: find_clusters(cursor, explorer.result, explorer.counting, r), request_
    )
    lowest = {
        name: min(row["similarity"] for row in rows.clusters if row["cluster"] == name)
        for name, size in sizes(rows, "document").items()
        if size >= 3
    }
    assert {c.name for c in found} == {name for name, low in lowest.items() if low >= 0.85}
    assert found
    assert len(found) < len(lowest)


@pytest.mark.parametrize(("kind", "q"), [("document", "/01"), ("block", "COOKIES to remember")])
def test_clusters_are_searched_by_what_their_members_have(made, explorer, cursor, kind, q):
    rows, _ = made
    request_ = asked.Clusters(kind=kind, q=q, seconds=9)
    found = everything(
        lambda r: find_clusters(cursor, explorer.result, explorer.counting, r), request_
    )
    table = rows.documents if kind == "document" else rows.blocks
    texts = [
        (row["cluster"], " ".join(str(row.get(n)) for n in ("id", "url", "title", "text")))
        for row in table
    ]
    wanted = {name for name, text in texts if name and q.lower() in text.lower()}
    assert wanted
    assert {cluster.name for cluster in found} == wanted


@pytest.mark.parametrize("order", asked.MEMBER_ORDERS)
@pytest.mark.parametrize("kind", asked.KINDS)
def test_all_members_of_a_cluster_are_shown_once(made, explorer, cursor, kind, order, monkeypatch):
    rows, _ = made
    monkeypatch.setitem(MEMBERS, kind, 3)
    ((name, size),) = sizes(rows, kind).most_common(1)
    found, after = [], ""
    while after is not None:
        request_ = asked.Cluster(kind, name, order=order, after=after)
        shown = show_cluster(cursor, explorer.counting, request_)
        keeper, *others = shown.members or shown.places
        assert (keeper.copy if kind == "document" else keeper.place).keeper
        found += others
        after = shown.following
    assert shown.size == size
    members = [one.copy if kind == "document" else one.place for one in found]
    places = [(m.document, getattr(m, "index", None)) for m in members]
    wanted = [
        (row["document"], row["block"], row["similarity"])
        for row in rows.clusters
        if row["cluster"] == name and not row["keeper"]
    ]
    by = (
        (lambda w: (w[2], w[0], w[1] or 0))
        if order == "similarity"
        else (lambda w: (w[0], w[1] or 0))
    )
    assert places == [w[:2] for w in sorted(wanted, key=by)]


def test_a_copy_stands_beside_its_keeper_with_the_words_that_differ(made, explorer, cursor):
    rows, _ = made
    copied = next(r for r in rows.documents if r["reason"] == "duplicate" and not r["text"])
    shown = show_cluster(cursor, explorer.counting, asked.Cluster("document", copied["cluster"]))
    copies = [one.copy for one in shown.members[1:]]
    assert all(one.known for one in shown.members)
    assert any(run.differs for copy in copies if copy.compared for run in copy.compared.copy)


def test_a_member_that_only_an_index_has_is_shown_without_its_text(tmp_path):
    rows = make_rows(pages=4)
    name = rows.clusters[0]["cluster"]
    keeper = next(r for r in rows.clusters if r["cluster"] == name and r["keeper"])
    keeper |= {"document": "elsewhere", "indexed": True}
    write_result(tmp_path, rows, rejected=[])
    with open_tables(tmp_path) as result:
        counting = start_counting(result)
        counting.finish()
        shown = show_cluster(result.connection, counting, asked.Cluster("document", name))
        listing = find_clusters(
            result.connection, result, counting, asked.Clusters(kind="document")
        )
    assert (shown.members[0].id, shown.members[0].known) == ("elsewhere", False)
    assert shown.members[1].copy.compared is None
    assert "elsewhere" in {cluster.label.text for cluster in listing.rows}


# ---- sites


def test_sites_tell_pages_and_characters_as_the_manifest_does(explorer, cursor):
    listing = find_sites(cursor, explorer.counting, asked.Sites())
    told = {removal.name: removal for removal in explorer.result.manifest.sites}
    assert {site.removal.name: site.removal for site in listing.rows} == told


@pytest.mark.parametrize("order", asked.SITE_ORDERS)
def test_sites_are_sorted(explorer, cursor, order):
    rows = find_sites(cursor, explorer.counting, asked.Sites(order=order)).rows
    keys = {
        "pages": lambda r: (-r.documents, r.name),
        "kept": lambda r: (-r.documents_kept, r.name),
        "removed": lambda r: (-r.rate, -r.documents, r.name),
        "name": lambda r: r.name,
    }
    removals = [site.removal for site in rows]
    assert removals == sorted(removals, key=keys[order])


def test_a_site_tells_its_characters_by_reason_and_what_it_repeats(made, explorer, cursor):
    rows, _ = made
    shown = show_site(cursor, explorer.counting, asked.Site("harbour-gazette.example"))
    ids = {row["id"] for row in rows.documents if row["site"] == "harbour-gazette.example"}
    went = Counter()
    for row in rows.blocks:
        if row["document"] in ids:
            went[row["reason"] or "kept"] += row["end"] - row["start"]
    assert dict(shown.site.parts) == dict(went)
    texts = [template.block.text.text for template in shown.templates]
    assert any(text.startswith("We use cookies") for text in texts)
    for template in shown.templates:
        assert (template.document in ids, template.block.pages) == (True, 24)


def test_a_site_that_is_not_there_is_not_found(explorer, cursor):
    with pytest.raises(NotFound):
        show_site(cursor, explorer.counting, asked.Site("nowhere.example"))


# ---- rejected, passages, formats


def test_rejected_records_are_searched(explorer, cursor):
    assert len(find_rejected(cursor, explorer.result, asked.Rejected()).rows) == len(REJECTED)
    (record,) = find_rejected(cursor, explorer.result, asked.Rejected(q="NOT json")).rows
    assert record.source == "crawl/notes.jsonl"


@pytest.fixture(scope="module")
def with_passages(tmp_path_factory):
    """What `find --unit passage` writes: passages alone, 70 of them."""
    folder = tmp_path_factory.mktemp("passages")
    write_result(folder, type(make_rows(pages=1))(), rejected=[])
    rows = [
        {
            "passage": f"p{n:02d}@7-700",
            "kind": kind,
            "document": f"p{n:02d} {place:03d}",
            "start": 7,
            "end": 700,
            "n_words": 50 + n,
            "keep": place == 0,
            "similarity": 1.0,
            "excerpt": f"Passage {n} <b>" if place == 0 else None,
        }
        for kind in asked.PASSAGE_KINDS
        for n in range(35)
        for place in range(2 + 60 * (n == 3))
    ]
    table = pa.Table.from_pylist(rows, schema=schema.PASSAGES_OUT)
    write_table(table.to_batches(), table.schema, folder / "passages", "parquet")
    with open_tables(folder) as result:
        counting = start_counting(result)
        counting.finish()
        yield result.connection, counting


def test_passages_come_by_the_words_of_their_copies(with_passages):
    connection, counting = with_passages
    found = everything(lambda r: find_passages(connection, counting, r), asked.Passages())
    words = [(p.size - 1) * p.n_words for p in found]
    assert words == sorted(words, reverse=True)
    assert len(found) == 70
    (one,) = find_passages(
        connection, counting, asked.Passages(q="passage 34 <B>", kind="run")
    ).rows
    assert one.name == "p34@7-700"


def test_the_places_of_a_passage_go_on(with_passages):
    connection, _ = with_passages
    first = show_passage(connection, asked.Passage("run", "p03@7-700"))
    rest = show_passage(connection, asked.Passage("run", "p03@7-700", start=first.following))
    assert first.places[0].place.keep
    documents = [one.place.document for one in (*first.places, *rest.places)]
    assert documents == [f"p03 {place:03d}" for place in range(62)]
    with pytest.raises(NotFound):
        show_passage(connection, asked.Passage("run", "p99"))


def test_clusters_without_documents_are_searched_by_id(tmp_path):
    rows = make_rows(pages=6)
    write_result(tmp_path, rows, rejected=[])
    for name in ("documents", "blocks"):
        for part in (tmp_path / name).iterdir():
            part.unlink()
    member = next(row for row in rows.clusters if row["kind"] == "document")
    with open_tables(tmp_path) as result:
        counting = start_counting(result)
        counting.finish()
        request_ = asked.Clusters(q=member["document"].upper())
        (found,) = find_clusters(result.connection, result, counting, request_).rows
        shown = show_cluster(result.connection, counting, asked.Cluster("document", found.name))
    assert found.name == member["cluster"]
    assert not any(one.known for one in shown.members)


def test_the_format_of_the_tables_does_not_show(made, tmp_path):
    _, folder = made
    write_result(tmp_path, make_rows(), rejected=REJECTED, format_="jsonl")
    shown = []
    for place in (folder, tmp_path):
        with open_tables(place) as result:
            counting = start_counting(result)
            counting.finish()
            shown.append(
                (
                    find_documents(result.connection, result, asked.Documents(seconds=9)),
                    find_blocks(result.connection, result, asked.Blocks(q="tomaten", seconds=9)),
                    find_clusters(result.connection, result, counting, asked.Clusters()),
                    find_sites(result.connection, counting, asked.Sites()),
                )
            )
    assert shown[0] == shown[1]


def test_what_is_not_counted_yet_is_said_and_not_waited_for(made):
    _, folder = made
    with open_tables(folder) as result:
        counting = start_counting(result)
        counting.stop()
        if not counting.done["distributions"].is_set():
            with pytest.raises(NotCounted, match="ended"):
                counting.need("distributions")
