"""`dedup report`: the page of a finished run, built again."""

from pathlib import Path

import click

from dedup.errors import BadSettings


@click.command()
@click.argument("result", metavar="OUT", type=click.Path(path_type=Path))
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the page there.  [default: OUT/report.html, which is replaced]",
)
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
def report(result: Path, output: Path | None, *, overwrite: bool) -> None:
    """Build report.html again from OUT, a result of `dedup clean` or `dedup find`.

    It is one page that needs no network and stays below 5 MB: of a large result it shows
    a part, and says which.

    \b
    Examples:
      dedup report cleaned
      dedup report cleaned -o cleaned.html
    """
    if overwrite and output is None:
        raise BadSettings("--overwrite has no effect without --output")
    from dedup.buffers import leave_pandas_out  # noqa: PLC0415 - keeps --help fast
    from dedup.report.numbers import byte_size  # noqa: PLC0415
    from dedup.report.page import build_report  # noqa: PLC0415

    leave_pandas_out()
    place = build_report(result, output, overwrite=overwrite)
    click.echo(f"written to {place} ({byte_size(place.stat().st_size)})")
