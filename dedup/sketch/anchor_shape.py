"""How long anchors are, and how dense: as both follow from what two texts surely share."""

from dedup.settings import PASSAGE_WORDS, MatchSettings

SHORTEST_RUN = 8
"""Words in a row that give an anchor however little of a passage must be contained."""

WINDOW = 6
"""Runs of words of which one is an anchor: about two in seven are."""


def anchor_shape(settings: MatchSettings) -> tuple[int, int]:
    """Choose the words of an anchor, and the runs of so many words of which one is taken.

    Two texts that have `words + window - 1` words in a row in common share an anchor
    (winnowing; Schleimer, Wilkerson and Aiken 2003). The longer the anchors, the fewer of the
    texts that share one have nothing else in common.

    Examples
    --------
    >>> anchor_shape(MatchSettings(ngram=3, containment=0.9))
    (6, 6)
    >>> anchor_shape(MatchSettings(ngram=3, containment=0.5))
    (3, 6)
    """
    run = max(SHORTEST_RUN, shared_run(settings))
    n_words = max(settings.ngram, run - WINDOW + 1)
    return n_words, max(1, run - n_words + 1)


def shared_run(settings: MatchSettings) -> int:
    """Tell how many words in a row of a contained passage surely stand in what holds it.

    Of a passage of w words with w - n + 1 shingles, a share 1 - c may be missing. Words put in
    between cut it in two at the cost of n - 1 shingles; a word less at an end costs one.

    Examples
    --------
    >>> shared_run(MatchSettings(ngram=3, containment=0.9))
    11
    """
    n, containment = settings.ngram, settings.containment or 1.0
    longest = PASSAGE_WORDS
    for words in range(PASSAGE_WORDS, 10 * PASSAGE_WORDS):
        shingles = max(words - n + 1, 0)
        # a little more, as rounding may let one more be missing
        missing = int((1 - containment) * shingles + 1e-9)
        for cuts in range(missing // max(n - 1, 1) + 1):
            left = words - (missing - cuts * (n - 1))
            longest = min(longest, -(-left // (cuts + 1)))
    return longest
