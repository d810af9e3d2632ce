"""`dedup extract`: body text page by page, as it is read."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dedup.cli.options import CLASSIFY, INPUTS, READ, RUN, with_options
from dedup.cli.progress import watch
from dedup.cli.values import make_settings
from dedup.errors import BadSettings, OutputExists

if TYPE_CHECKING:
    import pyarrow as pa

    from dedup.report.row_files import RowFormat, WriteRows

MAX_NAMED = 20
"""So many rejected records are named; the others are only counted."""


@click.command()
@with_options(INPUTS)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="A .txt, .jsonl, .jsonl.gz, .jsonl.zst or .parquet file.  [default: standard output]",
)
@click.option(
    "--format",
    "row_format",
    type=click.Choice(["text", "jsonl"]),
    help="What goes to standard output.  [default: text]",
)
@click.option(
    "--blocks",
    is_flag=True,
    help="With every page's blocks: label, probability, reason, and why in words.",
)
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@with_options(READ, CLASSIFY, RUN)
def extract(**options: Any) -> None:
    """Extract the body text of pages, one by one, as they are read.

    Other pages are not looked at: repetition within a site and duplicates are the
    business of `dedup clean`.

    \b
    Examples:
      dedup extract page.html
      curl -s https://example.org | dedup extract - --format jsonl --blocks
      dedup extract crawl.warc.gz -o bodies.jsonl.zst
    """
    format_ = choose_format(options)
    settings = make_settings(options | {"reasons": options["blocks"]})
    from dedup.buffers import leave_pandas_out  # noqa: PLC0415 - keeps --help fast
    from dedup.pipeline.run import extract_pages  # noqa: PLC0415

    leave_pandas_out()
    with watch(quiet=options["quiet"]) as observe, _open(options, format_) as write:
        pages = extract_pages(options["inputs"], settings, observe=observe)
        n_rejected = write_good(pages, write)
    if n_rejected > MAX_NAMED:
        click.echo(f"dedup: {n_rejected:,} records in all could not be read", err=True)


def choose_format(options: dict[str, Any]) -> "RowFormat":
    """Choose how rows are written: by the file's name, or by --format for standard output.

    Raises
    ------
    BadSettings: options contradict each other.
    OutputExists: the file is there and may not be replaced.
    """
    given = options["row_format"]
    if options["output"] is None:
        if options["overwrite"]:
            raise BadSettings("--overwrite has no effect without --output")
        format_: RowFormat = "jsonl" if given == "jsonl" else "txt"
    else:
        from dedup.report.row_files import row_format  # noqa: PLC0415

        path = Path(options["output"])
        format_ = row_format(path)
        if given is not None and (given == "text") != (format_ == "txt"):
            raise BadSettings(f"--format {given} contradicts the ending of {path}")
        if path.exists() and not options["overwrite"]:
            raise OutputExists(f"{path} exists; --overwrite replaces it")
    if options["blocks"] and format_ == "txt":
        raise BadSettings("--blocks needs --format jsonl, or a file of .jsonl or .parquet")
    return format_


def write_good(pages: "Iterator[pa.RecordBatch]", write: "WriteRows") -> int:
    """Write the pages that could be read, name the others, and count these.

    A page is written as soon as its batch is done.
    """
    import pyarrow.compute as pc  # noqa: PLC0415

    n_rejected = 0
    for batch in pages:
        bad = batch.filter(pc.is_valid(batch.column("rejected")))
        for row in bad.slice(0, max(0, MAX_NAMED - n_rejected)).to_pylist():
            click.echo(
                f"dedup: {row['source']}: record at {row['offset']:,}: {row['rejected']}", err=True
            )
        n_rejected += bad.num_rows
        good = batch.filter(pc.is_null(batch.column("rejected")))
        if good.num_rows:
            write(good)
    return n_rejected


def _open(options: dict[str, Any], format_: "RowFormat") -> "AbstractContextManager[WriteRows]":
    import pyarrow as pa  # noqa: PLC0415

    from dedup.pipeline.extract import EXTRACTED  # noqa: PLC0415
    from dedup.report.row_files import open_rows  # noqa: PLC0415

    names = ["id", "source", "url", "title", "text", *(["blocks"] if options["blocks"] else [])]
    place = sys.stdout.buffer if options["output"] is None else Path(options["output"])
    return open_rows(place, format_, pa.schema([EXTRACTED.field(name) for name in names]))
