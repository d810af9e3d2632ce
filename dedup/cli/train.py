"""`dedup train`: a model from labelled pages."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from dedup.errors import OutputExists


@click.command()
@click.argument("labelled", type=click.Path(exists=True))
@click.option(
    "--output",
    "-o",
    required=True,
    metavar="MODEL",
    type=click.Path(),
    help="The model's file.",
)
@click.option(
    "--folds",
    default=3,
    show_default=True,
    type=click.IntRange(2, 20),
    help="Of cross-validation.",
)
@click.option("--name", default=None, help="Name of the data, for the model's card.")
@click.option("--licence", default="unknown", show_default=True, help="Licence of the data.")
@click.option(
    "--date",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Date on the card; same date, data and versions, same bytes.  [default: today]",
)
@click.option("--overwrite", is_flag=True, help="Replace MODEL if it exists.")
def train(labelled: str, output: str, folds: int, *, overwrite: bool, **about: Any) -> None:
    """Train a model on labelled pages, and score it on domains it has not seen.

    LABELLED is a folder with html/ID.html.gz and ground-truth/ID.json (as WCXB has it), or a
    .jsonl or .parquet file with columns html (or text) and body.

    \b
    Example:
      dedup train wcxb/dev -o wcxb.model --name WCXB --licence CC-BY-4.0
    """
    if Path(output).exists() and not overwrite:
        raise OutputExists(f"{output} exists; --overwrite replaces it")
    from dedup import schema  # noqa: PLC0415 - keeps --help fast
    from dedup.classify import write_model  # noqa: PLC0415
    from dedup.classify.train import train as train_model  # noqa: PLC0415
    from dedup.pipeline.labelled import training_set  # noqa: PLC0415

    sets = {kind: training_set(labelled, kind) for kind in (schema.HTML, schema.TEXT)}
    source = {"name": about["name"] or Path(labelled).name, "licence": about["licence"]}
    model = train_model(
        sets,
        source=source,
        n_folds=folds,
        report=lambda text: click.echo(text, err=True),
        date=f"{about['date'] or datetime.now(UTC):%Y-%m-%d}",
    )
    write_model(model, output)
    click.echo(f"written to {output}")
