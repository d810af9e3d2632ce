"""In which words a copy and its keeper differ."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+|\s+|.", re.DOTALL)
"""A word, a run of space, or a single sign; scripts without spaces by the character."""

MAX_TOKENS = 600
"""Matching is quadratic: 600 tokens of the worst kind take some 20 ms."""

WINDOW = 8_000
"""Characters of each text that are compared, from shortly before the first that differs."""

CONTEXT = 90
"""So many characters of equal text are shown before and after what differs."""


@dataclass(frozen=True)
class Run:
    """A piece of text that the other one has too, or one that it has not.

    `skipped` counts characters that are the same in both and are not shown; such a run is empty.
    """

    text: str
    differs: bool = False
    skipped: int = 0


@dataclass(frozen=True)
class Compared:
    """Two texts beside each other, and how many characters of each are not shown at its end."""

    keeper: tuple[Run, ...]
    copy: tuple[Run, ...]
    keeper_more: int = 0
    copy_more: int = 0

    @property
    def marked(self) -> bool:
        """Whether anything that differs is shown."""
        return any(run.differs for run in (*self.keeper, *self.copy))


def compare(keeper: str, copy: str, *, limit: int, context: int = CONTEXT) -> Compared:
    """Mark on both sides what the other one has not; long stretches that are equal are left out.

    Parameters
    ----------
    limit: characters of each side that are shown at most, of the WINDOW that is compared.
    context: characters of an equal stretch that stay at each of its ends.

    Examples
    --------
    >>> found = compare("The vote is on Tuesday.", "The vote was on Tuesday.", limit=99)
    >>> [(run.text, run.differs) for run in found.keeper]
    [('The vote ', False), ('is', True), (' on Tuesday.', False)]
    >>> [(run.text, run.differs) for run in found.copy]
    [('The vote ', False), ('was', True), (' on Tuesday.', False)]
    """
    begin = _window(keeper, copy, context)
    skipped = [Run("", skipped=begin)] if begin else []
    ours, theirs = (_TOKEN.findall(text, begin, begin + WINDOW) for text in (keeper, copy))
    sides = []
    for text, pieces in zip((keeper, copy), _sides(ours, theirs), strict=True):
        shown = (*skipped, *_bounded(_elided(_joined(pieces), context), limit))
        told = sum(len(run.text) + run.skipped for run in shown)
        sides.append((shown, len(text) - told))
    (left, left_more), (right, right_more) = sides
    return Compared(left, right, left_more, right_more)


def _window(keeper: str, copy: str, context: int) -> int:
    """Choose where comparing begins: at 0 if anything that differs is near enough to it."""
    first = first_difference(keeper, copy)
    if first < WINDOW // 2 or first == max(len(keeper), len(copy)):
        return 0
    begin = first - 2 * context
    space = keeper.find(" ", begin, first - context)
    return space + 1 or begin


def first_difference(one: str, other: str) -> int:
    """Find the first place at which two texts differ; the shorter one's end if it begins the other.

    Examples
    --------
    >>> first_difference("a vote", "a voice"), first_difference("a vote", "a vote")
    (4, 6)
    """
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _sides(
    ours: Sequence[str], theirs: Sequence[str]
) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Align two texts: the pieces of each, and whether they differ."""
    parts = list(_aligned(ours, theirs))
    return [(part, differs) for part, _, differs in parts], [
        (part, differs) for _, part, differs in parts
    ]


def _aligned(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
    """Yield pieces of both in order, and whether they differ; ends where too much is left."""
    begin = _common(ours, theirs)
    end = _common(ours[begin:][::-1], theirs[begin:][::-1])
    left, right = ours[begin : len(ours) - end], theirs[begin : len(theirs) - end]
    head = "".join(ours[:begin])
    yield head, head, False
    cut = max(len(left), len(right)) > MAX_TOKENS
    left, right = left[:MAX_TOKENS], right[:MAX_TOKENS]
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        yield "".join(left[a:b]), "".join(right[c:d]), kind != "equal"
    if not cut:
        tail = "".join(ours[len(ours) - end :])
        yield tail, tail, False


def _common(ours: Sequence[str], theirs: Sequence[str]) -> int:
    n = 0
    for a, b in zip(ours, theirs, strict=False):
        if a != b:
            break
        n += 1
    return n


def _joined(pieces: list[tuple[str, bool]]) -> list[Run]:
    """Join neighbours of one kind; space between two pieces that differ differs with them."""
    runs: list[Run] = []
    pieces = [(text, differs and not text.isspace()) for text, differs in pieces if text]
    for place, (text, differs) in enumerate(pieces):
        around = pieces[place - 1 : place] + pieces[place + 1 : place + 2]
        inside = text.isspace() and len(around) == 2 and all(d for _, d in around)
        if runs and runs[-1].differs == (differs or inside):
            runs[-1] = Run(runs[-1].text + text, runs[-1].differs)
        else:
            runs.append(Run(text, differs or inside))
    return runs


def _elided(runs: list[Run], context: int) -> Iterator[Run]:
    """Leave out the middle of long equal runs, where a line says no more than it takes."""
    for run in runs:
        skipped = len(run.text) - 2 * context
        if run.differs or skipped <= context // 2:
            yield run
        else:
            head, tail = _head(run.text, context), _head(run.text[::-1], context)[::-1]
            yield Run(head)
            yield Run("", skipped=len(run.text) - len(head) - len(tail))
            yield Run(tail)


def _head(text: str, limit: int) -> str:
    """Take the beginning of a text, to the end of a word where one is near."""
    space = text.rfind(" ", 0, limit)
    return text[: space + 1] if space > limit // 2 else text[:limit]


def _bounded(runs: Iterator[Run], limit: int) -> Iterator[Run]:
    for run in runs:
        if limit <= 0:
            return
        yield Run(run.text[:limit], run.differs, run.skipped)
        limit -= len(run.text)
