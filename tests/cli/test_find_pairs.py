"""`dedup find --pairs`: every verified pair, once, with its exact similarity."""

import json
from itertools import combinations

import pyarrow.parquet as pq
from cli_support import run_dedup

STORY = (
    "The ferry to Lindau was held up on Sunday evening when ice closed the small harbour. "
    "Forty passengers waited in the station until the harbour master broke a channel with "
    "his own boat, and reached the island shortly before midnight, cold but in good spirits. "
    "The mayor promised hot soup for everyone who had waited."
)
NEARLY = STORY.replace("hot soup", "warm soup")


def jaccard(one, other):
    def shingles(text):
        words = text.lower().replace(".", "").replace(",", "").split()
        return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}

    one, other = shingles(one), shingles(other)
    return len(one & other) / len(one | other)


def pairs_of(folder, rows, *options):
    source = folder / "texts.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run_dedup("find", source, "-o", folder / "out", "--pairs", *options)
    assert done.returncode == 0, done.stderr
    return pq.read_table(folder / "out" / "pairs").to_pylist()


def test_each_pair_of_documents_is_listed_once_with_its_exact_similarity(tmp_path):
    rows = [
        {"id": "c", "text": STORY},
        {"id": "a", "text": NEARLY},
        {"id": "b", "text": STORY.upper()},
        {"id": "d", "text": "Quite another text, about bread and how it is baked at home."},
    ]
    pairs = pairs_of(tmp_path, rows, "--unit", "document")
    similar = jaccard(STORY, NEARLY)
    assert [(p["a"], p["b"], p["similarity"]) for p in pairs] == [
        ("a", "b", similar),
        ("a", "c", similar),
        ("b", "c", 1.0),
    ]


def test_a_large_family_is_listed_in_full(tmp_path):
    rows = [{"id": f"{n:03d}", "text": STORY.replace("Forty", f"number{n}")} for n in range(150)]
    pairs = pairs_of(tmp_path, rows, "--unit", "document", "--threshold", "0.7")
    assert {(p["a"], p["b"]) for p in pairs} == set(combinations((row["id"] for row in rows), 2))
    assert len(pairs) == 150 * 149 // 2


def test_pairs_of_blocks_name_their_first_places(tmp_path):
    paragraph = STORY + " " + STORY.replace("Lindau", "Bregenz").replace("Sunday", "Monday")
    rows = [
        {"id": "long", "text": f"Menu\n{paragraph}\nImprint"},
        {"id": "short", "text": f"Home\n{STORY}"},
        {"id": "third", "text": f"{STORY}\nHome"},
    ]
    pairs = pairs_of(tmp_path, rows, "--unit", "block")
    assert [(p["kind"], p["a"], p["b"], p["containment"]) for p in pairs] == [
        ("block", "long#1", "short#1", 1.0)
    ]


def test_a_result_with_pairs_can_be_replaced(tmp_path):
    pairs_of(tmp_path, [{"text": STORY}])
    done = run_dedup("find", tmp_path / "texts.jsonl", "-o", tmp_path / "out", "--overwrite")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "out" / "pairs").exists()
