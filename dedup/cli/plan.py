"""`dedup plan`: what a threshold leads to, before anything is read."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dedup.cli.options import MATCH_DOCUMENTS, NUM_PERM, with_options
from dedup.cli.values import make_settings
from dedup.errors import BadSettings, OutputExists

if TYPE_CHECKING:
    from dedup.match.plan import Plan
    from dedup.settings import MatchSettings

BAR = 40
"""Characters of the longest bar, in a terminal."""

STEPS = 200
"""Straight lines of which the picture's curve is made."""


@click.command()
@with_options(MATCH_DOCUMENTS, NUM_PERM)
@click.option(
    "--documents",
    type=click.IntRange(min=1),
    default=1_000_000,
    show_default=True,
    help="Distinct documents of the corpus.",
)
@click.option(
    "--plot",
    type=click.Path(dir_okay=False),
    metavar="FILE.svg",
    help="Draw the curve to this file.",
)
@click.option("--overwrite", is_flag=True, help="Replace FILE.svg if it exists.")
def plan(**options: Any) -> None:
    """Say which pairs a threshold will find, and at what cost.

    Texts that share a band of their signatures become candidate pairs, and only those are
    compared. Shows the chance of that by similarity, and what it costs for a corpus.

    \b
    Examples:
      dedup plan --threshold 0.7
      dedup plan --threshold 0.9 --documents 50000000 --plot curve.svg
    """
    picture = choose_picture(options["plot"], overwrite=options["overwrite"])
    settings = make_settings(options).documents
    from dedup.match.plan import make_plan  # noqa: PLC0415 - keeps --help fast

    n_documents = options["documents"]
    made = make_plan(settings, n_documents)
    if picture is not None:
        write_picture(picture, made, settings.threshold)
    bar = BAR if sys.stdout.isatty() else 0
    click.echo(describe_curve(made, settings, bar))
    click.echo()
    click.echo(describe_cost(made, n_documents))


def choose_picture(name: str | None, *, overwrite: bool) -> Path | None:
    """Check where the picture goes, if one is wanted.

    Raises
    ------
    BadSettings: options contradict each other, or the name is none of an SVG file.
    OutputExists: the file is there and may not be replaced.
    """
    if name is None:
        if overwrite:
            raise BadSettings("--overwrite has no effect without --plot")
        return None
    path = Path(name)
    if path.suffix.lower() != ".svg":
        raise BadSettings(f"{path}: the picture's name must end in .svg")
    if path.exists() and not overwrite:
        raise OutputExists(f"{path} exists; --overwrite replaces it")
    return path


def write_picture(path: Path, plan: "Plan", threshold: float) -> None:
    """Draw the plan's curve to a file."""
    from dedup.report.curve import draw_curve  # noqa: PLC0415
    from dedup.report.numbers import plural  # noqa: PLC0415
    from dedup.report.single_file import open_file  # noqa: PLC0415

    chances = [plan.cut.recall(step / STEPS) for step in range(STEPS + 1)]
    title = f"{plural(plan.cut.n_bands, 'band')} of {plural(plan.cut.rows, 'row')}"
    svg = draw_curve(chances, (threshold, plan.recall), title)
    with open_file(path) as file:
        file.write(svg.encode())


def describe_curve(plan: "Plan", settings: "MatchSettings", bar: int) -> str:
    """Make the table of the curve, each chance with a bar of up to `bar` characters."""
    from dedup.match.bands import RECALL  # noqa: PLC0415
    from dedup.match.plan import edited_words  # noqa: PLC0415
    from dedup.report.numbers import plural, share  # noqa: PLC0415

    threshold = settings.threshold
    cut = plan.cut
    used = f"{cut.n_bands * cut.rows} of the {settings.num_perm} values of a signature"
    lines = [
        f"bands   {cut.n_bands} of {plural(cut.rows, 'row')}: {used}",
        f"recall  {share(plan.recall, 1)} of the pairs whose similarity is {threshold:g}",
    ]
    if plan.recall < RECALL:
        lines.append(f"        {share(RECALL, 1)} is the aim; it takes a larger --num-perm")
    lines += ["", "similarity   words edited   candidate"]
    for similarity in sorted({0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, threshold}):
        chance = cut.recall(similarity)
        edited = share(edited_words(similarity, settings.ngram), 1)
        mark = "← threshold" if similarity == threshold else ""
        drawn = f"{'▇' * round(chance * bar)} {mark}".strip()
        row = f"{_short(similarity):>10}   {edited:>12}   {share(chance, 1):>9}   {drawn}"
        lines.append(row.rstrip())
    return "\n".join(lines)


def describe_cost(plan: "Plan", n_documents: int) -> str:
    """Say what is expected of a corpus, and on what assumption."""
    from dedup.match.bands import EDITED, UNRELATED  # noqa: PLC0415
    from dedup.match.plan import PAIR_BYTES  # noqa: PLC0415
    from dedup.report.numbers import byte_size, plural  # noqa: PLC0415

    documents = plural(n_documents, "distinct document")
    below = f"{_rounded(plan.false_candidates)} of them below the threshold"
    return "\n".join(
        [
            f"for {documents}, besides the texts and the program itself",
            f"candidates  {_rounded(plan.candidates)} pairs, {below}",
            f"memory      {byte_size(plan.memory_bytes)}, and {PAIR_BYTES} bytes a pair found",
            f"disk        {byte_size(plan.disk_bytes)} in the folder for intermediate files",
            f"Assumes that one pair in {1 / EDITED:,.0f} is related, in any degree alike, and that "
            f"the others have\na similarity of {1 / UNRELATED:.3f} on average, exponentially "
            "distributed.",
        ]
    )


def _short(similarity: float) -> str:
    """Write a similarity with two digits, or with as many as it was given.

    Examples
    --------
    >>> _short(0.8), _short(0.875)
    ('0.80', '0.875')
    """
    return max(f"{similarity:.2f}", f"{similarity:g}", key=len)


def _rounded(n: float) -> str:
    """Write an estimate with three digits that count.

    Examples
    --------
    >>> _rounded(12_345_678), _rounded(0.2)
    ('12,300,000', '0')
    """
    digits = max(0, len(str(round(n))) - 3)
    return f"{round(n, -digits):,.0f}"
