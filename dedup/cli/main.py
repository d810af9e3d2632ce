"""`dedup`: the commands, and how errors reach the user."""

import gc
import os
import signal
import sys
from functools import partial
from types import FrameType

import click

from dedup import __version__
from dedup.cli.clean import clean
from dedup.cli.evaluate import evaluate
from dedup.cli.extract import extract
from dedup.cli.find import find
from dedup.cli.index import index
from dedup.cli.plan import plan
from dedup.cli.progress import Terminated
from dedup.cli.train import train
from dedup.errors import DedupError

INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM

COLLECT_AFTER = 200_000
"""New objects until garbage is looked for. Importing and compiling make hundreds of thousands
that stay: looking for garbage among them takes a sixth of that time."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def dedup() -> None:
    """Turn a crawl into clean text.

    Finds near-duplicate documents and passages, separates article body from
    boilerplate, and writes clean text, the duplicate clusters, and the reason for
    everything left out.

    \b
    Example:
      dedup clean crawl/*.warc.gz -o cleaned
    """


for command in (clean, extract, find, index, plan, train, evaluate):
    dedup.add_command(command)


def main() -> None:
    """Run the command line; the entry point of the installed command."""
    gc.set_threshold(COLLECT_AFTER)
    asked: list[int] = []
    signal.signal(signal.SIGTERM, partial(_stop, asked))
    signal.signal(signal.SIGINT, partial(_stop, asked))
    try:
        status = dedup.main(prog_name="dedup", standalone_mode=False, obj=asked)
    except click.exceptions.NoArgsIsHelpError as missing:
        click.echo(missing.format_message(), err=True)
        status = missing.exit_code
    except click.ClickException as error:
        status = _fail(error.format_message(), error)
    except DedupError as error:
        status = _fail(str(error), None)
    except BrokenPipeError:
        # who reads our output has gone: nothing is left to say, not even at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    except (click.Abort, KeyboardInterrupt):
        click.echo("dedup: interrupted; no result was written", err=True)
        status = INTERRUPTED
    except Terminated:
        click.echo("dedup: terminated; no result was written", err=True)
        status = TERMINATED
    sys.exit(status if isinstance(status, int) else 0)


def _fail(message: str, error: click.ClickException | None) -> int:
    context = getattr(error, "ctx", None)
    hint = f" (see {context.command_path} --help)" if context is not None else ""
    click.echo(f"dedup: {' '.join(message.split())}{hint}", err=True)
    return 2


def _stop(asked: list[int], number: int, _frame: FrameType | None) -> None:
    """Stop what runs, and note it down: an exception may be lost where none can be raised."""
    asked.append(number)
    if number == signal.SIGTERM:
        raise Terminated
    raise KeyboardInterrupt
