"""`dedup find`: duplicate clusters only; changes no text."""

from typing import Any, get_args

import click

from dedup.cli.options import (
    CLASSIFY,
    ENGINE,
    INPUTS,
    MATCH,
    OUTPUT,
    PASSAGES,
    READ,
    RESOLVE,
    RUN,
    with_options,
)
from dedup.cli.progress import teller, watch
from dedup.cli.values import make_place, make_settings, refuse_local, refuse_useless
from dedup.settings import Comparison, FindSettings, Unit


@click.command()
@with_options(INPUTS, OUTPUT)
@click.option(
    "--unit",
    type=click.Choice(get_args(Unit)),
    default="both",
    show_default=True,
    help="What is compared.",
)
@click.option(
    "--on",
    type=click.Choice(get_args(Comparison)),
    default="text",
    show_default=True,
    help="Compare the texts as they are given, or the bodies found in them.",
)
@click.option(
    "--pairs",
    is_flag=True,
    help="Write all pairs with their similarity, too; of more than 1,000 copies of one text, "
    "those with the first ones.",
)
@with_options(READ, MATCH, PASSAGES, CLASSIFY, RESOLVE, ENGINE, RUN)
@click.pass_context
def find(context: click.Context, /, **options: Any) -> None:
    """Find duplicate documents, blocks and passages; changes no text.

    OUT gets clusters/ (with --unit passage: passages/), with --pairs also pairs/, rejected.jsonl,
    manifest.json and report.html.

    \b
    Examples:
      dedup find corpus/crawl -o duplicates
      dedup find docs.parquet -o duplicates --unit document --threshold 0.7 --pairs
      dedup find crawl.warc.gz -o duplicates --on body
      dedup find crawl.warc.gz -o passages --unit passage --passage-words 100
    """
    if options["on"] == "text":
        refuse_useless(context, ("model", "body_threshold", "keep_comments"), "without --on body")
        if options["unit"] == "document":
            refuse_useless(
                context, ("block_threshold", "block_ngram", "containment"), "on documents"
            )
    if options["unit"] == "passage":
        refuse_useless(
            context,
            ("threshold", "ngram", "containment", "keep", "source_priority"),
            "with --unit passage",
        )
    else:
        refuse_useless(context, ("passage_words",), "without --unit passage")
    if options["unit"] == "block":
        refuse_useless(context, ("threshold", "ngram", "keep"), "with --unit block")
    refuse_local(context)
    wanted = FindSettings(options["unit"], options["on"], options["pairs"])
    settings = make_settings(options)
    from dedup.buffers import leave_pandas_out  # noqa: PLC0415 - keeps --help fast
    from dedup.pipeline.run import find_to_folder  # noqa: PLC0415
    from dedup.report.remote_output import shown_address  # noqa: PLC0415
    from dedup.report.summary import summary  # noqa: PLC0415

    leave_pandas_out()
    place = make_place(options)
    with watch(quiet=options["quiet"]) as observe:
        manifest = find_to_folder(
            options["inputs"],
            place,
            settings,
            wanted,
            observe=observe,
            tell=teller(quiet=options["quiet"]),
        )
    if not options["quiet"]:
        click.echo(summary(manifest, shown_address(place.folder)))
