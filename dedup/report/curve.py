"""A picture of the S-curve: the chance to become a candidate by similarity, as SVG."""

from collections.abc import Iterator, Sequence

WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 72, 688, 76, 376
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

INK, SOFT, LINE, PAPER = "#1d1e1b", "#5c5d56", "#e3dfd5", "#fffefb"
CURVE, MARK = "#2c7a59", "#b5443a"


def draw_curve(chances: Sequence[float], threshold: tuple[float, float], title: str) -> str:
    """Draw the curve with the threshold marked.

    Parameters
    ----------
    chances: of similarities at equal steps from 0 to 1.
    threshold: its similarity, and the chance there. title: plain text without markup.

    Returns
    -------
    A whole SVG document; the same for the same numbers.

    Examples
    --------
    >>> picture = draw_curve([0.0, 0.25, 1.0], (0.5, 0.25), "1 band of 2 rows")
    >>> picture.count("<path"), 'd="M72.0 376.0 L380.0 301.0 L688.0 76.0"' in picture
    (1, True)
    """
    last = len(chances) - 1
    points = " L".join(f"{_x(i / last):.1f} {_y(chance):.1f}" for i, chance in enumerate(chances))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" role="img" '
        'font-family="ui-sans-serif, system-ui, sans-serif" font-size="14">',
        f"<title>{title}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>',
        _text(LEFT, 34, title, INK, 'font-size="18" font-weight="600"'),
        _text(LEFT, 56, "Chance of two texts to become a candidate pair", SOFT),
        *_axes(),
        f'<path d="M{points}" fill="none" stroke="{CURVE}" stroke-width="3" '
        'stroke-linejoin="round"/>',
        *_threshold(*threshold),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _axes() -> Iterator[str]:
    for tick in TICKS:
        x, y = _x(tick), _y(tick)
        yield f'<line x1="{LEFT}" y1="{y:.1f}" x2="{RIGHT}" y2="{y:.1f}" stroke="{LINE}"/>'
        yield _text(LEFT - 10, y + 5, f"{100 * tick:.0f} %", SOFT, 'text-anchor="end"')
        yield _text(x, BOTTOM + 24, f"{tick:.1f}", SOFT, 'text-anchor="middle"')
    middle = (LEFT + RIGHT) / 2
    yield _text(middle, BOTTOM + 50, "Jaccard similarity", SOFT, 'text-anchor="middle"')


def _threshold(threshold: float, recall: float) -> Iterator[str]:
    x, y = _x(threshold), _y(recall)
    yield (
        f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{BOTTOM}" stroke="{MARK}" '
        'stroke-width="1.5" stroke-dasharray="5 4"/>'
    )
    yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{MARK}"/>'
    # beside the line where there is room, and low, where the curve is not
    left = threshold > 0.5
    at, anchor = (x - 10, "end") if left else (x + 10, "start")
    for line, said in enumerate((f"threshold {threshold:g}", f"recall {100 * recall:.1f} %")):
        yield _text(at, BOTTOM - 34 + 20 * line, said, MARK, f'text-anchor="{anchor}"')


def _text(x: float, y: float, said: str, fill: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}" {more}>{said}</text>'.replace(" >", ">")


def _x(similarity: float) -> float:
    return LEFT + similarity * (RIGHT - LEFT)


def _y(chance: float) -> float:
    return BOTTOM - chance * (BOTTOM - TOP)
