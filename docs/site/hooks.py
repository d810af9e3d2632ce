"""What the site says of tables, models and measurements is taken from where it is true.

A line `<!-- made: NAME -->` in a page stands for what MAKERS makes.
"""

import ast
import re
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

import click
import pyarrow as pa

from dedup import schema
from dedup.classify.model_file import load_model
from dedup.cli.main import dedup as program

ROOT = Path(__file__).parents[2]
MARK = re.compile(r"^<!-- made: ([a-z-]+) -->$", re.MULTILINE)
TABLES = {
    "documents": "DOCUMENTS_OUT",
    "blocks": "BLOCKS_OUT",
    "clusters": "CLUSTERS_OUT",
    "pairs": "PAIRS_OUT",
    "passages": "PASSAGES_OUT",
}
SHARED = "BLOCKS_OUT"
RESULTS = {
    "quality": "Recall and precision",
    "peers": "Beside other finders",
    "extraction": "Beside other extractors",
    "sites": "What repetition tells",
    "throughput": "Whole commands",
    "scaling": "Growth",
    "large": "A crawl of 10 GB in 2 GB of memory",
    "bounded": "Bounded memory, two workers, kills",
    "cluster": "Spark beside one machine",
    "incremental": "The next crawl",
    "explore": "A result of ten million blocks in the browser",
    "kernels": "Signatures, step by step",
    "start": "The first run on a machine",
}


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put in what stands for a mark; the name of the function is MkDocs's."""
    return MARK.sub(lambda mark: MAKERS[mark[1]](), markdown)


def tables() -> str:
    """Describe the columns of each table by the comments that stand before them."""
    path = ROOT / "dedup/schema/written.py"
    # a comment may name an element, which is none of the page
    meanings = {at: escape(said) for at, said in column_comments(path.read_text())}
    parts = []
    for name, variable in TABLES.items():
        rows = [
            f"| `{field.name}` | {type_name(field)} | {meaning} |"
            for field in getattr(schema, variable)
            # columns of passages are columns of blocks, too
            for meaning in (meanings.get((variable, field.name)) or meanings[SHARED, field.name],)
        ]
        parts += [f"## `{name}/`", "", "| column | type | |", "|---|---|---|", *rows, ""]
    return "\n".join(parts)


def type_name(field: pa.Field) -> str:
    """Name an Arrow type, and say whether a value may be missing."""
    return f"{field.type}{', or null' if field.nullable else ''}"


def column_comments(source: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Pair each column of each table, (variable, column), with the comment before it."""
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        for call in ast.walk(node.value):
            if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
                comment = comment_before(lines, call.lineno - 1)
                if comment:
                    yield (node.targets[0].id, str(call.args[0].value)), comment


def comment_before(lines: list[str], at: int) -> str:
    """Join the comment lines right before line `at`."""
    found: list[str] = []
    while at > 0 and lines[at - 1].lstrip().startswith("# "):
        at -= 1
        found.insert(0, lines[at].lstrip()[2:])
    return " ".join(found)


def commands() -> str:
    """Show the help of each command, as the program prints it."""
    parts = []
    for names, command in sorted(every_command(program, ("dedup",))):
        context = click.Context(command, info_name=" ".join(names), max_content_width=90)
        parts += [f"## {' '.join(names)}", "", "```text", command.get_help(context), "```", ""]
    return "\n".join(parts)


def every_command(
    command: click.Command, names: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Walk through a command and its own commands, with the words that call each."""
    yield names, command
    if isinstance(command, click.Group):
        for name, sub in command.commands.items():
            yield from every_command(sub, (*names, name))


def model_card() -> str:
    """Show the card of the model that is shipped."""
    return "\n".join(["| | |", "|---|---|", *card_rows(load_model(None).card)])


def card_rows(card: dict[str, object], before: str = "") -> Iterator[str]:
    """Make a row of each value, nested names joined; long lists are counted."""
    for name, value in card.items():
        if isinstance(value, dict):
            yield from card_rows(value, f"{before}{name} · ")
        elif isinstance(value, list):
            yield f"| {before}{name} | {len(value)} |"
        else:
            shown = f"{value:.4g}" if isinstance(value, float) else value
            yield f"| {before}{name} | {shown} |"


def results() -> str:
    """Include the kept results of all benchmarks."""
    parts = []
    for name, title in RESULTS.items():
        text = (ROOT / "benchmarks/results" / f"{name}.md").read_text()
        # tables are closed off by blank lines; pictures of results are not part of the site
        parts += [f"## {title}", "", re.sub(r"!\[[^\]]*\]\([^)]*\)\n*", "", text), ""]
    return "\n".join(parts)


MAKERS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "tables": tables,
    "model-card": model_card,
    "results": results,
}
