"""In which words a copy and its keeper differ."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+|\s+|.", re.DOTALL)
"""A word, a run of space, or a single sign; scripts without spaces by the character."""

MAX_TOKENS = 600
"""Matching is quadratic: 600 tokens of the worst kind take some 20 ms."""

_BLANKS = re.compile(r"\s*")

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
    begins = _window(keeper, copy, context)
    ours, theirs = (
        _TOKEN.findall(text, begin, begin + WINDOW)
        for text, begin in zip((keeper, copy), begins, strict=True)
    )
    sides = []
    for text, begin, pieces in zip((keeper, copy), begins, _sides(ours, theirs), strict=True):
        skipped = [Run("", skipped=begin)] if begin else []
        shown = (*skipped, *_bounded(_elided(_joined(pieces), context), limit))
        told = sum(len(run.text) + run.skipped for run in shown)
        sides.append((shown, len(text) - told))
    (left, left_more), (right, right_more) = sides
    return Compared(left, right, left_more, right_more)


def _window(keeper: str, copy: str, context: int) -> tuple[int, int]:
    """Choose where comparing begins in each: at 0 if what differs first is near enough to it."""
    ours, theirs, same = first_difference(keeper, copy)
    at_end = ours == len(keeper) and theirs == len(copy)
    if at_end or max(ours, theirs) < WINDOW // 2:
        return 0, 0
    before = min(same, 2 * context)
    space = keeper.find(" ", ours - before, ours - before // 2)
    before = ours - space - 1 if space >= 0 else before
    return ours - before, theirs - before


def first_difference(one: str, other: str) -> tuple[int, int, int]:
    """Find the first place at which two texts differ in more than blanks.

    Returns
    -------
    The place in each, its end if there is none, and how many characters right before both are
    the same.

    Examples
    --------
    >>> first_difference("a vote", "a voice"), first_difference("a  vote", "a vote")
    ((4, 4, 4), (7, 6, 4))
    """
    here = there = 0
    while True:
        same = _common_length(one, here, other, there)
        here, there = here + same, there + same
        blanks, others = _count_blanks(one, here), _count_blanks(other, there)
        # blanks of another kind, or more of them; at a beginning or an end there may be none
        at_begin = not here or not there
        between = at_begin or one[here - 1].isspace() or (blanks > 0 and others > 0)
        at_end = here + blanks == len(one) or there + others == len(other)
        if not (blanks or others) or not (between or at_end):
            return here, there, same
        here, there = here + blanks, there + others


def _count_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() - at if found else 0


def _common_length(one: str, here: int, other: str, there: int) -> int:
    """Count the characters that are the same from two places on; twice as many at a time."""
    low, step, growing = 0, 32, True
    most = min(len(one) - here, len(other) - there)
    while low < most:
        size = min(step, most - low)
        if one[here + low : here + low + size] == other[there + low : there + low + size]:
            low += size
        else:
            most, growing = low + size - 1, False
        step = 2 * step if growing else (most - low + 1) // 2
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
