"""Training: from labelled pages to a model, and its score on pages that it has not seen.

Everything that a tree learns from is made without the page's own labels: the weights of
words come from pages of other domains, and so do the first pass's scores.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup import __version__
from dedup.classify.align import body_shares
from dedup.classify.characters import character_tables
from dedup.classify.ciphers import ciphered
from dedup.classify.classify import cuts, decide, scored
from dedup.classify.features import (
    HINT_SALT,
    N_WORDS,
    WORD_SALT,
    Blocks,
    features,
    read_blocks,
    repetition_columns,
    surroundings,
)
from dedup.classify.forest import flatten
from dedup.classify.labelled import CIPHERED, UNSCORED, Truth
from dedup.classify.lexicon import learn_lexicon
from dedup.classify.model import Judge, Lexicon, Model
from dedup.classify.model_file import card_features
from dedup.classify.repetition import simulate_repetition
from dedup.classify.scores import (
    Scores,
    calibration_error,
    card_scores,
    score_pages,
    summed,
)
from dedup.settings import ClassifySettings

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Longs = npt.NDArray[np.int64]

FOLDS = 2
"""Of the out-of-fold features and scores within a training set."""

MAX_WEIGHT = 40
"""Words of a block that count; each page weighs the same."""

ITERATIONS, RATE, LEAVES = 160, 0.1, 31

FIRST_ITERATIONS = 80
"""Of the first pass, from which the second one only takes what stands around a block."""

MAX_BLOCKS, MAX_CIPHERED = 120, 40
"""Blocks of a page that are learned from, drawn at random: long pages say the same often. And of
a copy in another script."""

BINS = 63
"""Values that trees tell apart of each feature."""


@dataclass(frozen=True)
class TrainingSet:
    """Labelled pages of one kind, read.

    shares: float32[b], how much of each block is body. page: int64[b]. domains: int64[p].
    kind: schema.HTML or schema.TEXT.
    """

    blocks: Blocks
    alone: Floats
    shares: Floats
    page: Longs
    domains: Longs
    truths: tuple[Truth, ...]
    texts: tuple[tuple[str, ...], ...]
    kind: str


def prepare(
    pages: pa.RecordBatch, truths: Sequence[Truth], *, seed: int, ciphers: bool = False
) -> TrainingSet:
    """Read labelled pages, align their blocks with their bodies, and give them siblings.

    With `ciphers`, each page also comes in another script (`ciphers.ciphered`).
    """
    texts = tuple(
        tuple(text[b["start"] : b["end"]].decode() for b in row["blocks"])
        for row in pages.select(["text", "blocks"]).to_pylist()
        for text in [row["text"].encode()]
    )
    shares = [block_shares(t, truth) for t, truth in zip(texts, truths, strict=True)]
    if ciphers:
        pages = pa.concat_batches([pages, ciphered(pages, seed=seed)])
        truths = [*truths, *(replace(truth, page_type=CIPHERED) for truth in truths)]
        texts, shares = texts * 2, shares * 2
    flat = np.concatenate(shares)
    offsets = np.concatenate([[0], np.cumsum([len(t) for t in texts])]).astype(np.int64)
    page = np.repeat(np.arange(len(texts)), np.diff(offsets))
    documents = pages.column("document")
    single = simulate_repetition(documents, offsets, flat, seed=seed, site_seen=1)
    blocks = read_blocks(pages, single, character_tables())
    several = simulate_repetition(documents, offsets, flat, seed=seed)
    _, domains = np.unique([truth.domain for truth in truths], return_inverse=True)
    return TrainingSet(
        replace(blocks, repetition=repetition_columns(page, several)),
        blocks.repetition,
        flat,
        page,
        domains,
        tuple(truths),
        texts,
        pages.column("kind")[0].as_py(),
    )


def block_shares(blocks: tuple[str, ...], truth: Truth) -> Floats:
    """Tell how much of each block is body (float32[b]): nothing where the label is empty."""
    shares = body_shares(list(blocks), truth.body)
    return np.zeros(len(blocks), np.float32) if shares is None else shares


def fit_judge(data: TrainingSet, used: Flags, *, seed: int) -> Judge:
    """Train both passes on the pages of `used` (bool[p]); without calibration."""
    rows = used[data.page] & drawn_blocks(data, seed)
    fold = folds(data.domains, FOLDS, seed)
    columns = out_of_fold_features(data, used, fold)
    weights = block_weights(data)
    target = data.shares >= 0.5
    first_scores = np.zeros(len(rows), np.float32)
    for k in range(FOLDS):
        learn, ask = (
            rows & (fold[data.page] != k),
            used[data.page] & (fold[data.page] == k),
        )
        tree = boosted(columns[:, learn], target[learn], weights[learn], FIRST_ITERATIONS)
        first_scores[ask] = tree.predict_proba(columns[:, ask].T)[:, 1]
    first = boosted(columns[:, rows], target[rows], weights[rows], FIRST_ITERATIONS)
    both = np.concatenate([columns, surroundings(data.blocks, first_scores)])[:, rows]
    second = boosted(both, target[rows], weights[rows], ITERATIONS)
    words, hints = lexicons(data, used[data.page])
    identity = np.linspace(0, 1, 2, dtype=np.float32)
    return Judge(words, hints, flatten(first), flatten(second), identity, identity)


def drawn_blocks(data: TrainingSet, seed: int) -> Flags:
    """Draw at most MAX_BLOCKS blocks of each page (bool[b])."""
    order = np.random.default_rng(seed).random(len(data.page))
    by_page = np.lexsort((order, data.page))
    rank = np.empty(len(order), np.int64)
    rank[by_page] = np.arange(len(order)) - data.blocks.pages[:-1][data.page[by_page]]
    is_copy = np.array([truth.page_type == CIPHERED for truth in data.truths])
    drawn: Flags = rank < np.where(is_copy, MAX_CIPHERED, MAX_BLOCKS)[data.page]
    return drawn


def out_of_fold_features(data: TrainingSet, used: Flags, fold: Longs) -> Floats:
    """Make features in which no block's words were weighed by its own domain's labels."""
    columns = None
    for k in range(FOLDS):
        words, hints = lexicons(data, (used & (fold != k))[data.page])
        made = features(data.blocks, words, hints)
        columns = made if columns is None else columns
        mine = fold[data.page] == k
        columns[:, mine] = made[:, mine]
    assert columns is not None
    return columns


def lexicons(data: TrainingSet, rows: Flags) -> tuple[Lexicon, Lexicon]:
    """Learn the weights of words, and of hints (own and above together)."""
    words = learn_lexicon(data.blocks.words, WORD_SALT, data.shares, data.page, rows)
    (own, own_ends), (above, above_ends) = data.blocks.own, data.blocks.above
    hints = (
        np.concatenate([own, above]),
        np.concatenate([own_ends, own_ends[-1] + above_ends[1:]]),
    )
    twice = np.concatenate([rows, rows])
    shares, page = np.tile(data.shares, 2), np.tile(data.page, 2)
    return words, learn_lexicon(hints, HINT_SALT, shares, page, twice)


def block_weights(data: TrainingSet) -> Floats:
    """Weigh blocks by their words, at most MAX_WEIGHT, and pages alike."""
    n_words = data.blocks.text[N_WORDS]
    words = np.minimum(n_words, MAX_WEIGHT)
    total = np.bincount(data.page, n_words, len(data.domains))
    weights: Floats = (1000 * words / np.maximum(total, 1)[data.page]).astype(np.float32)
    return weights


def boosted(columns: Floats, target: Flags, weights: Floats, iterations: int) -> Any:
    """Fit boosted trees to features (float32[f, n]).

    In one thread: sums depend on the number of threads, and a model must not.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - 1.6 s
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with scikit-learn

    model = HistGradientBoostingClassifier(
        max_iter=iterations,
        max_bins=BINS,
        learning_rate=RATE,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=40,
        l2_regularization=1.0,
        max_features=0.3,
        early_stopping=False,
        random_state=1,
    )
    with threadpool_limits(1, "openmp"):
        return model.fit(columns.T, target, sample_weight=weights)


