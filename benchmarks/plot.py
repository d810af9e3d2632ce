"""Pictures of results; they need matplotlib."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")

from matplotlib import pyplot as plt

STYLE = {
    # the same picture has the same bytes
    "svg.hashsalt": "dedup",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
OURS, THEIRS = "#0b6e4f", "#9aa5b1"


def plot_peers(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw speed as bars, a panel for each size of corpus, with recall and precision beside."""
    run = [row for row in rows if "skipped" not in row]
    sizes = sorted({row["documents"] for row in run})
    if not sizes:
        return
    with mpl.rc_context(STYLE):
        most = max(sum(row["documents"] == size for row in run) for size in sizes)
        figure, panels = plt.subplots(
            len(sizes), 1, figsize=(8, (0.3 * most + 0.9) * len(sizes)), squeeze=False
        )
        for size, axes in zip(sizes, panels[:, 0], strict=True):
            _draw_size(axes, [row for row in run if row["documents"] == size])
        figure.tight_layout()
        _save(figure, path)


def _draw_size(axes: Any, rows: list[Mapping[str, Any]]) -> None:
    rows = sorted(rows, key=lambda row: row["mb_per_cpu_second"])
    speeds = [row["mb_per_cpu_second"] for row in rows]
    colours = [_colour(row["tool"]) for row in rows]
    axes.barh([row["tool"] for row in rows], speeds, color=colours)
    for place, row in enumerate(rows):
        text = f" {row['mb_per_cpu_second']:g}"
        if "recall" in row:
            text += f"   recall {row['recall']:.3f}, precision {row['precision']:.3f}"
        axes.text(row["mb_per_cpu_second"], place, text, va="center", fontsize=8)
    axes.set_xlim(0, max(speeds) * 1.6)
    axes.set_title(f"{rows[0]['documents']:,} documents", loc="left", fontsize=9)
    axes.set_xlabel("MB of text a CPU second, from file to result")


def _colour(tool: str) -> str:
    # a use of a tool has its name after a comma
    return OURS if tool.partition(",")[0] == "dedup" else THEIRS


def plot_extraction(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw word F1 over CPU time a page, a point for each extractor."""
    run = [row for row in rows if "skipped" not in row]
    if not run:
        return
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(8, 4.5))
        for row in run:
            x, y = row["cpu_ms_a_page"], row["F1"]
            colour = _colour(row["tool"])
            axes.plot(x, y, "o", color=colour)
            axes.annotate(
                row["tool"], (x, y), (5, 4), textcoords="offset points", color=colour, fontsize=8
            )
        axes.set_xscale("log")
        axes.margins(x=0.15, y=0.1)
        axes.set_xlabel("CPU ms a page, from HTML to body text")
        axes.set_title("word F1, mean over pages", loc="left", fontsize=9)
        figure.tight_layout()
        _save(figure, path)


def plot_lines(path: Path, x: Sequence[float], lines: Mapping[str, Sequence[float]]) -> None:
    """Draw one panel a line over sizes of corpora."""
    with mpl.rc_context(STYLE):
        figure, panels = plt.subplots(1, len(lines), figsize=(4 * len(lines), 3), squeeze=False)
        for (title, values), axes in zip(lines.items(), panels[0], strict=True):
            axes.plot(x, values, marker="o", color=OURS)
            axes.set_xscale("log")
            axes.set_ylim(0, max(values) * 1.2)
            axes.set_xlabel("documents")
            axes.set_title(title, loc="left", fontsize=9)
        figure.tight_layout()
        _save(figure, path)


def _save(figure: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata={"Date": None})
    plt.close(figure)
