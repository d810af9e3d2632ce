"""What matching a corpus will cost, before it begins."""

from dataclasses import dataclass

from dedup import schema
from dedup.match.bands import Bands, candidate_share, choose_bands
from dedup.settings import MatchSettings

# Measured: how much the peak of `dedup find --unit document --workers 1` rises by a document,
# from 50,000 to 200,000 short ones without a duplicate, cut into 8, 18 and 40 bands (memory 700,
# 640 to 1,110 and 1,290 bytes; disk 560, 910 and 1,680 beyond the text). The disk is just
# what the tables hold; memory is what sorting and joining take until they spill (--memory).
MEMORY_BYTES, MEMORY_BAND_BYTES = 500, 20
"""Memory of a document, and of each of its bands besides."""

DISK_BYTES = 285
"""Disk of a document beyond its text and its bands: ids, keys, ranks, where its rows stand."""

PAIR_BYTES = 80
"""Memory of a pair that is found, while what pairs connect is looked for: both keys, and the
copies that sorting them takes."""

SIFTED = 9
"""Of so many buckets with a single text, one passes the sieve (match.sieve) and is stored again."""

_ENTRY_BYTES = sum(field.type.bit_width // 8 for field in schema.BUCKETS)
_LISTED_BYTES = schema.BODIES.field("buckets").type.value_type.bit_width // 8
_DISK_BAND_BYTES = _LISTED_BYTES + _ENTRY_BYTES + _ENTRY_BYTES // SIFTED


@dataclass(frozen=True)
class Plan:
    """How documents will be matched, and at what cost.

    Candidates are pairs that share a band, in a corpus like the one that `bands.UNRELATED` and
    `bands.EDITED` describe. Memory and disk are what grows with the documents, besides their
    texts.
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
    (Bands(n_bands=18, rows=6), 0.9958, 860000, 1221000)
    """
    cut, threshold = choose_bands(settings), settings.threshold
    n_pairs = n_documents * (n_documents - 1) / 2
    false = n_pairs * candidate_share(cut, 0, threshold)
    return Plan(
        cut=cut,
        recall=cut.recall(threshold),
        candidates=false + n_pairs * candidate_share(cut, threshold, 1),
        false_candidates=false,
        memory_bytes=n_documents * (MEMORY_BYTES + cut.n_bands * MEMORY_BAND_BYTES),
        disk_bytes=n_documents * (DISK_BYTES + cut.n_bands * _DISK_BAND_BYTES),
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