def folds(domains: Longs, n: int, seed: int) -> Longs:
    """Deal domains out to folds, all pages of one to the same."""
    order = np.random.default_rng(seed).permutation(int(domains.max(initial=0)) + 1)
    dealt: Longs = (order % n)[domains]
    return dealt


def cross_validated(
    data: TrainingSet, *, n_folds: int, seed: int, report: Callable[[str], None]
) -> Floats:
    """Score each block by a judge that has seen no page of its domain.

    Pages stand alone here, as they do in the labelled set.

    Returns
    -------
    float32[b], not calibrated.
    """
    fold = folds(data.domains, n_folds, seed + 1)
    scores = np.zeros(len(data.page), np.float32)
    blocks = replace(data.blocks, repetition=data.alone)
    for k in range(n_folds):
        judge = fit_judge(data, fold != k, seed=seed)
        ask = fold[data.page] == k
        columns = features(blocks, judge.words, judge.hints)
        scores[ask] = scored(blocks, columns, judge)[ask]
        report(f"fold {k + 1} of {n_folds}")
    return scores


def train(
    sets: Mapping[str, TrainingSet],
    *,
    source: Mapping[str, str],
    n_folds: int,
    report: Callable[[str], None],
    date: str | None = None,
) -> Model:
    """Train a model, cross-validating it first for its card and its calibration.

    Parameters
    ----------
    sets: the same labelled pages as "html" and as "text".
    source: name and licence of the data, for the card; date: of the training, likewise.
    """
    from sklearn import __version__ as of_sklearn  # noqa: PLC0415 - 1.6 s

    fitted = {kind: fit_kind(data, n_folds=n_folds, report=report) for kind, data in sets.items()}
    card = {
        "data": dict(source),
        "pages": int(scored_pages(next(iter(sets.values())).truths).sum()),
        "cross-validated": {kind: told for kind, (_, told) in fitted.items()},
        "settings": {
            "folds": n_folds,
            "body threshold": ClassifySettings().body_threshold,
            "trees": ITERATIONS,
            "trees of the first pass": FIRST_ITERATIONS,
            "blocks of a page": MAX_BLOCKS,
            "blocks of a copy": MAX_CIPHERED,
        },
        "date": date,
        "versions": {"dedup": __version__, "scikit-learn": of_sklearn},
        "features": card_features(),
    }
    return Model(card, *character_tables(), fitted["html"][0], fitted["text"][0])


