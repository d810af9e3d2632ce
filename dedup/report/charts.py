"""The pictures of a report: what they show, in SVG, in a sentence and as a table."""

import math
from collections.abc import Callable, Sequence

from markupsafe import Markup

from dedup.report import pictures
from dedup.report.manifest import Manifest, StageTiming
from dedup.report.numbers import byte_size, duration, plural, rate, share
from dedup.report.pictures import BOTTOM, LEFT, RIGHT, TOP, Picture, Scale
from dedup.report.views import Distributions, Tally
from dedup.report.wording import listed
from dedup.schema import BLOCK_OUTCOMES

KINDS = ("document", "block", "run", "substring")
KIND_NAMES = {
    "document": "documents",
    "block": "blocks",
    "run": "runs of blocks",
    "substring": "runs of words",
}
MAX_STAGES = 12
WIDTH_OF_BIN = 0.02


def draw_all(manifest: Manifest, found: Distributions) -> tuple[Picture, ...]:
    """Draw the pictures of which there is something to show."""
    drawn = (
        removal_by_reason(manifest),
        cluster_sizes(found.sizes),
        similarities(found.similarities, manifest),
        probabilities(found.probabilities, manifest.settings.classify.body_threshold),
        throughput(manifest.stages),
    )
    return tuple(picture for picture in drawn if picture is not None)


def removal_by_reason(manifest: Manifest) -> Picture | None:
    """Draw the share of all characters that each reason takes."""
    counts = manifest.counts
    names = [name for name in BLOCK_OUTCOMES if counts.blocks.get(name)]
    whole, blocks = sum(counts.characters.values()), sum(counts.blocks.values())
    if not names or not whole:
        return None
    step, first = 34, 18
    widest = max(counts.characters.get(name, 0) for name in names)
    scale = Scale(0, widest, 0, 280)
    drawn = []
    for place, name in enumerate(names):
        n, y = counts.characters.get(name, 0), first + step * place
        drawn.append(pictures.text(4, y, name))
        drawn.append(pictures.rect(pictures.slug(name), 4, y + 5, max(2, scale(n)), 10))
        drawn.append(pictures.text(max(2, scale(n)) + 12, y + 14, share(n, whole), name="soft"))
    gone = [name for name in names if name != "kept"]
    most = max(gone, key=lambda name: counts.characters.get(name, 0), default=None)
    took = share(counts.characters.get(most, 0), whole) if most else ""
    said = f"Most goes as “{most}”: {took} of all characters." if most else "Nothing goes."
    return Picture(
        "by-reason",
        "Removal by reason",
        said,
        pictures.chart(f"Characters by reason. {said}", drawn, first + step * len(names)),
        ("Outcome", "Characters", "Share", "Blocks", "Share"),
        tuple(
            (
                name,
                f"{counts.characters.get(name, 0):,}",
                share(counts.characters.get(name, 0), whole),
                f"{counts.blocks[name]:,}",
                share(counts.blocks[name], blocks),
            )
            for name in names
        ),
    )


