"""How good an extraction is: word-level F1 as WCXB counts it, snippets, calibration."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.classify.align import WORD, words
from dedup.classify.labelled import UNSCORED, Truth

Floats = npt.NDArray[np.float64]

REQUIRED, FORBIDDEN = "snippets that must be there", "snippets that must not"
"""Names of the shares of snippets found, in tables and on cards."""


@dataclass(frozen=True)
class PageScore:
    """The scores of one page; `required` and `forbidden` are (found, all) snippets."""

    page_type: str
    f1: float
    precision: float
    recall: float
    required: tuple[int, int] = (0, 0)
    forbidden: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Score:
    """Means over pages."""

    n_pages: int
    f1: float
    precision: float
    recall: float


@dataclass(frozen=True)
class Scores:
    """What `dedup evaluate` shows.

    `required` and `forbidden`: the share of snippets found that must be there, and must not
    (None: none given). `calibration_error`: of the blocks' probabilities. `cpu_milliseconds`:
    what it took to segment and to classify a page, mean (None: not measured).
    """

    overall: Score
    by_type: dict[str, Score]
    required: float | None
    forbidden: float | None
    calibration_error: float
    cpu_milliseconds: float | None = None


def word_scores(text: str, body: str) -> tuple[float, float, float]:
    """Give F1, precision and recall of the multisets of words.

    Examples
    --------
    >>> word_scores("rain fell all day", "Rain fell.")
    (0.6666666666666666, 0.5, 1.0)
    >>> word_scores("", ""), word_scores("menu", "")
    ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    """
    return _overlap(Counter(words(text)), Counter(words(body)))


def _overlap(got: Counter[str], wanted: Counter[str]) -> tuple[float, float, float]:
    if not wanted:
        return (0.0,) * 3 if got else (1.0,) * 3
    if not got:
        return (0.0, 0.0, 0.0)
    common = (got & wanted).total()
    precision, recall = common / got.total(), common / wanted.total()
    f1 = 2 * precision * recall / (precision + recall) if common else 0.0
    return f1, precision, recall


def found(snippets: Sequence[str], text: Sequence[str]) -> tuple[int, int]:
    """Count the snippets whose words stand in the text, one after the other.

    Words are compared, not characters: WCXB writes its snippets with straight quotes, plain
    dashes and list marks of its own where the pages have others, and an eighth of them would
    be missed in texts that have every word. The first word must be a whole one; so must the
    last, unless the snippet ends with it: 1 in 20 of WCXB's was cut off there within a word.
    A snippet without a word says nothing and does not count.

    Parameters
    ----------
    text: its words (`align.words`).

    Returns
    -------
    How many were found, and of how many.

    Examples
    --------
    >>> found(["Ice - 30 cm", "no pan", "pan.", "anic"], words("ice: 30 cm; no panic"))
    (2, 4)
    """
    # no word has a blank in it: each stands between two
    line = f" {' '.join(text)} "
    n_found = n_all = 0
    for snippet in snippets:
        if run := " ".join(words(snippet)):
            end = "" if WORD.match(snippet[-1]) else " "
            n_found += f" {run}{end}" in line
            n_all += 1
    return n_found, n_all


def calibration_error(probability: Floats, share: Floats, n_bins: int = 15) -> float:
    """Give the expected calibration error over equal bins of probability.

    Guo et al., On Calibration of Modern Neural Networks (2017), section 2, with the share
    of a block's words that is body in the place of a 0/1 label.

    Examples
    --------
    >>> calibration_error(np.array([0.1, 0.1, 0.9, 0.9]), np.array([0.0, 0.2, 1.0, 1.0]))
    0.05
    """
    if not len(probability):
        return 0.0
    bins = np.minimum((probability * n_bins).astype(int), n_bins - 1)
    counts = np.bincount(bins, minlength=n_bins)
    gaps = np.bincount(bins, probability - share, n_bins)
    return round(float(np.abs(gaps).sum() / counts.sum()), 12)


def mean_score(pages: Sequence[PageScore]) -> Score:
    """Average over pages."""
    n = len(pages)
    sums = [sum(getattr(page, name) for page in pages) for name in ("f1", "precision", "recall")]
    return Score(n, *(round(total / max(1, n), 6) for total in sums))


def summed(pages: Sequence[PageScore], error: float) -> Scores:
    """Put the scores of pages together, overall and by page type."""
    kinds = sorted({page.page_type for page in pages})
    by_type = {kind: mean_score([p for p in pages if p.page_type == kind]) for kind in kinds}
    shares: list[float | None] = []
    for name in ("required", "forbidden"):
        hits = sum(getattr(page, name)[0] for page in pages)
        total = sum(getattr(page, name)[1] for page in pages)
        shares.append(round(hits / total, 6) if total else None)
    return Scores(mean_score(pages), by_type, shares[0], shares[1], round(error, 6))


def page_score(text: str, truth: Truth) -> PageScore:
    """Score what was taken from one page."""
    got = words(text)
    return PageScore(
        truth.page_type,
        *_overlap(Counter(got), Counter(words(truth.body))),
        found(truth.required, got),
        found(truth.forbidden, got),
    )


def score_pages(
    texts: Sequence[Sequence[str]],
    truths: Sequence[Truth],
    body: Sequence[npt.NDArray[np.bool_]],
) -> list[PageScore]:
    """Score each page: its body blocks' words against those of its labelled body.

    Parameters
    ----------
    texts: the blocks' texts of each page; body: which of them were judged body.
    """
    pages = []
    for blocks, truth, kept in zip(texts, truths, body, strict=True):
        if truth.page_type in UNSCORED:
            continue
        text = "\n".join(block for block, keep in zip(blocks, kept, strict=True) if keep)
        pages.append(page_score(text, truth))
    return pages


def card_scores(scores: Scores) -> dict[str, float]:
    """Give the scores that a model's card tells."""
    told = {"F1": scores.overall.f1, "calibration error": scores.calibration_error}
    told |= {f"F1 {kind}": score.f1 for kind, score in scores.by_type.items()}
    snippets = {REQUIRED: scores.required, FORBIDDEN: scores.forbidden}
    told |= {name: share for name, share in snippets.items() if share is not None}
    return {name: round(value, 4) for name, value in told.items()}
