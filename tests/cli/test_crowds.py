"""`dedup find` where one template fills every bucket: families in a crowd stay together."""

import json
import random

import pytest
from cli_support import read_rows, run_dedup, table_bytes

FAMILIES, SIZE, WORDS = 180, 10, 300


def shingles(text, n):
    words = text.split()
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def jaccard(one, other):
    return len(one & other) / len(one | other)


@pytest.fixture(scope="module")
def crowd():
    """Copies of one long template, each family with a passage of its own, each copy edited."""
    rng = random.Random(3)

    def word():
        return "".join(rng.choice("bdfgklmnprst") + rng.choice("aeiou") for _ in range(4))

    template = [word() for _ in range(WORDS)]
    rows = []
    for family in range(FAMILIES):
        original = template.copy()
        original[100:138] = [word() for _ in range(38)]
        for copy in range(SIZE):
            text = original.copy()
            for at in rng.sample(range(WORDS), 2):
                text[at] = word()
            del text[WORDS - rng.randrange(4) :]
            rows.append({"id": f"{family:03d}.{copy}", "text": " ".join(text)})
    rng.shuffle(rows)
    return rows


def write(rows, path):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def find(source, out, *options):
    done = run_dedup("find", source, "-o", out, *options)
    assert done.returncode == 0, done.stderr
    return read_rows(out / "clusters")


def test_texts_are_alike_within_a_family_and_less_so_between_families(crowd):
    for n in (3, 5):
        sets = {row["id"]: shingles(row["text"], n) for row in crowd}
        firsts = [sets[f"{family:03d}.0"] for family in range(FAMILIES)]
        for family in range(0, FAMILIES, 9):
            members = [sets[f"{family:03d}.{copy}"] for copy in range(SIZE)]
            assert min(jaccard(a, b) for a in members for b in members) >= 0.8
        others = [jaccard(one, other) for one in firsts[:5] for other in firsts if one != other]
        assert 0.6 < min(others) <= max(others) < 0.8


@pytest.mark.parametrize("unit", ["document", "block"])
def test_no_member_of_a_family_is_lost_in_a_crowd(crowd, tmp_path, unit):
    members = find(write(crowd, tmp_path / "crowd.jsonl"), tmp_path / "out", "--unit", unit)
    clusters = {}
    for row in members:
        assert row["similarity"] >= 0.8
        clusters.setdefault(row["cluster"], set()).add(row["document"])
    families = {}
    for row in crowd:
        families.setdefault(row["id"].split(".")[0], set()).add(row["id"])
    assert sorted(map(sorted, clusters.values())) == sorted(map(sorted, families.values()))


def test_clusters_in_a_crowd_depend_on_no_order_and_no_workers(crowd, tmp_path):
    made = []
    for name, rows, workers in (("one", crowd, "1"), ("two", crowd[::-1], "2")):
        folder = tmp_path / name
        folder.mkdir()
        find(
            write(rows, folder / "crowd.jsonl"),
            folder / "out",
            "--unit",
            "document",
            "--workers",
            workers,
        )
        made.append(table_bytes(folder / "out"))
    assert made[0] == made[1]


def test_pairs_and_counts_of_a_crowd_hold_what_its_clusters_rest_on(crowd, tmp_path):
    source = write(crowd, tmp_path / "crowd.jsonl")
    members = find(source, tmp_path / "out", "--unit", "document", "--pairs")
    pairs = {
        frozenset((row["a"], row["b"])): row["similarity"]
        for row in read_rows(tmp_path / "out" / "pairs")
    }
    for row in members:
        if not row["keeper"]:
            assert pairs[frozenset((row["document"], row["cluster"]))] == row["similarity"]
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    stages = [stage for stage in manifest["stages"] if stage["name"] == "verify bodies"]
    assert len(stages) > 1
    verified = sum(stage["rows_out"] for stage in stages)
    assert manifest["counts"]["pairs"]["verified bodies"] == verified
