"""Training and its parts, on small data."""

import gzip
import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from dedup.classify import train as training
from dedup.classify.align import body_shares
from dedup.classify.characters import character_tables
from dedup.classify.classify import grown
from dedup.classify.features import TAGS, hash_tag
from dedup.classify.features_kernels import N_CHARACTERS, N_WORDS, count_characters, lexicon_scores
from dedup.classify.forest import flatten
from dedup.classify.forest_kernels import forest_scores, mask_nodes
from dedup.classify.labelled import read_labelled, stripped
from dedup.classify.lexicon import learn_lexicon
from dedup.classify.model_file import model_bytes
from dedup.classify.repetition import simulate_repetition
from dedup.classify.structure_kernels import LEVELS, read_hints, read_paths
from dedup.errors import BadInput
from dedup.pipeline.labelled import score_model, training_set

TABLES = character_tables()


def buffers(texts):
    raw = [text.encode() for text in texts]
    ends = np.concatenate([[0], np.cumsum([len(r) for r in raw])]).astype(np.int64)
    return np.frombuffer(b"".join(raw), np.uint8), ends


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    """Twenty-four labelled pages of as many made-up sites."""
    folder = tmp_path_factory.mktemp("labelled")
    (folder / "html").mkdir()
    (folder / "ground-truth").mkdir()
    random = np.random.default_rng(1)
    words = [f"word{n}" for n in range(300)]
    for page in range(24):
        story = [
            " ".join(random.choice(words, 40)).capitalize() + f", said number {page}."
            for _ in range(5)
        ]
        menu = "".join(f"<li><a href='/{i}'>Item {i}</a></li>" for i in range(8))
        body = "".join(f"<p>{line}</p>" for line in story)
        html = (
            f"<html><head><title>Page {page}</title></head><body><ul class='nav'>{menu}</ul>"
            f"<div class='article'>{body}</div><div class='footer'><p>All rights reserved by "
            f"somebody {page}</p></div></body></html>"
        )
        (folder / "html" / f"{page:04}.html.gz").write_bytes(gzip.compress(html.encode()))
        truth = {
            "url": f"https://site{page}.example/a",
            "file_id": f"{page:04}",
            "_internal": {"page_type": {"primary": "article" if page % 2 else "service"}},
            "ground_truth": {
                "main_content": "\n".join(story),
                "with": [story[0][:40]],
                "without": ["All rights reserved"],
            },
        }
        (folder / "ground-truth" / f"{page:04}.json").write_text(json.dumps(truth))
    return folder


@pytest.mark.parametrize("kind", ["html", "text"])
def test_a_judge_learns_what_is_plain_to_see(labelled, kind, monkeypatch):
    monkeypatch.setattr(training, "ITERATIONS", 20)
    data = training_set(str(labelled), kind)
    (scores,) = training.cross_validate(data, n_folds=3, thresholds=[0.5], report=lambda _: None)
    assert scores.overall.n_pages == 24
    assert scores.overall.f1 > 0.95
    assert scores.required == 1.0
    assert scores.forbidden == 0.0
    assert set(scores.by_type) == {"article", "service"}


def test_a_trained_model_is_used_as_the_shipped_one_is(labelled, monkeypatch):
    monkeypatch.setattr(training, "ITERATIONS", 20)
    sets = {kind: training_set(str(labelled), kind) for kind in ("html", "text")}
    model = training.train(
        sets, source={"name": "made up", "licence": "CC0"}, n_folds=2, report=lambda _: None
    )
    assert model.card["data"]["name"] == "made up"
    assert model.card["pages"] == 24
    (scores,) = score_model(str(labelled), "html", model, [0.5])
    assert scores.overall.f1 > 0.95


def test_a_model_has_the_same_bytes_with_any_number_of_threads(labelled, monkeypatch):
    for rounds in ("ITERATIONS", "FIRST_ITERATIONS"):
        monkeypatch.setattr(training, rounds, 5)
    sets = {kind: training_set(str(labelled), kind) for kind in ("html", "text")}
    made = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads):
            model = training.train(sets, source={}, n_folds=2, report=lambda _: None)
        made.append(model_bytes(model))
    assert made[0] == made[1]


def test_copies_in_other_scripts_are_learned_from_and_not_scored(labelled):
    data = training_set(str(labelled), "html")
    kinds = [truth.page_type for truth in data.truths]
    assert kinds.count("ciphered") == len(kinds) / 2
    assert training.scored_pages(data.truths).sum() == 24
    copies = np.array([kind == "ciphered" for kind in kinds])[data.page]
    assert data.shares[copies].tolist() == data.shares[~copies].tolist()


