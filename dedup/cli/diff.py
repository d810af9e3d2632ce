"""`dedup diff`: what another setting would change."""

from pathlib import Path

import click

_RESULT = click.Path(exists=True, file_okay=False)


@click.command()
@click.argument("a", metavar="OUT_A", type=_RESULT)
@click.argument("b", metavar="OUT_B", type=_RESULT)
@click.option(
    "--samples",
    type=click.IntRange(0, 1_000),
    default=3,
    show_default=True,
    metavar="N",
    help="Samples of each change; the same ones each time.",
)
@click.option("--json", "as_object", is_flag=True, help="The same as one JSON object.")
def diff(a: str, b: str, *, samples: int, as_object: bool) -> None:
    """Say what differs between two results, of other settings or other inputs.

    Documents are matched by their ids, blocks by their place in the document's text.

    \b
    Examples:
      dedup clean corpus/crawl -o cleaned-06 --threshold 0.6
      dedup diff cleaned cleaned-06
      dedup diff cleaned cleaned-06 --samples 20 --json
    """
    from dedup.buffers import leave_pandas_out  # noqa: PLC0415 - keeps --help fast
    from dedup.cli.differing import render  # noqa: PLC0415
    from dedup.cli.terminal import as_json, say  # noqa: PLC0415
    from dedup.report.compare import compare  # noqa: PLC0415

    leave_pandas_out()
    found = compare(Path(a), Path(b), samples=samples)
    say(as_json(found) if as_object else render(found, a, b))
