"""`dedup find` where one template fills every bucket: families in a crowd stay together."""

import json

import pytest
from cli_support import read_rows, run_dedup, table_bytes
from crowd_texts import make_crowd

FAMILIES, SIZE = 180, 10


def shingles(text, n):
    words = text.split()
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def jaccard(one, other):
    return len(one & other) / len(one | other)


@pytest.fixture(scope="module")
def crowd():
    return make_crowd(FAMILIES, SIZE)


def find(rows, folder, *options):
    """Find duplicates among rows; give the folder of the result."""
    source = folder / "crowd.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run_dedup("find", source, "-o", folder / "out", *options)
    assert done.returncode == 0, done.stderr
    return folder / "out"


def clusters_of(members):
    clusters = {}
    for row in members:
        clusters.setdefault(row["cluster"], set()).add(row["document"])
    return sorted(map(sorted, clusters.values()))


def families_of(rows):
    families = {}
    for row in rows:
        families.setdefault(row["id"].split(".")[0], set()).add(row["id"])
    return sorted(map(sorted, families.values()))


@pytest.fixture(scope="module")
def found(crowd, tmp_path_factory):
    options = ("--unit", "document", "--pairs", "--workers", "1")
    return find(crowd, tmp_path_factory.mktemp("crowd"), *options)


def test_texts_are_alike_within_a_family_and_less_so_between_families(crowd):
    for n in (3, 5):
        sets = {row["id"]: shingles(row["text"], n) for row in crowd}
        firsts = [sets[f"{family:03d}.0"] for family in range(FAMILIES)]
        for family in range(0, FAMILIES, 9):
            members = [sets[f"{family:03d}.{copy}"] for copy in range(SIZE)]
            assert min(jaccard(a, b) for a in members for b in members) >= 0.8
        others = [jaccard(one, other) for one in firsts[:5] for other in firsts if one != other]
        assert 0.6 < min(others) <= max(others) < 0.8


def test_no_document_of_a_family_is_lost_in_a_crowd(crowd, found):
    members = read_rows(found / "clusters")
    assert min(row["similarity"] for row in members) >= 0.8
    assert clusters_of(members) == families_of(crowd)


def test_no_block_of_a_family_is_lost_in_a_crowd(crowd, tmp_path):
    members = read_rows(find(crowd, tmp_path, "--unit", "block") / "clusters")
    assert min(row["similarity"] for row in members) >= 0.8
    assert clusters_of(members) == families_of(crowd)


def test_a_crowd_is_clustered_alike_in_any_order_with_any_workers(crowd, found, tmp_path):
    options = ("--unit", "document", "--pairs", "--workers", "2")
    assert table_bytes(find(crowd[::-1], tmp_path, *options)) == table_bytes(found)


def test_pairs_and_counts_of_a_crowd_hold_what_its_clusters_rest_on(found):
    pairs = {
        frozenset((row["a"], row["b"])): row["similarity"] for row in read_rows(found / "pairs")
    }
    for row in read_rows(found / "clusters"):
        if not row["keeper"]:
            assert pairs[frozenset((row["document"], row["cluster"]))] == row["similarity"]
    manifest = json.loads((found / "manifest.json").read_text())
    stages = [stage for stage in manifest["stages"] if stage["name"] == "verify bodies"]
    assert len(stages) > 1
    verified = sum(stage["rows_out"] for stage in stages)
    assert manifest["counts"]["pairs"]["verified bodies"] == verified
