"""Why a block got its label: where the credit goes, and how it is said."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier

from dedup import schema
from dedup.classify import classify, load_model
from dedup.classify.classify import told
from dedup.classify.contributions_kernels import forest_contributions
from dedup.classify.features import features, read_blocks
from dedup.classify.forest import flatten
from dedup.classify.forest_kernels import forest_scores, mask_nodes
from dedup.classify.reasons import (
    LONE,
    MOST,
    Verdicts,
    base_score,
    contributions,
    say_why,
)
from dedup.classify.topics import COLUMNS, PLACE_OF, TOPICS, Sight, topics_of
from dedup.match.repetition import alone
from dedup.read import from_content
from dedup.segment import segment
from dedup.settings import ClassifySettings, ReadSettings, SegmentSettings
from dedup.sketch import block_keys

N_FEATURES, N_GROUPS = 5, 3

STORY = [
    "The harbour of Lindau froze over last night, for the first time in more than forty years, "
    "and the ferries that cross the lake every morning stayed where they were.",
    "Fishermen walked out on the ice before sunrise to free their nets, and by noon half of the "
    "town had followed them with sledges, skates and thermos flasks full of hot tea.",
    "The harbour master expects the thaw to begin on Thursday, when the wind turns south.",
]
MENU = ["Home", "News", "Sports", "Weather", "Contact", "Imprint", "Log in"]


OF_MENUS = {
    "link density 1.0", "in <nav>", "in <footer>", "words like those of boilerplate",
    "class or id names like those of boilerplate", "one of 7 alike",
}  # fmt: skip
AROUND_MENUS = {"before the body", "after the body", "between blocks of boilerplate"}


def page():
    menu = "".join(f'<li><a href="/{i}">{name}</a></li>' for i, name in enumerate(MENU))
    story = "".join(f"<p>{line}</p>" for line in STORY)
    return (
        f"<html><body><nav class='menu'><ul>{menu}</ul></nav><article>{story}</article>"
        f"<footer class='site-footer'><ul>{menu}</ul></footer></body></html>"
    )


def judged(content, **settings):
    """Texts, labels and reasons of the blocks of one page that stands alone."""
    pages = segment(from_content(content, ReadSettings()), SegmentSettings())
    repetition = alone(pages.column("document"), block_keys(pages))
    settings = ClassifySettings(reasons=True, **settings)
    labels = classify(pages, repetition, model=load_model(None), settings=settings)
    text = pages.column("text")[0].as_py().encode()
    texts = [text[b["start"] : b["end"]].decode() for b in pages.column("blocks")[0].as_py()]
    body, why = (labels.column(name)[0].as_py() for name in ("body", "why"))
    return list(zip(texts, body, why, strict=True))


# --- the credit


def twin(rows, roots, nodes, groups, n_groups):
    """The slow twin: from each root down, one row after the other."""
    feature, threshold, left, value = (list(map(float, column)) for column in nodes)
    out = np.zeros((len(rows), n_groups))
    for row, credit in zip(rows, out, strict=True):
        for root in roots:
            node = int(root)
            while int(left[node]) != node:
                asked = int(feature[node])
                child = int(left[node]) + int(float(row[asked]) > threshold[node])
                credit[groups[asked]] += value[child] - value[node]
                node = child
    return out


@st.composite
def forests(draw):
    """Trees as the model file has them: children after their parent, side by side."""
    number = st.floats(-4, 4, width=32)
    roots, feature, threshold, left, value = [], [], [], [], []
    for _ in range(draw(st.integers(0, 3))):
        roots.append(len(left))
        leaves = [len(left)]
        n_splits = draw(st.integers(0, 5))
        for column in (feature, threshold, left, value):
            column.extend([0] * (2 * n_splits + 1))
        end = leaves[0] + 1
        for node in range(leaves[0], len(left)):
            feature[node], value[node] = draw(st.integers(0, N_FEATURES - 1)), draw(number)
            threshold[node], left[node] = np.inf, node
            if end < len(left):
                threshold[node], left[node], end = draw(number), end, end + 2
    return roots, (
        np.array(feature, np.int32),
        np.array(threshold, np.float32),
        np.array(left, np.int32),
        np.array(value, np.float32),
    )


@given(forests(), st.integers(0, 12), st.integers(0, 2**32 - 1))
def test_kernel_credits_the_steps_that_its_twin_credits(forest, n_rows, seed):
    roots, nodes = forest
    random = np.random.default_rng(seed)
    rows = random.normal(size=(n_rows, N_FEATURES)).astype(np.float32)
    groups = random.integers(0, N_GROUPS, N_FEATURES).astype(np.int32)
    roots = np.array(roots, np.int32)
    got = forest_contributions(rows, roots, nodes, groups, N_GROUPS)
    assert got == pytest.approx(twin(rows, roots, nodes, groups, N_GROUPS), abs=1e-12)
    scores = forest_scores(np.ascontiguousarray(rows.T), mask_nodes(roots, nodes))
    assert got.sum(1) + nodes[3][roots].sum(dtype=float) == pytest.approx(scores, abs=1e-5)


@pytest.fixture(scope="module")
def fitted():
    """A forest of all features, fitted to rows of which most tell nothing."""
    random = np.random.default_rng(3)
    rows = random.normal(size=(3000, len(COLUMNS))).astype(np.float32)
    links, words = rows[:, PLACE_OF["link share"]], rows[:, PLACE_OF["words"]]
    model = HistGradientBoostingClassifier(max_iter=20, max_leaf_nodes=8, random_state=1)
    target = words - 2 * links > 0.5
    return model.fit(rows, target), rows, target


def test_base_score_is_the_share_of_body_that_was_learned_from(fitted):
    model, _, target = fitted
    share = target.mean()
    assert base_score(flatten(model)) == pytest.approx(np.log(share / (1 - share)), abs=1e-4)


def test_credit_and_base_score_add_up_to_the_score_of_the_forest(fitted):
    model, rows, _ = fitted
    forest = flatten(model)
    total = contributions(rows[:200], forest).sum(1) + base_score(forest)
    assert total == pytest.approx(model.decision_function(rows[:200]), abs=1e-4)


def test_credit_goes_to_what_decides(fitted):
    model, rows, _ = fitted
    size = np.abs(contributions(rows[:500], flatten(model))).mean(0)
    assert [list(TOPICS)[place] for place in np.argsort(-size)[:2]] == ["links", "length"]


def test_shipped_model_knows_what_to_expect_within_its_trees():
    """Without it each step would be credited with more than it tells."""
    model = load_model(None)
    for forest in (model.html.first, model.html.second, model.text.first, model.text.second):
        inner = forest.left != np.arange(len(forest.left))
        inner[forest.roots] = False
        assert np.count_nonzero(forest.value[inner]) > 0.99 * np.count_nonzero(inner)


# --- topics


def test_each_feature_has_one_topic():
    assert set(topics_of(COLUMNS)) == set(range(len(TOPICS)))


@pytest.mark.parametrize("name", ["colour", "links of the page"])
def test_feature_without_a_topic_is_an_error(name):
    with pytest.raises(LookupError, match=name):
        topics_of([name])


def sight(*, body, pages=(1, 1, 0), **values):
    row = np.zeros(len(COLUMNS), np.float32)
    for name, value in values.items():
        row[PLACE_OF[name.replace("_", " ")]] = value
    return Sight(row, body, *pages)


@pytest.mark.parametrize(
    ("topic", "block", "phrase"),
    [
        ("links", sight(body=False, link_share=0.9), "link density 0.9"),
        ("links", sight(body=False), None),
        ("links", sight(body=True), "no links"),
        ("length", sight(body=False, words=1), "1 word"),
        ("length", sight(body=True, words=1200), "1,200 words"),
        ("length", sight(body=True, words=80, characters=84, kind_10=0.9), "84 characters"),
        ("elements", sight(body=False, in_nav=1, in_ul=1, in_li=2, tag=1), "in <nav>"),
        ("elements", sight(body=False, in_div=3, tag=-1), None),
        ("elements", sight(body=True, **{"in_json-ld": 1}), "from the page's metadata"),
        ("alike", sight(body=False, depth=4, group_0_blocks=14), "one of 14 alike"),
        ("alike", sight(body=False, group_0_blocks=14), None),
        ("heading", sight(body=True, after_title=1), "right after the title"),
        ("heading", sight(body=False, after_title=-999, from_h1=-3), "before the main heading"),
        ("heading", sight(body=True, after_title=-999, from_h1=-999), None),
        (
            "site", sight(body=False, site_pages=212, pages=(212, 220, 0)),
            "stands on 212 of 220 pages of this site",
        ),
        ("site", sight(body=True, site_pages=1, pages=(1, 40, 0)), "on no other page of this site"),
        ("site", sight(body=False, site_pages=1, pages=(2, 220, 0)), None),
        ("site", sight(body=True, site_pages=90, pages=(90, 100, 0)), None),
        ("site", sight(body=False, site_pages=-1, pages=(2, 2, 0)), None),
        (
            "crawl", sight(body=False, elsewhere=14, pages=(1, 9, 14)),
            "stands on 14 pages of other sites",
        ),
        ("crawl", sight(body=False, pages=(1, 9, 4)), None),
    ],
)  # fmt: skip
def test_phrase_tells_the_blocks_own_value_where_it_speaks_for_the_label(topic, block, phrase):
    assert TOPICS[topic][1](block) == phrase


# --- the reasons


def test_menu_and_article_are_told_by_what_they_are_and_then_by_what_stands_around():
    for text, body, why in judged(page()):
        assert body == (text in STORY)
        phrases = why.split("; ")
        assert 2 <= len(phrases) <= MOST
        if body:
            assert phrases[-1] in {"between blocks of body", "among blocks of body"}
            assert "boilerplate" not in why
        else:
            assert phrases[-1] in AROUND_MENUS
            assert OF_MENUS & set(phrases)


def test_reasons_are_said_only_if_they_are_wanted():
    pages = segment(from_content(page(), ReadSettings()), SegmentSettings())
    repetition = alone(pages.column("document"), block_keys(pages))
    labels = classify(pages, repetition, model=load_model(None), settings=ClassifySettings())
    assert set(labels.column("why")[0].as_py()) == {None}


def test_nothing_is_quoted_from_a_page():
    strange = page().replace("menu", "zzmenu").replace("Home", "zzhome <b>&amp;</b>")
    assert not any("zz" in why or "&" in why for _, _, why in judged(f"<title>zz</title>{strange}"))


def test_only_block_of_a_text_says_so():
    assert judged("Log in") == [("Log in", True, LONE)]


def test_threshold_is_named_where_it_decides():
    strict = {text: why for text, body, why in judged(page(), body_threshold=1.0) if not body}
    assert any(
        re.match(r"misses the 0\.9\d that is asked of body; ", why) for why in strict.values()
    )
    assert not any("asked" in why for _, _, why in judged(page()))


def verdicts_of(content, **changes):
    """Blocks and repetition of a page, and verdicts as the trees alone give them."""
    model = load_model(None)
    pages = segment(from_content(content, ReadSettings()), SegmentSettings())
    repetition = alone(pages.column("document"), block_keys(pages))
    blocks = read_blocks(pages, repetition, (model.kinds, model.lower))
    judge = model.html if pages.column("kind")[0].as_py() == schema.HTML else model.text
    n = len(blocks.sizes)
    parts = {
        "columns": told(blocks, features(blocks, judge.words, judge.hints), judge),
        "probability": np.full(n, 0.9, np.float32),
        "cut": np.full(n, 0.45, np.float32),
        "given_back": np.zeros(n, bool),
        "body": np.ones(n, bool),
        "comment": np.zeros(n, bool),
    }
    return blocks, repetition, Verdicts(**parts | changes), judge


@pytest.mark.parametrize(
    ("change", "place", "rule"),
    [
        ({"probability": [0.1, 0.9, 0.9]}, 0, "headline before the body"),
        ({"body": [True, True, False]}, 2, "unsure, and apart from the other body"),
        (
            {"given_back": [True, False, False]},
            0,
            "in a run of body, though it stands on 1 of 1 page",
        ),
        ({"probability": [0.9, 0.46, 0.9]}, 1, "reaches the 0.45 that is asked of body"),
    ],
)
def test_rule_that_decided_is_said_first_and_of_its_block_alone(change, place, rule):
    changes = {
        name: np.array(values, bool if isinstance(values[0], bool) else np.float32)
        for name, values in change.items()
    }
    said = say_why(*verdicts_of("\n".join(STORY), **changes))
    assert [why.startswith(rule) for why in said] == [i == place for i in range(3)]
