"""The main reasons for a block's label, in words.

The score of a forest is a sum over the steps to its leaves; each is credited to the feature
that was asked there (Saabas 2014; Palczewska, Palczewski, Marchese Robinson and Neagu,
Interpreting random forest models using a feature contribution method, 2013). Credit is
summed by topic, and the topics that speak most for the label are put into words. What the second
pass owes to the first one's score of the block is credited to what that score came from. Where a
rule decided, and not the trees, the rule comes first.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.buffers import list_parts
from dedup.classify.contributions_kernels import forest_contributions
from dedup.classify.features import Blocks
from dedup.classify.model import Forest, Judge
from dedup.classify.topics import AROUND, FIRST, TOPICS, Sight, column_topics, on_pages

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Longs = npt.NDArray[np.int64]

MOST = 3
"""Reasons that are said of a block."""

TINY = float(np.finfo(np.float64).tiny)

WEIGHTY = 0.02
"""A second or third reason adds at least so much of all that speaks for the label."""

PHRASES = tuple(phrase for _, phrase in TOPICS.values())
AROUND_PLACE = list(TOPICS).index(AROUND)

NOTHING = "little speaks for either label"
LONE = "the only block of its text"


@dataclass(frozen=True)
class Verdicts:
    """What was decided of a batch's blocks, and on what grounds.

    columns: float32[COLUMNS, b], what the forest saw of each; probability: float32[b].
    cut: float32[b], from which probability on a block of its page is body.
    given_back: bool[b], judged without its repetition, since it stands in a run of body.
    body: bool[b], the decision. comment: bool[b], body only because comments are to be kept.
    """

    columns: Floats
    probability: Floats
    cut: Floats
    given_back: Flags
    body: Flags
    comment: Flags


def say_why(
    blocks: Blocks, repetition: pa.RecordBatch, verdicts: Verdicts, judge: Judge
) -> list[str]:
    """Say of each block in a few words why it got its label.

    Parameters
    ----------
    repetition: schema.REPETITION in the order of the pages.
    judge: the one that gave the probabilities.

    Returns
    -------
    For each block at most MOST phrases, joined by "; ", the weightiest first, but what stands
    around the block last. Nothing is quoted from a page.
    """
    rows = np.ascontiguousarray(verdicts.columns.T)
    credit = credit_for(rows, verdicts.body, judge)
    order = np.argsort(-credit, axis=1, kind="stable")
    n_topics = (credit > 0).sum(1).tolist()
    n_weighty = ((credit > 0) & (credit >= WEIGHTY * credit.sum(1, keepdims=True))).sum(1).tolist()
    pages = _pages(blocks, repetition)
    on_site, seen, elsewhere = (column.tolist() for column in pages)
    said = []
    for b, rule in enumerate(_rules(verdicts, pages)):
        block = Sight(rows[b], bool(verdicts.body[b]), on_site[b], seen[b], elsewhere[b])
        topics = order[b, : n_topics[b]].tolist()
        said.append(_worded(block, rule, topics, n_weighty[b]))
    return said


def _worded(block: Sight, rule: str | None, topics: list[int], weighty: int) -> str:
    """Put the first topics that have something to say into words.

    Parameters
    ----------
    topics: places in TOPICS of those that speak for the label, the weightiest first.
    weighty: how many of them may be said beside another reason.
    """
    told: list[str] = [rule] if rule else []
    around: list[str] = []
    for i, topic in enumerate(topics):
        n = len(told) + len(around)
        if n == MOST or (n and i >= weighty):
            break
        if phrase := PHRASES[topic](block):
            (around if topic == AROUND_PLACE else told).append(phrase)
    return "; ".join([*told, *around]) or NOTHING


def credit_for(rows: Floats, body: Flags, judge: Judge) -> Doubles:
    """Tell how much each topic speaks for the label that a block got.

    Parameters
    ----------
    rows: float32[b, COLUMNS], C order. body: bool[b], the labels.

    Returns
    -------
    float64[b, len(TOPICS)], 0 where a topic speaks against it.
    """
    sign = np.where(body, 1, -1)[:, None]
    credit = np.maximum(sign * contributions(rows, judge.second), 0)
    first = np.maximum(sign * contributions(rows, judge.first), 0)
    first /= np.maximum(first.sum(1, keepdims=True), TINY)
    place = list(TOPICS).index(FIRST)
    passed_on = credit[:, place, None] * first
    credit[:, place] = 0
    spread: Doubles = credit + passed_on
    return spread


def contributions(rows: Floats, forest: Forest) -> Doubles:
    """Tell what each topic adds to the forest's score of each row.

    Parameters
    ----------
    rows: float32[n, COLUMNS]; the forest may ask for the first ones only.

    Returns
    -------
    float64[n, len(TOPICS)]; with `base_score` those of a row add up to its score.
    """
    nodes = (forest.feature, forest.threshold, forest.left, forest.value)
    return forest_contributions(rows, forest.roots, nodes, column_topics(), len(TOPICS))


def base_score(forest: Forest) -> float:
    """Give the score of a row of which nothing is known: of the share of body in training."""
    return float(forest.baseline[0]) + float(forest.value[forest.roots].sum(dtype=np.float64))


def _pages(blocks: Blocks, repetition: pa.RecordBatch) -> tuple[Longs, Longs, Longs]:
    """Count pages: of the site with each block, of the site, of other sites with the block."""
    page = np.repeat(np.arange(repetition.num_rows), np.diff(blocks.pages))
    seen = repetition.column("site_seen").to_numpy(zero_copy_only=False)[page]
    site, crawl = (_flat(repetition.column(name)) for name in ("site_pages", "crawl_pages"))
    return site, seen, np.maximum(crawl - site, 0)


def _flat(column: pa.ListArray) -> Longs:
    numbers: Longs = list_parts(column)[0].to_numpy(zero_copy_only=False)
    return numbers


def _rules(verdicts: Verdicts, pages: tuple[Longs, Longs, Longs]) -> list[str | None]:
    """Name the rule that decided each block against what the trees made of it, if one did."""
    rules: list[str | None] = [None] * len(verdicts.body)
    reached = verdicts.probability >= verdicts.cut
    likely = verdicts.probability >= 0.5
    for b in np.flatnonzero(verdicts.given_back):
        rules[b] = f"in a run of body, though it {on_pages(int(pages[0][b]), int(pages[1][b]))}"
    for b in np.flatnonzero(verdicts.body & ~reached):
        rules[b] = "headline before the body"
    for b in np.flatnonzero(~verdicts.body & reached):
        rules[b] = "unsure, and apart from the other body"
    for b in np.flatnonzero((verdicts.body == reached) & (reached != likely)):
        does = "reaches" if reached[b] else "misses"
        rules[b] = f"{does} the {verdicts.cut[b]:.2f} that is asked of body"
    for b in np.flatnonzero(verdicts.comment):
        rules[b] = "a comment, and these are kept"
    return rules
