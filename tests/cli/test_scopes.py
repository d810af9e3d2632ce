"""`dedup find --scope`: what is compared within a page, a site, a source or the whole crawl."""

import json

import pytest
from cli_support import PARAGRAPHS, read_rows, run_dedup, table_bytes

WHOLE = " ".join(PARAGRAPHS)
EXACT = [WHOLE, WHOLE.upper(), WHOLE, WHOLE.replace(",", ";"), WHOLE]
NEAR = [WHOLE, *(WHOLE.replace("hot tea", drink) for drink in ("gin", "cider", "mead", "ale"))]
CONTAINED = [
    WHOLE,
    " ".join(PARAGRAPHS[:2]),
    PARAGRAPHS[1],
    # twice on the other site: the whole once more, in other letters, and a part of it
    WHOLE.lower(),
    " ".join(PARAGRAPHS[1:]),
]
BREAD = "Bakers in the valley still prove their dough for two days in wooden troughs of lime."
WOOL = "Every spring the weavers of the island dye their wool with lichen from the north cliffs."
SALT = "Salt was once carried over this pass by mules, forty at a time, each with its own bell."

WITHIN = {
    "page": ["a#0 a#2", "c#0 c#2"],
    "site": ["a#0 a#2 b#0", "c#0 c#2"],
    "source": ["a#0 a#2 c#0 c#2"],
    "crawl": ["a#0 a#2 b#0 c#0 c#2"],
}
"""Places of equal, similar or contained blocks: a and b stand on one site, a and c in one file."""


def write(path, pages):
    rows = [
        {"id": name, "url": f"https://{site}/{name}", "text": "\n\n".join(blocks)}
        for name, site, blocks in pages
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def write_crawl(folder, blocks):
    """Write five blocks: two on one page, one on the site's other page, two on another site."""
    first, second, on_site, elsewhere, last = blocks
    pages = [
        ("a", "lake.example", [first, BREAD, second]),
        ("c", "news.example", [elsewhere, SALT, last]),
    ]
    return [
        write(folder / "one.jsonl", pages),
        write(folder / "two.jsonl", [("b", "lake.example", [on_site, WOOL])]),
    ]


def find(inputs, out, *options):
    done = run_dedup("find", *inputs, "-o", out, *options)
    assert done.returncode == 0, done.stderr
    return read_rows(out / "clusters")


def clusters_of(rows, kind):
    """Members of each cluster; its name is that of its only keeper."""
    clusters, keepers = {}, []
    for row in rows:
        if row["kind"] == kind:
            place = row["document"] if kind == "document" else f"{row['document']}#{row['block']}"
            clusters.setdefault(row["cluster"], []).append(place)
            keepers += [place] if row["keeper"] else []
    assert sorted(keepers) == sorted(clusters)
    return sorted(" ".join(sorted(members)) for members in clusters.values())


@pytest.mark.parametrize("scope", WITHIN)
@pytest.mark.parametrize("blocks", [EXACT, NEAR, CONTAINED], ids=["exact", "near", "contained"])
def test_scope_bounds_which_blocks_are_compared(tmp_path, blocks, scope):
    inputs = write_crawl(tmp_path, blocks)
    rows = find(inputs, tmp_path / "out", "--unit", "block", "--scope", scope)
    assert {row["kind"] for row in rows} == {"block"}
    assert clusters_of(rows, "block") == WITHIN[scope]


def test_similarity_is_that_to_the_keeper_in_the_scope(tmp_path):
    rows = find(
        write_crawl(tmp_path, CONTAINED), tmp_path / "out", "--unit", "block", "--scope", "site"
    )
    assert all(row["similarity"] == 1 for row in rows if row["keeper"])
    parts = [row for row in rows if not row["keeper"]]
    assert [(row["document"], row["block"]) for row in parts] == [("a", 2), ("b", 0), ("c", 2)]
    assert all(row["similarity"] < 0.75 and row["containment"] == 1 for row in parts)


def test_pairs_of_blocks_stay_within_the_scope(tmp_path):
    inputs = write_crawl(tmp_path, NEAR)
    pairs = {}
    for scope in ("site", "crawl"):
        find(inputs, tmp_path / scope, "--unit", "block", "--scope", scope, "--pairs")
        rows = read_rows(tmp_path / scope / "pairs")
        pairs[scope] = sorted(f"{row['a']} {row['b']}" for row in rows)
    assert pairs["site"] == ["a#0 a#2", "a#0 b#0", "a#2 b#0", "c#0 c#2"]
    assert len(pairs["crawl"]) == 10


def test_scope_bounds_blocks_and_documents_alike(tmp_path):
    pages = [
        ("a", "lake.example", [WHOLE, BREAD]),
        ("b", "lake.example", [NEAR[1], BREAD]),
        ("c", "news.example", [WHOLE, BREAD]),
    ]
    inputs = [write(tmp_path / "pages.jsonl", pages)]
    rows = find(inputs, tmp_path / "site", "--unit", "both", "--scope", "site")
    assert clusters_of(rows, "document") == ["a b"]
    assert clusters_of(rows, "block") == ["a#0 b#0", "a#1 b#1"]
    rows = find(inputs, tmp_path / "crawl", "--unit", "both")
    assert clusters_of(rows, "document") == ["a b c"]
    assert clusters_of(rows, "block") == ["a#0 b#0 c#0", "a#1 b#1 c#1"]
    rows = find(inputs, tmp_path / "page", "--scope", "page")
    assert rows == []


@pytest.mark.parametrize("scope", ["site", "crawl"])
def test_scope_bounds_the_blocks_of_bodies(tmp_path, scope):
    inputs = write_crawl(tmp_path, NEAR)
    rows = find(inputs, tmp_path / "out", "--unit", "block", "--on", "body", "--scope", scope)
    assert clusters_of(rows, "block") == WITHIN[scope]


def test_blocks_within_a_scope_do_not_depend_on_the_order_of_input(tmp_path):
    inputs = write_crawl(tmp_path, CONTAINED)
    results = []
    for name, given, workers in (("one", inputs, 1), ("two", inputs[::-1], 2)):
        find(given, tmp_path / name, "--scope", "site", "--workers", workers, "--pairs")
        results.append(table_bytes(tmp_path / name))
    assert results[0] == results[1]
