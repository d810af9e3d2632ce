"""From probabilities of blocks to a decision on the page: a body is a run, not scattered lines.

HTML says with its elements what belongs together, and the trees see it. Of plain text only
the order of lines is left, so here two things are said that hold for lines of text.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

APART = 5
UNSURE = 0.85
"""After the main run, a block with no other body block within APART blocks of it, and a
probability below UNSURE, is taken for a teaser. On WCXB's text, cross-validated, this costs
0.0007 of word F1; it is the price of pages whose related articles come as paragraphs."""

TEMPLATE_SHARE = 0.4
"""What stands on a larger share of the site's pages is never taken for a quotation."""

MAIN_RUN = 3
HEADLINE_WORDS = 30


def may_be_quoted(probability: Floats, shares: Floats, cut: Floats) -> Flags:
    """Tell which blocks `join_runs` may give back: where it asks what the page by itself says.

    Parameters
    ----------
    As those of `join_runs`.

    Returns
    -------
    bool[b]
    """
    unsure: Flags = (probability < cut) & (shares <= TEMPLATE_SHARE)
    return unsure


def join_runs(
    probability: Floats,
    alone: Floats,
    shares: Floats,
    pages: npt.NDArray[np.int64],
    cut: Floats,
) -> Floats:
    """Give a headline and a lead back to their article, however often they are quoted.

    A headline and the first lines of an article stand on other pages too, as its teaser. What
    the page by itself takes for body is body if it stands in a run with blocks that are, unless
    it stands on so many pages of the site that it must be template.

    Parameters
    ----------
    probability: float32[b] with what repetition tells; alone: float32[b] without it, of blocks that
        `may_be_quoted`.
    shares: float32[b] of the site's pages on which each block stands.
    pages: int64[p + 1] into the blocks. cut: float32[b], from which probability on a block is body.

    Returns
    -------
    float32[b]: `alone` for the blocks that are given back, else `probability`.
    """
    body = probability >= cut
    quoted = may_be_quoted(probability, shares, cut) & (alone >= cut)
    either = body | quoted
    begins = either.copy()
    begins[1:] &= ~either[:-1]
    first = pages[:-1][pages[:-1] < len(either)]
    begins[first] |= either[first]
    run = np.cumsum(begins) - 1
    has_body = np.bincount(run[either], body[either], minlength=max(1, int(begins.sum()))) > 0
    given_back = quoted.copy()
    given_back[quoted] = has_body[run[quoted]]
    joined: Floats = np.where(given_back, alone, probability).astype(np.float32)
    return joined


def page_cut(probability: Floats, words: Floats, threshold: float) -> float:
    """Tell from which probability on a block of this page is body.

    A page is judged by the F1 of its words. The set of blocks with the best expected F1 are
    those whose probability is at least half of that F1 (Lipton, Elkan, Narayanaswamy, Optimal
    Thresholding of Classifiers to Maximize F1 Measure, 2014). Where a page leaves much open, an
    unsure block is worth more than it costs, and less is asked of it.

    Parameters
    ----------
    probability, words: float32[b] of one page. threshold: share of the best F1 that is asked.

    Returns
    -------
    `threshold` times the best F1 that the probabilities promise.

    Examples
    --------
    >>> sure, open_ = np.array([1, 1, 0], np.float32), np.array([0.6, 0.4, 0.4], np.float32)
    >>> words = np.full(3, 10, np.float32)
    >>> page_cut(sure, words, 0.5), round(page_cut(open_, words, 0.5), 3)
    (0.5, 0.318)
    """
    order = np.argsort(-probability, kind="stable")
    size = words[order].astype(np.float64)
    hits = np.cumsum(size * probability[order])
    if not len(hits) or hits[-1] <= 0:
        return threshold
    best = float((2 * hits / (np.cumsum(size) + hits[-1])).max())
    return threshold * best


def decide_text(probability: Floats, words: Floats, body: Flags) -> Flags:
    """Decide which blocks of one plain text are its body.

    Those that are by their probability, but for unsure ones that stand alone after the main
    run. A text that begins with its body begins with its headline: the first block is body if
    the second one is.

    Parameters
    ----------
    probability, words: float32[b] for each block in order. body: bool[b], by probability.

    Examples
    --------
    >>> p = np.array([0.2, 0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.6, 0.1], np.float32)
    >>> decide_text(p, np.full(11, 9, np.float32), p >= 0.5).nonzero()[0].tolist()
    [0, 1, 2, 3]
    """
    body = body.copy()
    end = main_run_end(body)
    if end >= 0:
        before = np.concatenate([[0], np.cumsum(body)])
        at = np.arange(len(body))
        low, high = np.maximum(at - APART, 0), np.minimum(at + APART + 1, len(body))
        alone = (before[high] - before[low] == 1) & (at > end) & (probability < UNSURE)
        body = body & ~alone
    if len(body) > 1 and body[1] and 2 <= words[0] <= HEADLINE_WORDS:
        body[0] = True
    return body


def main_run_end(body: Flags) -> int:
    """Give the place of the last block of the longest run, -1 if none has MAIN_RUN blocks."""
    bounds = np.flatnonzero(np.diff(np.concatenate([[0], body.astype(np.int8), [0]])))
    begins, ends = bounds[::2], bounds[1::2]
    lengths = ends - begins
    if not len(lengths) or lengths.max() < MAIN_RUN:
        return -1
    return int(ends[lengths.argmax()]) - 1