def cluster_sizes(sizes: Sequence[Tally]) -> Picture | None:
    """Draw how many clusters there are of each size, both on scales of logarithms."""
    if not sizes:
        return None
    highest = max(tally.low for tally in sizes)
    steps = range(1, max(3, round(math.log2(highest)) + 1) + 1)
    across = Scale(2, 2.0 ** steps[-1], LEFT + 14, RIGHT - 14, log=True)
    counts = pictures.powers(max(tally.count for tally in sizes))
    up = Scale(1, counts[-1], BOTTOM - 8, TOP, log=True)
    shown = [steps[i] for i in range(0, len(steps), -(-len(steps) // 8))]
    drawn = [
        pictures.y_axis((up(n), pictures.short_number(n)) for n in counts),
        pictures.x_axis(
            ((across(2.0**power), f"{2**power:,}") for power in shown), "members of a cluster"
        ),
    ]
    for kind in _kinds(sizes):
        mine = [(across(t.low), up(t.count)) for t in sizes if t.name == kind]
        drawn.append(pictures.path(kind, mine))
        drawn += [pictures.marker(kind, KINDS.index(kind), point) for point in mine]
    said = listed(
        f"{plural(sum(t.count for t in sizes if t.name == kind), 'cluster')} of {KIND_NAMES[kind]}"
        for kind in _kinds(sizes)
    )
    said = f"{said}; the largest has {highest:,.0f} members or more."
    return Picture(
        "sizes",
        "Cluster sizes",
        said,
        pictures.chart(f"Clusters by number of members. {said}", drawn),
        ("Members", *(KIND_NAMES[kind] for kind in _kinds(sizes))),
        _pivoted(sizes, lambda low: f"{low:,.0f} to {2 * low - 1:,.0f}"),
        _legend(sizes),
    )


def similarities(found: Sequence[Tally], manifest: Manifest) -> Picture | None:
    """Draw how many members are how like their keeper."""
    if not found:
        return None
    low = min(0.9, math.floor(10 * min(tally.low for tally in found)) / 10)
    settings = manifest.settings
    marks = {"document": settings.documents.threshold, "block": settings.blocks.threshold}
    kinds = _kinds(found)
    marked = {at: "threshold" for kind, at in marks.items() if kind in kinds and at >= low}
    equal = sum(tally.count for tally in found if tally.low >= 1)
    whole = sum(tally.count for tally in found)
    said = (
        f"{share(equal, whole)} of {plural(whole, 'copy', 'copies')} have the keeper’s very words."
    )
    return Picture(
        "similarity",
        "Similarity with the keeper",
        said,
        pictures.chart(
            f"Members by Jaccard similarity with their keeper. {said}",
            _histogram(found, (low, 1 + WIDTH_OF_BIN), kinds, "Jaccard similarity", marked),
        ),
        ("Similarity", *(KIND_NAMES[kind] for kind in kinds)),
        _pivoted(found, lambda at: "1" if at >= 1 else _range(at)),
        _legend(found),
    )


def probabilities(found: Sequence[Tally], threshold: float) -> Picture | None:
    """Draw how many blocks have which probability of being body, by their label."""
    if not found:
        return None
    labels = [name for name in ("body", "boilerplate") if any(t.name == name for t in found)]
    unsure = sum(tally.count for tally in found if 0.1 <= tally.low < 0.9)
    whole = sum(tally.count for tally in found)
    said = (
        f"{share(unsure, whole)} of {plural(whole, 'block')} lie between 0.1 and 0.9. Each page’s "
        f"cut lies at {threshold:g} or below: less is asked where a page leaves much open."
    )
    return Picture(
        "probability",
        "Probability of body",
        said,
        pictures.chart(
            f"Blocks by probability of being body. {said}",
            _histogram(found, (0.0, 1.0), labels, "probability", {threshold: "threshold"}),
        ),
        ("Probability", *labels),
        _pivoted(found, _range, labels),
        tuple((f"label-{name}", name) for name in labels),
    )


def throughput(stages: Sequence[StageTiming]) -> Picture | None:
    """Draw the bytes a second of the stages that took longest, on a scale of logarithms."""
    timed = sorted((s for s in stages if s.seconds > 0), key=lambda s: (-s.seconds, s.name))
    shown = [stage for stage in timed[:MAX_STAGES] if stage.bytes > 0]
    if not shown:
        return None
    rates = [stage.bytes / stage.seconds for stage in shown]
    low = 10.0 ** math.floor(math.log10(min(rates)))
    high = 10.0 ** math.floor(math.log10(max(rates)) + 1)
    across = Scale(low, high, 136, 288, log=True)
    step, first = 22, 18
    bottom = first + step * len(shown)
    powers = range(round(math.log10(low)), round(math.log10(high)) + 1)
    some = [10.0 ** powers[i] for i in range(0, len(powers), -(-len(powers) // 3))]
    drawn = [pictures.line("grid", across(n), 6, across(n), bottom - 6) for n in some]
    drawn += [pictures.text(across(n), bottom + 8, _rate(n), "middle", "soft") for n in some]
    for place, (stage, speed) in enumerate(zip(shown, rates, strict=True)):
        y = first + step * place
        drawn.append(pictures.text(4, y + 4, stage.name[:20]))
        drawn.append(pictures.line("thread", across(low), y, across(speed), y))
        drawn.append(pictures.marker("stage", 0, (across(speed), y)))
        drawn.append(pictures.text(356, y + 4, duration(stage.seconds), "end", "soft"))
    whole = sum(stage.seconds for stage in timed)
    first_stage = timed[0]
    said = (
        f"Of {plural(len(timed), 'stage')}, “{first_stage.name}” takes longest: "
        f"{duration(first_stage.seconds)}, {share(first_stage.seconds, whole)} of their time."
    )
    return Picture(
        "throughput",
        "Throughput by stage",
        said,
        pictures.chart(f"Bytes a second of the longest stages. {said}", drawn, bottom + 16),
        ("Stage", "Rows in", "Rows out", "Bytes", "Time", "Throughput"),
        tuple(
            (
                stage.name,
                f"{stage.rows_in:,}",
                f"{stage.rows_out:,}",
                byte_size(stage.bytes),
                duration(stage.seconds),
                rate(stage.bytes, stage.seconds),
            )
            for stage in stages
        ),
    )


def _histogram(
    found: Sequence[Tally],
    span: tuple[float, float],
    names: Sequence[str],
    title: str,
    marks: dict[float, str],
) -> list[Markup]:
    """Draw bars side by side in each bin, their heights by logarithm, and marks across."""
    across = Scale(*span, LEFT + 4, RIGHT - 4)
    counts = pictures.powers(max(tally.count for tally in found))
    # a count of 1 has a height, too
    up = Scale(0.7, counts[-1], BOTTOM, TOP, log=True)
    width = across(WIDTH_OF_BIN) - across(0) - 1
    tenths = range(round(10 * span[0]), 11)
    drawn = [
        pictures.y_axis((up(n), pictures.short_number(n)) for n in counts),
        pictures.x_axis(((across(n / 10), f"{n / 10:g}") for n in tenths), title),
    ]
    prefix = "label-" if "body" in names or "boilerplate" in names else ""
    for low in sorted({tally.low for tally in found}):
        mine = sorted((t for t in found if t.low == low), key=lambda t: names.index(t.name))
        part = width / len(mine)
        for place, tally in enumerate(mine):
            x, y = across(low) + part * place, up(tally.count)
            drawn.append(pictures.rect(prefix + tally.name, x, y, part, BOTTOM - y))
    for at, said in sorted(marks.items()):
        drawn.append(pictures.line("mark", across(at), TOP - 8, across(at), BOTTOM))
        near = at > (span[0] + span[1]) / 2
        beside = (across(at) - 5, "end") if near else (across(at) + 5, "start")
        drawn.append(pictures.text(beside[0], TOP, f"{said} {at:g}", beside[1], "marked"))
    return drawn


def _kinds(found: Sequence[Tally]) -> list[str]:
    return [kind for kind in KINDS if any(tally.name == kind for tally in found)]


def _legend(found: Sequence[Tally]) -> tuple[tuple[str, str], ...]:
    return tuple((kind, KIND_NAMES[kind]) for kind in _kinds(found))


def _pivoted(
    found: Sequence[Tally], bin_name: Callable[[float], str], names: Sequence[str] | None = None
) -> tuple[tuple[str, ...], ...]:
    """Make rows of a table: one for each bin, with a column for each name."""
    counts = {(tally.name, tally.low): tally.count for tally in found}
    columns = _kinds(found) if names is None else names
    return tuple(
        (bin_name(low), *(f"{counts.get((name, low), 0):,}" for name in columns))
        for low in sorted({tally.low for tally in found})
    )


def _range(low: float) -> str:
    return f"{low:.2f} to {low + WIDTH_OF_BIN:.2f}"


def _rate(n: float) -> str:
    return byte_size(n).replace(".0 ", " ").replace("bytes", "B") + "/s"
