"""`dedup evaluate`: how much of labelled pages' bodies a model finds, and how much else."""

from functools import partial

import click

from dedup.cli.options import BODY_THRESHOLD
from dedup.settings import ClassifySettings


@click.command()
@click.argument("labelled", type=click.Path(exists=True))
@click.option("--text", is_flag=True, help="Judge the pages' text without its markup.")
@click.option(
    "--model",
    type=click.Path(exists=True, dir_okay=False),
    help="A model made by `dedup train`, instead of the one that is shipped.",
)
@click.option(
    "--cross-validate",
    type=click.IntRange(2, 20),
    metavar="FOLDS",
    help="Train anew for each fold of domains, and judge it by the others.",
)
@click.option(
    "--body-threshold",
    type=float,
    default=ClassifySettings().body_threshold,
    show_default=True,
    help=BODY_THRESHOLD,
)
@click.option("--dial", is_flag=True, help="Scores at body thresholds from 0.1 to 0.9 instead.")
def evaluate(
    labelled: str,
    model: str | None,
    cross_validate: int | None,
    body_threshold: float,
    *,
    text: bool,
    dial: bool,
) -> None:
    """Score a model on labelled pages: F1, precision and recall of words.

    The words of the blocks that are judged body are compared with those of the labelled
    body, as multisets; the scores are means over pages. A snippet is found where its words
    stand in a row. The CPU time is what it took to segment and to classify a page; with
    --cross-validate it is not told.

    \b
    Examples:
      dedup evaluate corpus/labelled
      dedup evaluate wcxb/dev --text --cross-validate 5
      dedup evaluate wcxb/dev --cross-validate 3 --dial
    """
    if model and cross_validate:
        raise click.UsageError("--cross-validate trains its own models; leave out --model")
    settings = ClassifySettings(model=model, body_threshold=body_threshold)
    from dedup import schema  # noqa: PLC0415 - keeps --help fast
    from dedup.classify import load_model  # noqa: PLC0415
    from dedup.classify.evaluate import DIAL, render_dial, render_scores  # noqa: PLC0415
    from dedup.classify.train import cross_validate as validate  # noqa: PLC0415
    from dedup.pipeline.labelled import score_model, training_set  # noqa: PLC0415

    kind = schema.TEXT if text else schema.HTML
    thresholds = DIAL if dial else (settings.body_threshold,)
    if cross_validate:
        data = training_set(labelled, kind)
        tell = partial(click.echo, err=True)
        scores = validate(data, n_folds=cross_validate, thresholds=thresholds, report=tell)
    else:
        judge = load_model(model)
        scores = score_model(labelled, kind, judge, thresholds)
        trained_on = judge.card["data"]["name"]
        click.echo(
            f"the model was trained on {trained_on}; scores on those pages themselves say little",
            err=True,
        )
    click.echo(render_dial(thresholds, scores) if dial else render_scores(scores[0]))
