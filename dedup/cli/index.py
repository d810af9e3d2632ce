"""`dedup index`: what a run found, kept for the next one."""

from pathlib import Path
from typing import Any

import click

from dedup.cli.options import RUN, with_options
from dedup.cli.progress import watch
from dedup.cli.values import make_run_settings


@click.group()
def index() -> None:
    """Keep what a run found, so that the next crawl is matched with it.

    \b
    Example:
      dedup index build cleaned -o crawl.index
    """


@index.command()
@click.argument("cleaned", type=click.Path(exists=True, file_okay=False))
@click.option(
    "--output",
    "-o",
    required=True,
    type=click.Path(),
    metavar="INDEX",
    help="Folder for the index; new or empty.",
)
@click.option(
    "--overwrite",
    is_flag=True,
    help="Replace an earlier index, once the new one is complete.",
)
@with_options(RUN)
def build(cleaned: str, output: str, **options: Any) -> None:
    """Build the index of CLEANED, a result of `dedup clean`.

    It holds all documents that have a body, those too that went as duplicates, and the
    settings of their run.

    \b
    Examples:
      dedup index build cleaned -o crawl.index
      dedup clean new.warc.gz -o cleaned-new --against crawl.index --update
    """
    settings = make_run_settings(options)
    from dedup.buffers import leave_pandas_out  # noqa: PLC0415 - keeps --help fast
    from dedup.pipeline.result_index import index_result  # noqa: PLC0415

    leave_pandas_out()
    with watch(quiet=options["quiet"]) as observe:
        made = index_result(
            Path(cleaned), Path(output), settings, overwrite=options["overwrite"], observe=observe
        )
    if not options["quiet"]:
        click.echo(f"{made.documents:,} documents, {made.texts:,} distinct bodies")
        click.echo(f"written to {output}")
