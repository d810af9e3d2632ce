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
from dedup.cli.diff import diff
from dedup.cli.evaluate import evaluate
from dedup.cli.explain import explain
from dedup.cli.explore import explore
from dedup.cli.extract import extract
from dedup.cli.find import find
from dedup.cli.index import index
from dedup.cli.plan import plan
from dedup.cli.progress import Terminated
from dedup.cli.report import report
from dedup.cli.train import train
from dedup.errors import DedupError, TooMuchRemoved
from dedup.report.visible import spelled

STOPPED = 1
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


for command in (
    clean,
    extract,
    find,
    report,
    explore,
    explain,
    diff,
    index,
    plan,
    train,
    evaluate,
):
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
    except TooMuchRemoved as error:
        click.echo("\n".join([f"dedup: {error}", *_notes(error)]), err=True)
        status = STOPPED
    except DedupError as error:
        status = _fail("; ".join([str(error), *_notes(error)]), None)
    except BrokenPipeError:
        # who reads our output has gone: nothing is left to say, not even at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    except (click.Abort, KeyboardInterrupt, Terminated) as error:
        status = _stopped(asked, error)
    # else Python would look for garbage once more among all that there is, and that goes anyway
    gc.freeze()
    sys.exit(status if isinstance(status, int) else 0)


def _fail(message: str, error: click.ClickException | None) -> int:
    context = getattr(error, "ctx", None)
    hint = f" (see {context.command_path} --help)" if context is not None else ""
    click.echo(f"dedup: {spelled(' '.join(message.split()))}{hint}", err=True)
    return 2


def _stopped(asked: list[int], error: BaseException) -> int:
    terminated = asked[:1] == [signal.SIGTERM] or isinstance(error, Terminated)
    how = "terminated" if terminated else "interrupted"
    said = "; ".join([f"{how}; no result was written", *_notes(error)])
    click.echo(f"dedup: {said}", err=True)
    return TERMINATED if terminated else INTERRUPTED


def _notes(error: BaseException) -> list[str]:
    """Gather the notes of an error and of what it came from: click wraps interrupts."""
    notes = list(getattr(error, "__notes__", []))
    return notes if error.__cause__ is None else notes + _notes(error.__cause__)


def _stop(asked: list[int], number: int, _frame: FrameType | None) -> None:
    """Stop what runs, and note it down: an exception may be lost where none can be raised."""
    asked.append(number)
    if number == signal.SIGTERM:
        raise Terminated
    raise KeyboardInterrupt