def test_stripped_pages_have_the_same_words(labelled):
    (batch,) = read_labelled(str(labelled))
    plain = stripped(batch)
    assert plain.truths == batch.truths
    assert "All rights reserved" in plain.documents.column("content")[0].as_py()
    assert "<p>" not in plain.documents.column("content")[0].as_py()


def test_folder_of_another_layout_is_refused(tmp_path):
    with pytest.raises(BadInput, match="ground-truth"):
        list(read_labelled(str(tmp_path)))


def test_pages_of_one_domain_are_never_parted():
    domains = np.array([0, 1, 2, 0, 1, 2, 3, 3])
    fold = training.folds(domains, 3, 1)
    assert all(len(set(fold[domains == d])) == 1 for d in range(4))


# --- alignment


def test_blocks_are_labelled_by_the_words_that_the_body_has_in_order():
    blocks = ["Home News Sport", "Rain fell all day.", "Then it stopped.", "Rain fell …", "Contact"]
    shares = body_shares(blocks, "Rain fell all day.\nThen it stopped.")
    assert shares.tolist() == [0, 1, 1, 0, 0]


def test_a_teaser_of_the_body_is_no_body():
    body = "The harbour froze over last night and nobody could remember when it last did."
    shares = body_shares([body, "The harbour froze over last night and…"], body)
    assert shares.tolist() == [1, 0]


@given(st.lists(st.text("ab c", max_size=20), max_size=8))
@settings(max_examples=40)
def test_a_page_that_is_its_body_is_all_body(blocks):
    shares = body_shares(blocks, "\n".join(blocks))
    for block, share in zip(blocks, shares, strict=True):
        assert share == (1 if block.split() else 0)


# --- kernels


@given(st.lists(st.text("aB1 .-é語ไ\u0301\n🥶", max_size=40), max_size=6))
@settings(max_examples=60)
def test_characters_are_counted_by_kind(texts):
    data, ends = buffers(texts)
    counts, words, offsets = count_characters(data, ends[:-1], ends[1:], TABLES)
    for text, row in zip(texts, counts, strict=True):
        assert row[N_CHARACTERS] == len(text)
        for kind in range(16):
            known = [TABLES[0][ord(c)] for c in text if ord(c) < 0x10000]
            beyond = sum(ord(c) >= 0x10000 for c in text) if kind == 8 else 0
            assert row[kind] == known.count(kind) + beyond
    assert np.diff(offsets).tolist() == counts[:, N_WORDS].tolist()
    assert len(words) == offsets[-1]


def test_equal_words_have_equal_hashes_in_any_case():
    data, ends = buffers(["Hello World", "hello WORLD", "hello word"])
    _, words, _ = count_characters(data, ends[:-1], ends[1:], TABLES)
    assert words[:2].tolist() == words[2:4].tolist()
    assert words[5] != words[1]


@given(st.lists(st.lists(st.sampled_from(["div", "p", "li", "x-y"]), max_size=7), max_size=5))
@settings(max_examples=40)
def test_paths_are_counted_and_grouped(paths):
    texts = ["/".join(path) for path in paths]
    counts = np.zeros((len(paths), len(TAGS) + 1), np.int32)
    last, groups = np.zeros(len(paths), np.int32), np.zeros((len(paths), LEVELS), np.uint64)
    tags = np.array([hash_tag(name) for name in TAGS], np.uint32)
    read_paths(*buffers(texts), tags, counts, last, groups)
    for row, path in enumerate(paths):
        assert counts[row, -1] == len(path)
        for name in ("div", "p", "li"):
            assert counts[row, TAGS.index(name)] == path.count(name)
        known = path and path[-1] in TAGS
        assert last[row] == (TAGS.index(path[-1]) if known else -1)
        for other, twin in enumerate(paths):
            for level in range(LEVELS):
                same = path[: max(0, len(path) - level)] == twin[: max(0, len(twin) - level)]
                assert (groups[row, level] == groups[other, level]) == same


def test_own_hints_are_told_from_those_above():
    texts = ["page wrapper/nav menu/item", "nav/", "", "item"]
    groups = np.zeros((len(texts), LEVELS), np.uint64)
    own, own_ends, above, above_ends = read_hints(*buffers(texts), groups)
    assert np.diff(own_ends).tolist() == [1, 0, 0, 1]
    assert np.diff(above_ends).tolist() == [4, 1, 0, 0]
    assert own[0] == own[1]
    assert above[2] == above[4]


