"""Pictures as inline SVG: bars, axes and dots, coloured by classes of the page's style sheet.

No element has a style of its own, so that a page may forbid styles other than its sheet, and
light and dark colours are the sheet's business.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

WIDTH, HEIGHT = 360, 216
LEFT, RIGHT, TOP, BOTTOM = 38, 354, 14, 174

Point = tuple[float, float]


@dataclass(frozen=True)
class Picture:
    """A picture with what stands around it.

    `said` is one sentence that says what is seen, also for who cannot see it; `columns` and
    `rows` are the same numbers as a table; `legend` gives (class, name) of each colour.
    """

    anchor: str
    title: str
    said: str
    svg: Markup
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    legend: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True)
class Scale:
    """From values to places on an axis: `low` stands at `first`, `high` at `last`."""

    low: float
    high: float
    first: float
    last: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Tell the place of a value.

        Examples
        --------
        >>> Scale(0, 10, 100, 200)(5), Scale(1, 100, 0, 50, log=True)(10)
        (150.0, 25.0)
        """
        low, high, value = (
            (math.log(v) for v in (self.low, self.high, value))
            if self.log
            else (self.low, self.high, value)
        )
        return self.first + (value - low) / (high - low) * (self.last - self.first)


def stacked_bar(parts: Sequence[tuple[str, float]]) -> Markup:
    """Draw a bar of parts beside each other, stretched to the width of its place.

    A part is never so narrow that it cannot be seen. What the parts are stands in words beside
    the bar, so it is hidden from screen readers.

    Examples
    --------
    >>> stacked_bar([("kept", 3), ("no body", 1)]).count("<rect")
    2
    """
    whole = sum(size for _, size in parts) or 1
    widths = [max(4.0, 1000 * size / whole) for _, size in parts]
    scale, at, drawn = 1000 / (sum(widths) or 1), 0.0, []
    for (name, _), width in zip(parts, widths, strict=True):
        drawn.append(rect(slug(name), at, 0, scale * width, 10))
        at += scale * width
    return Markup(
        '<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" '
        'focusable="false">{}</svg>'
    ).format(join(drawn))


def chart(said: str, parts: Iterable[Markup], height: float = HEIGHT) -> Markup:
    """Put a chart together that is one image for screen readers, described by `said`."""
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(WIDTH, _short(height), said, join(parts))


def x_axis(ticks: Iterable[tuple[float, str]], title: str) -> Markup:
    """Draw the line below a chart with its ticks, (place, name), and what they count."""
    drawn = [line("axis", LEFT, BOTTOM, RIGHT, BOTTOM)]
    drawn += [text(place, BOTTOM + 16, name, "middle") for place, name in ticks]
    return join([*drawn, text(RIGHT, BOTTOM + 36, title, "end", "soft")])


def y_axis(ticks: Iterable[tuple[float, str]]) -> Markup:
    """Draw the lines across a chart with their names at its left."""
    return join(
        part
        for place, name in ticks
        for part in (
            line("grid", LEFT, place, RIGHT, place),
            text(LEFT - 6, place + 4, name, "end"),
        )
    )


def powers(highest: float) -> list[int]:
    """List powers of ten from 1 to the first that reaches `highest`, few enough for an axis.

    Examples
    --------
    >>> powers(1), powers(250), powers(3e9)
    ([1, 10], [1, 10, 100, 1000], [1, 100, 10000, 1000000, 100000000, 10000000000])
    """
    top = max(1, math.ceil(math.log10(max(1, highest)) - 1e-9))
    step = -(-top // 5)
    return [10**power for power in range(0, top + step, step)]


def short_number(n: float) -> str:
    """Write a round number for an axis.

    Examples
    --------
    >>> [short_number(n) for n in (10, 1_000, 100_000, 10_000_000, 10**10)]
    ['10', '1k', '100k', '10M', '10G']
    """
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 1000)):
        if n >= size:
            return f"{n / size:g}{unit}"
    return f"{n:g}"


def rect(name: str, x: float, y: float, width: float, height: float) -> Markup:
    """Draw a filled rectangle in the colour of an outcome or kind."""
    return Markup('<rect class="fill is-{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        name, *map(_short, (x, y, width, height))
    )


def line(name: str, *ends: float) -> Markup:
    """Draw a line from (x, y) to (x, y)."""
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        name, *map(_short, ends)
    )


def path(name: str, points: Sequence[Point]) -> Markup:
    """Draw a line through points in the colour of a kind."""
    drawn = " L".join(f"{_short(x)} {_short(y)}" for x, y in points)
    return Markup('<path class="stroke is-{}" d="M{}"/>').format(name, drawn)


def marker(name: str, shape: int, at: Point, radius: float = 4) -> Markup:
    """Draw a disc, square, diamond or triangle, so that kinds differ by more than colour."""
    x, y = at
    r = radius
    outlines = (
        None,
        [(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)],
        [(x, y - 1.3 * r), (x + 1.3 * r, y), (x, y + 1.3 * r), (x - 1.3 * r, y)],
        [(x, y - 1.2 * r), (x + 1.2 * r, y + r), (x - 1.2 * r, y + r)],
    )
    outline = outlines[shape % len(outlines)]
    if outline is None:
        return Markup('<circle class="fill is-{}" cx="{}" cy="{}" r="{}"/>').format(
            name, *map(_short, (x, y, r))
        )
    drawn = " L".join(f"{_short(a)} {_short(b)}" for a, b in outline)
    return Markup('<path class="fill is-{}" d="M{}Z"/>').format(name, drawn)


def text(x: float, y: float, said: str, anchor: str = "start", name: str = "") -> Markup:
    """Write a line of text."""
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        name, _short(x), _short(y), anchor, said
    )


def join(parts: Iterable[Markup]) -> Markup:
    """Join parts of a picture."""
    return Markup("").join(escape(part) for part in parts)


def slug(name: str) -> str:
    """Make the name of a class of an outcome."""
    return name.replace(" ", "-")


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
