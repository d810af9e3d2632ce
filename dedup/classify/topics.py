"""What a block's features are about, and how each topic is said of a block in a few words.

To add a feature: its name must match the pattern of one topic, and of no other. A phrase
quotes nothing from a page: it is numbers, names of elements that `features.TAGS` knows, and
words of this file.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from dedup.classify.characters import (
    BREAK,
    COMMA,
    COPYRIGHT,
    CURRENCY,
    DIGIT,
    LETTER,
    MARK,
    PUNCTUATION,
    QUOTE,
    SEPARATOR,
    SPACE,
    STOP,
    SYMBOL,
    UNSPACED,
    UPPER,
)  # fmt: skip
from dedup.classify.features import FEATURES, SURROUNDINGS, TAGS

COLUMNS = (*FEATURES, *SURROUNDINGS)
"""What the last forest sees, in order."""

PLACE_OF = {name: place for place, name in enumerate(COLUMNS)}

IN_TAGS = [PLACE_OF[f"in {tag}"] for tag in TAGS]

OF_BOILERPLATE = ("nav", "footer", "aside", "header", "form", "button", "label", "noscript")
OF_BODY = ("article", "main", "blockquote", "pre", "p")
NEUTRAL = {"div", "section", "body", "center"}
"""Elements that say nothing by their name."""

METADATA = {"json-ld", "description", "articlebody"}
"""Names that segment gives to text from a page's metadata."""

AMID = 0.02
"""Share of the page's body from which on a block does not stand before it, or after it."""

FEW, LONG_WAY = 3, 20
"""Blocks that are right after something; blocks from which on the distance is worth a number."""


@dataclass(frozen=True)
class Sight:
    """One block as phrases look at it: its features, its label, the pages on which it stands."""

    row: npt.NDArray[np.float32]
    body: bool
    # distinct pages of its site on which it stands, and those that were seen
    site_pages: int = 1
    site_seen: int = 1
    # distinct pages of other sites on which it stands
    elsewhere: int = 0

    def __getitem__(self, name: str) -> float:
        return float(self.row[PLACE_OF[name]])

    @property
    def label(self) -> str:
        """Name the label as the tables do."""
        return "body" if self.body else "boilerplate"


Phrase = Callable[[Sight], str | None]
"""None where the topic has nothing to say of the block that would speak for its label."""


def counted(n: float, noun: str) -> str:
    """Say how many.

    Examples
    --------
    >>> counted(1, "word"), counted(1200, "word")
    ('1 word', '1,200 words')
    """
    return f"{n:,.0f} {noun}" if n == 1 else f"{n:,.0f} {noun}s"


def on_pages(n: int, seen: int) -> str:
    """Say on how many of a site's pages.

    Examples
    --------
    >>> on_pages(212, 1220)
    'stands on 212 of 1,220 pages of this site'
    """
    return f"stands on {n:,} of {seen:,} pages of this site"


def _nothing(_: Sight) -> None:
    """Say nothing: the topic counts, and no short phrase would tell what of it did."""


def _words(_block: Sight) -> str:
    return f"words like those of {_block.label}"


def _names(block: Sight) -> str:
    return f"class or id names like those of {block.label}"


def _links(block: Sight) -> str | None:
    share = block["link share"]
    if block.body:
        return "no links" if share == 0 else f"link density {share:.1f}" if share < 0.5 else None
    return f"link density {share:.1f}" if share >= 0.05 else None


def _length(block: Sight) -> str:
    # each character of a script without spaces counts as a word
    unspaced = block[f"kind {UNSPACED}"] >= 0.5
    return (
        counted(block["characters"], "character") if unspaced else counted(block["words"], "word")
    )


def _sentences(block: Sight) -> str | None:
    ends = block["last kind"] == STOP
    if block.body == ends:
        return "ends like a sentence" if ends else "does not end like a sentence"
    return None


def _capitals(block: Sight) -> str | None:
    share = block["capitalised"]
    loud = not block.body and share >= 0.5 and block["words"] > 1
    return f"{share:.0%} of the words begin with a capital" if loud else None


def _numbers(block: Sight) -> str | None:
    share = block["numbers"]
    return f"{share:.0%} of the words are numbers" if share and not block.body else None


def _signs(block: Sight) -> str | None:
    if not block.body:
        for kind, name in (
            (COPYRIGHT, "a copyright sign"), (CURRENCY, "a price"), (SEPARATOR, "separating signs"),
        ):  # fmt: skip
            if block[f"kind {kind}"]:
                return name
    return None


def _elements(block: Sight) -> str | None:
    """Name the element that says most, else the innermost one."""
    around = [TAGS[i] for i in np.flatnonzero(block.row[IN_TAGS])]
    if METADATA & set(around):
        return "from the page's metadata"
    telling = [tag for tag in (OF_BODY if block.body else OF_BOILERPLATE) if tag in around]
    innermost = [TAGS[int(block["tag"])]] if block["tag"] >= 0 else []
    innermost = [tag for tag in innermost if tag not in NEUTRAL]
    for tag in (*telling, *innermost):
        return f"in <{tag}>"
    return None


def _hidden(block: Sight) -> str | None:
    return "hidden" if block["hidden"] and not block.body else None


