"""`dedup evaluate`: how much of labelled pages' bodies a model finds, and how much else."""

import click

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
    help="Probability from which a block is body.",
)
def evaluate(
    labelled: str,
    model: str | None,
    cross_validate: int | None,
    body_threshold: float,
    *,
    text: bool,
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
    """
    if model and cross_validate:
        raise click.UsageError("--cross-validate trains its own models; leave out --model")
    settings = ClassifySettings(model=model, body_threshold=body_threshold)
    from dedup import schema  # noqa: PLC0415 - keeps --help fast
    from dedup.classify import load_model  # noqa: PLC0415
    from dedup.classify.evaluate import render_scores  # noqa: PLC0415
    from dedup.classify.train import cross_validate as validate  # noqa: PLC0415
    from dedup.pipeline.labelled import score_model, training_set  # noqa: PLC0415

    kind = schema.TEXT if text else schema.HTML
    if cross_validate:
        data = training_set(labelled, kind)
        scores = validate(data, n_folds=cross_validate, report=lambda t: click.echo(t, err=True))
    else:
        judge = load_model(model)
        scores = score_model(labelled, kind, judge, settings)
        trained_on = judge.card["data"]["name"]
        click.echo(
            f"the model was trained on {trained_on}; scores on those pages themselves say little",
            err=True,
        )
    click.echo(render_scores(scores))
