"""How good a model is on labelled pages, as tables of scores."""

from collections.abc import Sequence

from dedup.classify.scores import FORBIDDEN, REQUIRED, Score, Scores

DIAL = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Body thresholds that a table of all of them shows."""


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


def render_dial(thresholds: Sequence[float], scores: Sequence[Scores]) -> str:
    """Write the scores at each body threshold as an aligned table.

    Examples
    --------
    >>> print(render_dial([0.5], [Scores(Score(2, 0.9, 0.95, 0.86), {}, 0.5, None, 0.02)]))
    body threshold     F1  precision  recall  must be there  must not
               0.5  0.900      0.950   0.860          0.500         -
    """
    lines = ["body threshold     F1  precision  recall  must be there  must not"]
    for threshold, score in zip(thresholds, scores, strict=True):
        of = score.overall
        there, absent = (
            "-" if share is None else f"{share:.3f}" for share in (score.required, score.forbidden)
        )
        lines.append(
            f"{threshold:>14}  {of.f1:.3f}  {of.precision:>9.3f}  {of.recall:>6.3f}"
            f"  {there:>13}  {absent:>8}"
        )
    return "\n".join(lines)
