"""How good a model is on labelled pages, as tables of scores."""

from itertools import pairwise

import numpy as np
import pyarrow as pa

from dedup.buffers import list_buffers
from dedup.classify.scores import (
    FORBIDDEN,
    REQUIRED,
    Score,
    Scores,
    calibration_error,
    score_pages,
    summed,
)
from dedup.classify.train import TrainingSet


def evaluate(labels: pa.RecordBatch, data: TrainingSet) -> Scores:
    """Score judgements of labelled pages.

    Parameters
    ----------
    labels: schema.LABELS of the pages of `data`, in their order.
    """
    bodies, offsets = list_buffers(labels.column("body"))
    flags = bodies.to_numpy(zero_copy_only=False)
    kept = [flags[a:b] for a, b in pairwise(offsets)]
    values, bounds = list_buffers(labels.column("probability"))
    probability = values.to_numpy(zero_copy_only=False)[bounds[0] : bounds[-1]]
    error = calibration_error(probability.astype(np.float64), data.shares.astype(np.float64))
    return summed(score_pages(data.texts, data.truths, kept), error)


def render_scores(scores: Scores) -> str:
    """Write scores as an aligned table.

    Examples
    --------
    >>> print(render_scores(Scores(Score(2, 0.9, 0.95, 0.86), {}, 0.5, None, 0.02, 3.14159)))
    pages             F1  precision  recall  pages
    all            0.900      0.950   0.860      2
    snippets that must be there: 0.500
    calibration error: 0.020
    CPU ms a page, to segment and to classify: 3.14
    """
    rows = [("all", scores.overall), *scores.by_type.items()]
    lines = [f"{'pages':<15}{'F1':>5}  {'precision':>9}  {'recall':>6}  {'pages':>5}"]
    lines += [_row(name, score) for name, score in rows]
    for what, share in (
        (REQUIRED, scores.required),
        (FORBIDDEN, scores.forbidden),
        ("calibration error", scores.calibration_error),
    ):
        if share is not None:
            lines.append(f"{what}: {share:.3f}")
    if scores.cpu_milliseconds is not None:
        lines.append(f"CPU ms a page, to segment and to classify: {scores.cpu_milliseconds:.2f}")
    return "\n".join(lines)


def _row(name: str, score: Score) -> str:
    return (
        f"{name:<15}{score.f1:>5.3f}  {score.precision:>9.3f}  {score.recall:>6.3f}"
        f"  {score.n_pages:>5}"
    )
