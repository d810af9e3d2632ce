"""`dedup clean`: a crawl in, clean text and duplicate clusters out."""

from pathlib import Path
from typing import Any

import click

from dedup.cli.options import (
    CLASSIFY,
    ENGINE,
    GUARD,
    INPUTS,
    MATCH,
    OUTPUT,
    READ,
    RESOLVE,
    RUN,
    with_options,
)
from dedup.cli.progress import teller, watch
from dedup.cli.values import make_place, make_settings, refuse_local
from dedup.errors import BadSettings
from dedup.settings import Against


@click.command()
@with_options(INPUTS, OUTPUT, READ, MATCH, CLASSIFY, RESOLVE)
@click.option(
    "--annotate",
    is_flag=True,
    help="Remove nothing: give every whole text, with what would go and why.",
)
@with_options(GUARD)
@click.option(
    "--reasons",
    is_flag=True,
    help="Say of each block in words why it got its label: column why of blocks/. "
    "A run takes up to a half longer.",
)
@click.option(
    "--against",
    type=click.Path(),
    metavar="INDEX",
    help="An index of earlier crawls (`dedup index build`): what it holds is not kept again.",
)
@click.option("--update", is_flag=True, help="Take the documents of this run into INDEX.")
@with_options(ENGINE, RUN)
@click.pass_context
def clean(context: click.Context, /, **options: Any) -> None:
    """Clean a crawl: body text, each passage once, and why the rest went.

    INPUT is a file, a folder, a glob, an fsspec address (s3://bucket/crawl) or - for
    standard input: WARC, WET, HTML, plain text, JSONL or Parquet, compressed or not.

    OUT gets documents/, blocks/, clusters/, rejected.jsonl, manifest.json and
    report.html.

    \b
    Examples:
      dedup clean corpus/crawl -o cleaned
      dedup clean 's3://bucket/crawl/*.warc.gz' -o cleaned --format jsonl --workers 8
      dedup clean docs.jsonl --text-column body -o cleaned --keep newest
      dedup clean new.warc.gz -o cleaned-new --against crawl.index --update
    """
    if options["update"] and options["against"] is None:
        raise BadSettings("--update has no effect without --against")
    refuse_local(context)
    settings = make_settings(options)
    from dedup.buffers import leave_pandas_out  # noqa: PLC0415 - keeps --help fast
    from dedup.pipeline.run import clean_to_folder  # noqa: PLC0415
    from dedup.report.remote_output import shown_address  # noqa: PLC0415
    from dedup.report.summary import summary  # noqa: PLC0415

    leave_pandas_out()
    place = make_place(options)
    known = options["against"]
    against = None if known is None else Against(Path(known), options["update"])
    with watch(quiet=options["quiet"]) as observe:
        manifest = clean_to_folder(
            options["inputs"],
            place,
            settings,
            against=against,
            observe=observe,
            tell=teller(quiet=options["quiet"]),
        )
    if not options["quiet"]:
        click.echo(summary(manifest, shown_address(place.folder)))
