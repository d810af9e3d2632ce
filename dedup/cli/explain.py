"""`dedup explain`: why a document or block was kept or removed."""

from pathlib import Path

import click


@click.command()
@click.argument("result", metavar="OUT", type=click.Path(exists=True, file_okay=False))
@click.argument("name", metavar="ID")
@click.option("--all", "whole", is_flag=True, help="List all other places, and all blocks.")
@click.option("--json", "as_object", is_flag=True, help="The same as one JSON object.")
def explain(result: str, name: str, *, whole: bool, as_object: bool) -> None:
    """Say why a document or block of OUT was kept or removed.

    ID is the id of a document, the place of a block (ID#INDEX), the name of a cluster, a passage
    (ID@START-END), or the url or source of a single document.

    \b
    Examples:
      dedup explain cleaned 05127cd17598b552
      dedup explain cleaned 05127cd17598b552#3 --all
      dedup explain cleaned https://www.example.org/story --json
    """
    from dedup.buffers import leave_pandas_out  # noqa: PLC0415 - keeps --help fast
    from dedup.cli.explained import render  # noqa: PLC0415
    from dedup.cli.terminal import as_json, say  # noqa: PLC0415
    from dedup.report.explain import explain as ask  # noqa: PLC0415
    from dedup.report.explanation import Bounds  # noqa: PLC0415

    leave_pandas_out()
    bounds = Bounds(places=None, blocks=None) if whole else Bounds()
    found = ask(Path(result), name, bounds)
    say(as_json(found) if as_object else render(found))
