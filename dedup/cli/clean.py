"""`dedup clean`: a crawl in, clean text and duplicate clusters out."""

from typing import Any

import click

from dedup.cli.options import (
    CLASSIFY,
    ENGINE,
    INPUTS,
    MATCH,
    OUTPUT,
    READ,
    RESOLVE,
    RUN,
    make_place,
    make_settings,
    refuse_local,
    with_options,
)
from dedup.cli.progress import watch


@click.command()
@with_options(INPUTS, OUTPUT, READ, MATCH, CLASSIFY, RESOLVE)
@click.option(
    "--annotate",
    is_flag=True,
    help="Remove nothing: give every whole text, with what would go and why.",
)
@click.option(
    "--reasons",
    is_flag=True,
    help="Say of each block in words why it got its label: column why of blocks/. "
    "A run takes up to a half longer.",
)
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
    """
    refuse_local(context)
    settings = make_settings(options)
    from dedup.pipeline.run import clean_to_folder  # noqa: PLC0415 - keeps --help fast
    from dedup.report.summary import summary  # noqa: PLC0415

    place = make_place(options)
    with watch(quiet=options["quiet"]) as observe:
        manifest = clean_to_folder(options["inputs"], place, settings, observe=observe)
    if not options["quiet"]:
        click.echo(summary(manifest, place.folder))
