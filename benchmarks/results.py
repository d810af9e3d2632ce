"""Results as they are kept: JSON, a Markdown table, and a picture."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.progress import say
from benchmarks.table import render
from dedup.classify.scores import FORBIDDEN, REQUIRED

FOLDER = Path(__file__).parent / "results"

Row = Mapping[str, Any]


def write_json(path: Path, machine: Row, **rows: Sequence[Row | str]) -> None:
    """Write rows with what they were measured on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"machine": machine, **rows}, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def write_peers(folder: Path, rows: Sequence[Row], machine: Row) -> str:
    """Write `peers.json`, `peers.md` and, with matplotlib, `peers.svg`; give the Markdown."""
    write_json(folder / "peers.json", machine, rows=rows)
    text = peers_markdown(rows, machine)
    (folder / "peers.md").write_text(text, encoding="utf-8")
    _draw(lambda plot: plot.plot_peers(folder / "peers.svg", rows))
    return text


def write_extraction(
    folder: Path, rows: Sequence[Row], machine: Row, kinds: Sequence[str], notes: Sequence[str]
) -> str:
    """Write `extraction.json`, `.md` and, with matplotlib, `.svg`; give the Markdown."""
    write_json(folder / "extraction.json", machine, notes=notes, rows=rows)
    text = extraction_markdown(rows, machine, kinds, notes)
    (folder / "extraction.md").write_text(text, encoding="utf-8")
    _draw(lambda plot: plot.plot_extraction(folder / "extraction.svg", rows))
    return text


def _draw(draw: Callable[[ModuleType], None]) -> None:
    try:
        from benchmarks import plot  # noqa: PLC0415
    except ImportError:
        say("no picture: matplotlib is not installed (pip install '.[bench]')")
    else:
        draw(plot)


def write_rows(folder: Path, name: str, rows: Sequence[Row], machine: Row) -> str:
    """Write `NAME.json` and `NAME.md`; give the Markdown."""
    return write_tables(folder, name, machine, rows=rows)


def write_tables(folder: Path, name: str, machine: Row, **tables: Sequence[Row]) -> str:
    """Write several tables of one benchmark as `write_rows` writes one; give the Markdown."""
    write_json(folder / f"{name}.json", machine, **tables)
    text = "\n\n".join([_origin(name, machine), *map(render, tables.values())]) + "\n"
    (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return text


def _origin(name: str, machine: Row) -> str:
    cores = "one core" if machine["pinned to one core"] else f"{machine['cores']} cores"
    return f"`python -m benchmarks {name}` at {machine['commit']}, {machine['processor']}, {cores}."


def peers_markdown(rows: Sequence[Row], machine: Row) -> str:
    """Render a table of all sizes, and one for each size, the fastest on top.

    What was skipped, and why, stands below.
    """
    parts = [_origin("peers", machine), render(peers_summary(rows))]
    for documents in sorted({row["documents"] for row in rows}):
        here = [row for row in rows if row["documents"] == documents]
        run = sorted(
            (row for row in here if "skipped" not in row), key=lambda row: row["cpu_seconds"]
        )
        if run:
            parts.append(f"{documents:,} documents, {run[0]['MB']:g} MB of text:")
            ours = next((row for row in run if row["tool"] == "dedup"), None)
            parts.append(render([_columns(row, ours) for row in run]))
        parts += [f"- {row['tool']}: {row['skipped']}" for row in here if "skipped" in row]
    return "\n\n".join(parts) + "\n"


def extraction_markdown(
    rows: Sequence[Row], machine: Row, kinds: Sequence[str], notes: Sequence[str]
) -> str:
    """Render a table of extractors, the best on top, with what its columns are above.

    What was skipped, and on what a tool failed, stands below.
    """
    run = sorted((row for row in rows if "skipped" not in row), key=lambda row: -row["F1"])
    parts = [_origin("extraction", machine), *notes]
    if run:
        ours = next((row for row in run if row["tool"] == "dedup"), None)
        parts.append(render([_extraction_columns(row, ours, kinds) for row in run]))
    told = [f"- {row['tool']}: {row['how']}" for row in run]
    told += [
        f"- {row['tool']} failed on {row['failed']:,}, first with {row['first_error']}"
        for row in run
        if row["failed"]
    ]
    told += [f"- {row['tool']}: {row['skipped']}" for row in rows if "skipped" in row]
    return "\n\n".join([*parts, "\n".join(told)]) + "\n"


def _extraction_columns(row: Row, ours: Row | None, kinds: Sequence[str]) -> dict[str, Any]:
    times: float | str = ""
    if ours is not None:
        times = round(row["cpu_ms_a_page"] / ours["cpu_ms_a_page"], 1)
    return (
        {"tool": f"{row['tool']} {row['version']}", "word F1, all": row["F1"]}
        | {kind: row.get(f"F1 {kind}", "") for kind in kinds}
        | {name: row.get(name, "") for name in (REQUIRED, FORBIDDEN)}
        | {
            "CPU ms a page": row["cpu_ms_a_page"],
            "times ours": times,
            "pages failed": row["failed"],
            "empty": row["empty"],
            "peak MB": row["peak_mb"],
        }
    )


def peers_summary(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Give one row a tool: its speed at each size, and quality and memory at the largest."""
    sizes = sorted({row["documents"] for row in rows})
    summary = []
    for tool in dict.fromkeys(row["tool"] for row in rows):
        mine = {row["documents"]: row for row in rows if row["tool"] == tool}
        run = [mine[size] for size in sizes if size in mine and "skipped" not in mine[size]]
        last = run[-1] if run else {}
        summary.append(
            {"tool": tool, "reports": last.get("reports", "")}
            | {
                f"MB per CPU s, {size:,}": mine.get(size, {}).get("mb_per_cpu_second", "")
                for size in sizes
            }
            | {
                "recall": last.get("recall", ""),
                "precision": last.get("precision", ""),
                "peak MB": last.get("peak_mb", ""),
            }
        )
    return summary


def _columns(row: Row, ours: Row | None) -> dict[str, Any]:
    ratio: float | str = ""
    beyond: float | str = ""
    if ours is not None:
        ratio, beyond = (
            round(ours[name] / row[name], 1)
            for name in ("mb_per_cpu_second", "mb_per_cpu_second_beyond_start")
        )
    return {
        "tool": f"{row['tool']} {row['version']}",
        "reports": row["reports"],
        "CPU s": row["cpu_seconds"],
        "MB per CPU s": row["mb_per_cpu_second"],
        "times ours": ratio,
        "start-up CPU s": row["start_cpu_seconds"],
        "MB per CPU s beyond it": row["mb_per_cpu_second_beyond_start"],
        "times ours beyond it": beyond,
        "peak MB": row["peak_mb"],
        "recall": row.get("recall", ""),
        "precision": row.get("precision", ""),
    }
