"""What matching a corpus will cost, before it begins."""

from dataclasses import dataclass

from dedup import schema
from dedup.match.bands import Bands, candidate_share, choose_bands
from dedup.settings import MatchSettings

COUNTER_BYTES = 4
"""Memory a bucket: the eight counters of the sieve, and as much again if their number has just
passed a power of two."""

INDEX_BYTES = 36
"""Memory a document while rows are looked up by key: each key, its place and the row's size, and
the copies that sorting them takes."""

PAIR_BYTES = 80
"""Memory a pair that is found, while what pairs connect is looked for: both keys, and the copies
that sorting them takes."""

_ENTRY_BYTES = sum(field.type.bit_width // 8 for field in schema.BUCKETS)
_LISTED_BYTES = schema.BODIES.field("buckets").type.value_type.bit_width // 8


@dataclass(frozen=True)
class Plan:
    """How documents will be matched, and at what cost.

    Candidates are pairs that share a band, in a corpus like the one that `bands.UNRELATED` and
    `bands.EDITED` describe. Memory and disk are what grows with the documents, besides their
    texts; memory is at most so much.
    """

    cut: Bands
    recall: float
    candidates: float
    false_candidates: float
    memory_bytes: int
    disk_bytes: int


def make_plan(settings: MatchSettings, n_documents: int) -> Plan:
    """Plan the matching of so many distinct documents.

    Examples
    --------
    >>> plan = make_plan(MatchSettings(threshold=0.8), 1000)
    >>> plan.cut, round(plan.recall, 4), plan.memory_bytes, plan.disk_bytes
    (Bands(n_bands=18, rows=6), 0.9958, 108000, 576000)
    """
    cut, threshold = choose_bands(settings), settings.threshold
    n_pairs = n_documents * (n_documents - 1) / 2
    false = n_pairs * candidate_share(cut, 0, threshold)
    return Plan(
        cut=cut,
        recall=cut.recall(threshold),
        candidates=false + n_pairs * candidate_share(cut, threshold, 1),
        false_candidates=false,
        memory_bytes=n_documents * (cut.n_bands * COUNTER_BYTES + INDEX_BYTES),
        disk_bytes=n_documents * cut.n_bands * (_ENTRY_BYTES + _LISTED_BYTES),
    )


def edited_words(similarity: float, ngram: int) -> float:
    """Give the share of single words, here and there, that make two texts so similar.

    A shingle is still there if each of its words is: of n in either text, those common to both
    are n * (1 - share)^ngram.

    Examples
    --------
    >>> round(edited_words(0.8, 5), 4), edited_words(1.0, 5)
    (0.0233, 0.0)
    """
    common = 2 * similarity / (1 + similarity)
    share: float = 1 - common ** (1 / ngram)
    return share
