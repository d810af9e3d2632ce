"""`dedup explore`: look through a whole result in a browser."""

import os
import signal
import sys
import threading
import webbrowser
from pathlib import Path

import click

from dedup.cli.progress import Terminated
from dedup.cli.values import available_cores

LOCAL = "127.0.0.1"


@click.command()
@click.argument("result", metavar="OUT", type=click.Path(exists=True, file_okay=False))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port to listen on.  [default: a free one]",
)
@click.option(
    "--host",
    default=LOCAL,
    show_default=True,
    help="Address to listen on; any other can be reached from outside this machine.",
)
@click.option("--no-browser", is_flag=True, help="Print the address, and open no browser.")
@click.pass_context
def explore(context: click.Context, *, result: str, port: int, host: str, no_browser: bool) -> None:
    """Look through OUT, the result of a run, in a browser.

    Shows what the report shows, of all sites, clusters, pages and blocks, with search. It
    changes nothing. The address holds a token, without which nothing is shown. Ctrl-C ends it.

    \b
    Examples:
      dedup explore cleaned
      dedup explore cleaned --port 8000 --no-browser
    """
    from dedup.explore.run import explore as show  # noqa: PLC0415 - keeps --help fast
    from dedup.explore.run import is_local  # noqa: PLC0415

    if not is_local(host):
        click.echo(
            f"dedup: warning: --host {host} lets other machines ask; whoever has the address with "
            "its token can read this result, and nothing on the way is encrypted",
            err=True,
        )

    if any(Path(result).glob("*/part-*.jsonl.zst")):
        click.echo("The result's JSON lines are read into temporary files first.", err=True)

    def tell(address: str) -> None:
        click.echo(f"{address}\nCtrl-C ends it.")
        sys.stdout.flush()
        if not no_browser and _has_desktop():
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    try:
        show(Path(result), host, port, threads=min(4, available_cores()), tell=tell)
    except KeyboardInterrupt:
        # the usual end of it
        context.exit(0)
    except Terminated:
        context.exit(128 + signal.SIGTERM)


def _has_desktop() -> bool:
    """Tell whether a browser would open beside the terminal, and not within it."""
    return sys.platform == "darwin" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
