"""Which words of a copy its keeper does not have."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+|\s+|.", re.DOTALL)
"""A word, a run of space, or a single sign; scripts without spaces by the character."""

MAX_TOKENS = 600
"""Matching is quadratic: 600 tokens of the worst kind take some 20 ms."""


@dataclass(frozen=True)
class Run:
    """A piece of text that the keeper has, or one that it does not have."""

    text: str
    differs: bool = False


def mark_differences(keeper: str, text: str) -> tuple[Run, ...]:
    """Cut a text into runs that stand in the keeper's text in the same order, and others.

    Texts of more than MAX_TOKENS tokens are compared up to there.

    Examples
    --------
    >>> runs = mark_differences("The vote is on Tuesday.", "The vote was on Tuesday.")
    >>> [(run.text, run.differs) for run in runs]
    [('The vote ', False), ('was', True), (' on Tuesday.', False)]
    """
    ours, theirs = _TOKEN.findall(keeper)[:MAX_TOKENS], _TOKEN.findall(text)
    matcher = SequenceMatcher(None, ours, theirs[:MAX_TOKENS], autojunk=False)
    runs, done = [], 0
    for _, start, length in matcher.get_matching_blocks():
        if start > done:
            between = "".join(theirs[done:start])
            runs.append(Run(between, differs=not between.isspace()))
        if length:
            runs.append(Run("".join(theirs[start : start + length])))
        done = start + length
    if rest := "".join(theirs[max(done, MAX_TOKENS) :]):
        runs.append(Run(rest))
    return tuple(runs)