def test_flat_trees_give_scikit_learns_probabilities():
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415

    random = np.random.default_rng(3)
    rows = random.normal(size=(900, 7)).astype(np.float32)
    rows[:, 3] = np.round(rows[:, 3])
    target = rows[:, 0] * rows[:, 3] + rows[:, 1] > 0.2
    model = HistGradientBoostingClassifier(max_iter=30, max_leaf_nodes=12).fit(rows, target)
    asked = np.vstack([rows, random.normal(size=(501, 7)).astype(np.float32)])
    expected = model.predict_proba(asked)[:, 1]
    assert np.abs(grown(flatten(model), np.ascontiguousarray(asked.T)) - expected).max() < 1e-6


def grown_tree(random, n_leaves):
    """A tree of so many leaves, grown by splitting any of them, as the arrays of a model."""
    feature, threshold, left, value = [0], [np.inf], [0], [random.normal()]
    for _ in range(n_leaves - 1):
        leaf = random.choice(np.flatnonzero(np.array(left) == np.arange(len(left))))
        feature[leaf], threshold[leaf] = random.integers(5), random.normal()
        left[leaf] = len(left)
        for _ in range(2):
            left.append(len(left))
            feature.append(0)
            threshold.append(np.inf)
            value.append(random.normal())
    return feature, threshold, left, value


def as_nodes(trees):
    columns = [[], [], [], []]
    roots = []
    for tree in trees:
        roots.append(len(columns[0]))
        columns[0] += tree[0]
        columns[1] += tree[1]
        columns[2] += [roots[-1] + child for child in tree[2]]
        columns[3] += tree[3]
    types = (np.int32, np.float32, np.int32, np.float32)
    arrays = (np.array(c, t) for c, t in zip(columns, types, strict=True))
    return np.array(roots, np.int32), tuple(arrays)


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 32), max_size=4), st.integers(0, 40))
@settings(max_examples=60)
def test_masks_lead_to_the_leaves_that_paths_lead_to(seed, sizes, n_rows):
    random = np.random.default_rng(seed)
    roots, nodes = as_nodes([grown_tree(random, n) for n in sizes])
    # values that equal thresholds go left
    rows = random.choice(np.concatenate([nodes[1], [0, 1]]), (n_rows, 5)).astype(np.float32)
    scores = forest_scores(np.ascontiguousarray(rows.T), mask_nodes(roots, nodes))
    feature, threshold, left, value = nodes
    for row, score in zip(rows, scores, strict=True):
        expected = 0.0
        for node in roots:
            while left[node] != node:
                node = left[node] + (row[feature[node]] > threshold[node])  # noqa: PLW2901
            expected += float(value[node])
        assert score == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("n_leaves", [33, 400])
def test_trees_of_more_leaves_than_a_mask_has_bits_are_told(n_leaves):
    roots, nodes = as_nodes([grown_tree(np.random.default_rng(1), n_leaves)])
    assert mask_nodes(roots, nodes)[0][-1] == -1


def test_words_of_body_weigh_more_than_words_of_menus():
    texts = ["storm harbour", "login share"] * 8
    data, ends = buffers(texts)
    _, words, offsets = count_characters(data, ends[:-1], ends[1:], TABLES)
    shares = np.array([1, 0] * 8, np.float32)
    used = np.ones(16, bool)
    salt = np.uint32(7)
    lexicon = learn_lexicon((words, offsets), salt, shares, np.arange(16) // 2, used)
    scores = lexicon_scores(words, offsets, lexicon.keys, lexicon.weights, salt)
    assert scores[0, 0] > 0.5
    assert scores[1, 0] < -0.5
    assert scores[0, 4] > 0 > scores[1, 4]


@pytest.mark.parametrize("site_seen", [None, 1, 10])
def test_simulated_repetition_is_possible(site_seen):
    pages = np.array([0, 30, 30, 90])
    shares = (np.arange(90) % 3 == 0).astype(np.float32)
    made = simulate_repetition(pa.array([5, 6, 7]), pages, shares, seed=1, site_seen=site_seen)
    for row in made.to_pylist():
        assert all(1 <= n <= row["site_seen"] for n in row["site_pages"])
        assert all(n <= row["crawl_seen"] for n in row["crawl_pages"])
        assert all(c >= s for s, c in zip(row["site_pages"], row["crawl_pages"], strict=True))
        if site_seen:
            assert row["site_seen"] == site_seen
