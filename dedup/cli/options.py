"""The options that commands share; `values` makes settings of them.

An option has the name of its field in `dedup.settings`; what concerns blocks begins
with `block-`.
"""

import os
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click

from dedup.cli.config import read_config
from dedup.settings import (
    EngineName,
    InputFormat,
    Keep,
    Scope,
    Settings,
    Sketch,
    TableFormat,
)

if TYPE_CHECKING:
    pass

F = TypeVar("F", bound=Callable[..., Any])
Option = Callable[[F], F]
Params = Mapping[str, Any]

DEFAULTS = Settings()
SIZE_UNITS = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40}


def size(text: str) -> int:
    """Read a number of bytes; units are powers of 1024.

    Raises
    ------
    click.BadParameter: the text is no size.

    Examples
    --------
    >>> size("64MB"), size("2g"), size("500000")
    (67108864, 2147483648, 500000)
    """
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?)i?b?", str(text).strip().lower())
    if match is None:
        raise click.BadParameter(f"{text!r} is not a size such as 500MB or 2GB")
    return int(float(match[1]) * (1 << SIZE_UNITS[match[2]]))


class FolderOrAddress(click.Path):
    """A folder of this machine, or the address of one elsewhere, which is not looked at."""

    def convert(
        self,
        value: "str | os.PathLike[str]",
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        """See click.Path."""
        return value if "://" in str(value) else super().convert(value, param, ctx)


INPUTS: tuple[Option[Any], ...] = (
    click.argument("inputs", metavar="INPUT...", nargs=-1, required=True),
)

READ: tuple[Option[Any], ...] = (
    click.option(
        "--input-format",
        type=click.Choice(get_args(InputFormat)),
        default=DEFAULTS.read.input_format,
        show_default=True,
        help="What the inputs are; auto looks at their content.",
    ),
    *(
        click.option(
            f"--{kind}-column",
            default=getattr(DEFAULTS.read, f"{kind}_column"),
            show_default=True,
            metavar="NAME",
            help=f"Column of JSONL and Parquet that holds {what}.",
        )
        for kind, what in (
            ("text", "plain text"),
            ("html", "HTML"),
            ("id", "the document's id"),
            ("url", "its address"),
            ("date", "the day it was captured or written"),
            ("title", "its title"),
        )
    ),
    click.option(
        "--max-record-bytes",
        type=size,
        default="64MB",
        show_default=True,
        help="Records larger than this are set aside.",
    ),
)

MATCH_DOCUMENTS: tuple[Option[Any], ...] = (
    click.option(
        "--threshold",
        type=float,
        default=DEFAULTS.documents.threshold,
        show_default=True,
        help="Jaccard similarity from which documents are duplicates.",
    ),
    click.option(
        "--ngram",
        type=int,
        default=DEFAULTS.documents.ngram,
        show_default=True,
        help="Words in a shingle of a document.",
    ),
)

MATCH_BLOCKS: tuple[Option[Any], ...] = (
    click.option(
        "--block-threshold",
        type=float,
        default=DEFAULTS.blocks.threshold,
        show_default=True,
        help="Jaccard similarity from which blocks are duplicates.",
    ),
    click.option(
        "--block-ngram",
        type=int,
        default=DEFAULTS.blocks.ngram,
        show_default=True,
        help="Words in a shingle of a block.",
    ),
    click.option(
        "--containment",
        type=float,
        default=DEFAULTS.blocks.containment,
        show_default=True,
        help="Share of a block's shingles that another must hold to contain it.",
    ),
)

NUM_PERM: tuple[Option[Any], ...] = (
    click.option(
        "--num-perm",
        type=int,
        default=DEFAULTS.documents.num_perm,
        show_default=True,
        help="Values in a signature: permutations, if it is a MinHash.",
    ),
)

MATCH: tuple[Option[Any], ...] = (
    *MATCH_DOCUMENTS,
    *MATCH_BLOCKS,
    *NUM_PERM,
    click.option(
        "--sketch",
        type=click.Choice(get_args(Sketch)),
        default=DEFAULTS.documents.sketch,
        show_default=True,
        help="Kind of signature: datasketch's MinHash, or the faster similarity sketch (fss).",
    ),
    click.option(
        "--seed",
        type=int,
        default=DEFAULTS.documents.seed,
        show_default=True,
        help="Seed of the permutations, as in datasketch.",
    ),
)

PASSAGES: tuple[Option[Any], ...] = (
    click.option(
        "--passage-words",
        type=int,
        default=DEFAULTS.passages.passage_words,
        show_default=True,
        help="Words from which the same words in a row are a repeated passage.",
    ),
)

BODY_THRESHOLD = (
    "The dial between recall (0.1) and precision (0.9): from which probability on a block is body. "
    "Less is asked on a page that leaves much open."
)

CLASSIFY: tuple[Option[Any], ...] = (
    click.option(
        "--model",
        type=click.Path(exists=True, dir_okay=False),
        help="A model made by `dedup train`, instead of the one that is shipped.",
    ),
    click.option(
        "--body-threshold",
        type=float,
        default=DEFAULTS.classify.body_threshold,
        show_default=True,
        help=BODY_THRESHOLD,
    ),
    click.option(
        "--keep-comments",
        is_flag=True,
        help="Take comments below an article for body, too, where HTML names them so.",
    ),
)

RESOLVE: tuple[Option[Any], ...] = (
    click.option(
        "--keep",
        type=click.Choice(get_args(Keep)),
        default=DEFAULTS.resolve.keep,
        show_default=True,
        help="Which copy of a document stays.",
    ),
    click.option(
        "--source-priority",
        multiple=True,
        metavar="TEXT",
        help="For --keep source-priority: a part of the address of preferred sources; "
        "repeat it, the best first.",
    ),
    click.option(
        "--scope",
        type=click.Choice(get_args(Scope)),
        default=DEFAULTS.resolve.scope,
        show_default=True,
        help="Within what documents are compared; with find, blocks and passages too.",
    ),
    click.option(
        "--min-cluster-size",
        type=int,
        default=DEFAULTS.resolve.min_cluster_size,
        show_default=True,
        metavar="N",
        help="Clusters with fewer members (documents, or places of a block or passage) are not "
        "reported, and nothing is removed for them.",
    ),
)

GUARD: tuple[Option[Any], ...] = (
    click.option(
        "--max-removal",
        type=float,
        default=DEFAULTS.resolve.max_removal,
        show_default=True,
        metavar="SHARE",
        help="Stop, with nothing written, if a source of 100 documents or more would lose a larger "
        "share of them.",
    ),
    click.option(
        "--allow-removal",
        multiple=True,
        metavar="SOURCE",
        help="A source that may lose more, by its whole name as --max-removal tells it; "
        "repeat it for others.",
    ),
)

RUN: tuple[Option[Any], ...] = (
    click.option(
        "--workers",
        type=int,
        help="Worker processes.  [default: one for each core]",
    ),
    click.option(
        "--memory",
        type=size,
        help="What all processes of the run may hold; sorting and joining spill to disk beyond "
        "their share.  [default: half of the machine's]",
    ),
    click.option(
        "--temp",
        type=FolderOrAddress(exists=True, file_okay=False, writable=True),
        help="Folder for intermediate files; with Spark, one that all machines reach.  "
        "[default: beside the output]",
    ),
    click.option("--quiet", "-q", is_flag=True, help="No progress and no summary."),
    click.option(
        "--config",
        type=click.Path(exists=True, dir_okay=False),
        is_eager=True,
        expose_value=False,
        callback=read_config,
        help="A TOML file of options under their long names.",
    ),
)

ENGINE: tuple[Option[Any], ...] = (
    click.option(
        "--engine",
        type=click.Choice(get_args(EngineName)),
        default=DEFAULTS.run.engine,
        show_default=True,
        help="What runs the stages: this machine, or Apache Spark (extra `spark`).",
    ),
    click.option(
        "--master",
        metavar="URL",
        help="Spark's cluster, such as spark://host:7077 or local[4].  "
        "[default: what spark-submit says]",
    ),
)

OUTPUT: tuple[Option[Any], ...] = (
    click.option(
        "--output",
        "-o",
        required=True,
        type=click.Path(),
        metavar="OUT",
        help="Folder for the result, new or empty; or an fsspec address.",
    ),
    click.option(
        "--format",
        "table_format",
        type=click.Choice(get_args(TableFormat)),
        default="parquet",
        show_default=True,
        help="Format of the tables that are written.",
    ),
    click.option(
        "--overwrite",
        is_flag=True,
        help="Replace an earlier result, once the new one is complete; begin anew in place of a "
        "stopped run that was told something else.",
    ),
)


def with_options(*groups: tuple[Option[Any], ...]) -> Callable[[F], F]:
    """Give a command all options of the groups, in this order."""

    def decorate(function: F) -> F:
        for option in reversed([option for group in groups for option in group]):
            function = option(function)
        return function

    return decorate