def _alike(block: Sight) -> str | None:
    n = block["group 0 blocks"]
    # plain text has no elements that would put blocks together
    return f"one of {n:,.0f} alike" if n > 1 and block["depth"] else None


def _place(block: Sight) -> str | None:
    share = block["place"]
    if block.body:
        return "in the middle of the page" if 0.2 <= share <= 0.8 else None
    return (
        "at the top of the page"
        if share < 0.15
        else "at the end of the page"
        if share > 0.8
        else None
    )


def _heading(block: Sight) -> str | None:
    """Tell the way from the first block that holds the page's title, or from its first h1."""
    for column, name in (("after title", "title"), ("from h1", "main heading")):
        way = block[column]
        if way <= -999 or (block.body and way < 0):
            continue
        if way < 0:
            return f"before the {name}"
        if block.body and way:
            return f"right after the {name}" if way <= FEW else f"after the {name}"
        if not block.body and way >= LONG_WAY:
            return f"{way:,.0f} blocks after the {name}"
    return None


def _title(block: Sight) -> str | None:
    return "repeats the page's title" if max(block["of title"], block["in title"]) >= 0.6 else None


def _recurring(block: Sight) -> str | None:
    n = block["copies"]
    if n > 1 and not block.body:
        return f"stands {n:,.0f} times on this page"
    return None


def _site(block: Sight) -> str | None:
    """Tell the pages themselves: the trees see rounded numbers, and -1 where too few are known."""
    n, seen, rounded = block.site_pages, block.site_seen, block["site pages"]
    if rounded < 0 or (2 * n > seen if block.body else rounded == 1):
        return None
    return "on no other page of this site" if n == 1 else on_pages(n, seen)


def _crawl(block: Sight) -> str | None:
    if block.body or block["elsewhere"] <= 0:
        return None
    return f"stands on {counted(block.elsewhere, 'page')} of other sites"


def _surroundings(block: Sight) -> str | None:
    """Tell what the first judgement made of the blocks around: -1 where the page ends."""
    beside = [score for score in (block["score -1"], block["score +1"]) if score >= 0]
    if len(beside) == 2 and all((score >= 0.5) == block.body for score in beside):
        return f"between blocks of {block.label}"
    before, after = block["before"] > AMID, block["after"] > AMID
    if not block.body and before != after:
        return "after the body" if before else "before the body"
    for column in ("score within 5", "group mean"):
        if (block[column] >= 0.5) == block.body:
            return f"among blocks of {block.label}"
    return None


AROUND = "surroundings"
"""The topic that says least of the block itself."""

FIRST = "first judgement"
"""The topic whose credit belongs to what the first pass was told of the block."""

_SUMMARY = "(mean|least|most|known|whole|first)"

TOPICS: dict[str, tuple[str, Phrase]] = {
    "words": (f"lexicon {_SUMMARY}", _words),
    "names": (f"(own|above) {_SUMMARY}", _names),
    "links": (r"link share|links|group \d links", _links),
    "length": ("characters|words|log characters", _length),
    "sentences": (f"last kind|kind ({STOP}|{COMMA})", _sentences),
    "capitals": (f"capitalised|kind {UPPER}", _capitals),
    "numbers": (f"numbers|kind {DIGIT}", _numbers),
    "signs": (f"kind ({SYMBOL}|{SEPARATOR}|{CURRENCY}|{COPYRIGHT})", _signs),
    "characters": (
        f"kind ({SPACE}|{LETTER}|{PUNCTUATION}|{UNSPACED}|{BREAK}|{MARK}|{QUOTE})"
        "|first kind|characters a word|long words|longest word", _nothing,
    ),
    "elements": ("tag|in (?!title).*|depth|inline", _elements),
    "hidden": ("hidden", _hidden),
    "alike": (r"group \d (share|mean|blocks)", _alike),
    "place": ("place|from start|from end|text before", _place),
    "heading": ("from h1|after title", _heading),
    "title": ("(of|in) title", _title),
    "recurring": ("shared|commonness|shared triples|copies|copies before", _recurring),
    "site": ("site (seen|pages|share)|is unique", _site),
    "crawl": ("crawl (seen|pages)|elsewhere", _crawl),
    AROUND: (
        r".+ [+-]\d|.+ within \d+|(group|wider group|copies) mean|before|after", _surroundings,
    ),
    FIRST: ("own", _nothing),
    "page": ("blocks|page|page (mean|most)|weighted mean", _nothing),
}  # fmt: skip
"""Of each topic: a pattern of the names of its features, and its phrase."""


@cache
def column_topics() -> npt.NDArray[np.int32]:
    """Give `topics_of` of COLUMNS: ten milliseconds, once."""
    return topics_of(COLUMNS)


def topics_of(columns: Sequence[str]) -> npt.NDArray[np.int32]:
    """Give the place in TOPICS of each feature's topic.

    Raises
    ------
    LookupError: a name has no topic, or several.

    Examples
    --------
    >>> topics_of(["link share"]).tolist()
    [2]
    """
    places = []
    for name in columns:
        found = [
            place
            for place, (pattern, _) in enumerate(TOPICS.values())
            if re.fullmatch(pattern, name)
        ]
        if len(found) != 1:
            raise LookupError(f"feature {name!r} has {len(found)} topics instead of one")
        places += found
    return np.array(places, np.int32)