def fit_kind(
    data: TrainingSet, *, n_folds: int, report: Callable[[str], None]
) -> tuple[Judge, dict[str, float]]:
    """Train what judges one kind of page, and tell its cross-validated scores."""
    kind = data.kind
    report(f"{kind}: {len(data.domains):,} pages, copies in other scripts included")
    scores = cross_validated(data, n_folds=n_folds, seed=1, report=report)
    knots = calibrate(scores, data.shares)
    probability = cross_calibrated(data, scores, n_folds)
    told = card_scores(score_at(data, probability, ClassifySettings().body_threshold))
    report(f"{kind}: word F1 {told['F1']:.3f}, each domain judged by a model without it")
    judge = fit_judge(data, np.ones(len(data.domains), bool), seed=1)
    return replace(judge, scores=knots[0], probabilities=knots[1]), told


def cross_validate(
    data: TrainingSet,
    *,
    n_folds: int,
    thresholds: Sequence[float],
    report: Callable[[str], None],
) -> list[Scores]:
    """Score judges on pages of domains that they have not seen, at each body threshold."""
    scores = cross_validated(data, n_folds=n_folds, seed=1, report=report)
    probability = cross_calibrated(data, scores, n_folds)
    return [score_at(data, probability, threshold) for threshold in thresholds]


def cross_calibrated(data: TrainingSet, scores: Floats, n_folds: int) -> Floats:
    """Make probabilities of cross-validated scores; each fold is calibrated by the others.

    Returns
    -------
    float32[b]
    """
    fold = folds(data.domains, n_folds, 2)[data.page]
    probability = np.zeros(len(scores), np.float32)
    for k in range(n_folds):
        others = calibrate(scores[fold != k], data.shares[fold != k])
        probability[fold == k] = np.interp(scores[fold == k], *others)
    return probability


def score_at(data: TrainingSet, probability: Floats, threshold: float) -> Scores:
    """Score what is body at a threshold."""
    body = decide(data.blocks, probability, cuts(data.blocks, probability, threshold), data.kind)
    kept = [body[a:b] for a, b in pairwise(data.blocks.pages)]
    counts = scored_pages(data.truths)[data.page]
    error = calibration_error(
        probability[counts].astype(np.float64), data.shares[counts].astype(np.float64)
    )
    return summed(score_pages(data.texts, data.truths, kept), error)


def scored_pages(truths: Sequence[Truth]) -> Flags:
    """Tell which pages are labelled ones themselves (bool[p]), and not made of them."""
    return np.array([truth.page_type not in UNSCORED for truth in truths], bool)


def calibrate(scores: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """Fit a rising curve from scores to shares of body (isotonic regression).

    Returns
    -------
    scores, probabilities: float32[k], the knots.
    """
    from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415 - 1.6 s

    curve = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(scores, shares)
    knots = np.linspace(0, 1, 101)
    return knots.astype(np.float32), curve.predict(knots).astype(np.float32)
