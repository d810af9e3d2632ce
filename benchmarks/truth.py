r"""Which texts are near-duplicates, exactly: independent of the code that is measured.

Words are runs of `\w` in lower case. Every pair at or above a threshold is found by prefix
filtering (Chaudhuri, Ganti, Kaushik 2006): two sets that share k shingles share one among the
size - k + 1 rarest of each. Nothing is left out for being frequent. Shingles are compared by
hashes of 64 bits: in 50 million different ones two are equal by chance in 1 of 10,000 corpora.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from benchmarks.progress import say

Numbers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Compare = Callable[[int, Numbers], tuple[Numbers, npt.NDArray[np.float64]]]
"""Takes a text and others that may be like it; gives some of these, and how alike each is."""

WORDS = re.compile(r"\w+").findall
SEEDS = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


@dataclass(frozen=True)
class Pairs:
    """Pairs of texts by their numbers, each once."""

    # int64[p]; of Jaccard a < b, of containment a lies within b
    a: Numbers
    b: Numbers
    # float64[p]
    similarity: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sets:
    """Sets of shingles; those that stand in one text only are counted, not kept."""

    # int64[d]
    sizes: Numbers
    # int64[d + 1] into ranks
    offsets: Numbers
    # of each text in ascending order; the rarest shingle of all has rank 0
    ranks: Numbers


def document_pairs(corpus: Path, lowest: float, n: int = 5) -> Pairs:
    """Find the pairs of a Parquet corpus with a Jaccard similarity of `lowest` and up.

    They are kept beside the corpus.
    """
    kept = corpus.with_suffix(f".truth-{n}-{lowest}.npz")
    if not kept.exists():
        say(f"finding all pairs of {corpus.name} exactly")
        pairs = similar_pairs(shingle_sets(read_texts(corpus), n), lowest)
        part = kept.with_suffix(".part.npz")
        np.savez(part, a=pairs.a, b=pairs.b, similarity=pairs.similarity)
        part.rename(kept)
    held = np.load(kept)
    return Pairs(held["a"], held["b"], held["similarity"])


def read_texts(corpus: Path) -> Iterator[str]:
    """Yield the column `text` of a Parquet file."""
    for batch in pq.ParquetFile(corpus).iter_batches(2_000, columns=["text"]):
        yield from batch.column(0).to_pylist()


def shingle_sets(texts: Iterable[str], n: int) -> Sets:
    """Make the set of shingles of n words of each text; of a shorter one all its words."""
    vocabulary: dict[str, int] = {}
    hashes = []
    for text in texts:
        words = WORDS(text.lower())
        ids = [vocabulary.setdefault(word, len(vocabulary)) for word in words]
        hashes.append(np.unique(_shingles(np.array(ids, np.uint64), n)))
    sizes = np.array([len(one) for one in hashes], np.int64)
    return _ranked(np.concatenate([np.empty(0, np.uint64), *hashes]), sizes)


def similar_pairs(sets: Sets, lowest: float) -> Pairs:
    """Find all pairs whose Jaccard similarity is `lowest` or more; no set is like an empty one."""
    prefixes = _prefix_lengths(sets, lowest)
    index = _index(sets, prefixes)

    def compare(text: int, others: Numbers) -> tuple[Numbers, npt.NDArray[np.float64]]:
        size = sets.sizes[text]
        shorter = np.minimum(sets.sizes[others], size)
        longer = np.maximum(sets.sizes[others], size)
        others = others[(others > text) & (shorter >= lowest * longer - 1e-9)]
        shared = _count_shared(sets, text, others)
        return others, shared / (size + sets.sizes[others] - shared)

    return _search(sets, prefixes, index, compare, lowest)


def contained_pairs(sets: Sets, lowest: float) -> Pairs:
    """Find all pairs (a, b) where b, with no fewer shingles, holds `lowest` or more of a's.

    Of two sets of one size the pair stands in both directions.
    """
    prefixes = _prefix_lengths(sets, lowest)
    index = _index(sets, np.diff(sets.offsets))

    def compare(text: int, others: Numbers) -> tuple[Numbers, npt.NDArray[np.float64]]:
        size = sets.sizes[text]
        others = others[(others != text) & (sets.sizes[others] >= size)]
        return others, _count_shared(sets, text, others) / size

    return _search(sets, prefixes, index, compare, lowest)


def _search(
    sets: Sets, prefixes: Numbers, index: tuple[Numbers, Numbers], compare: Compare, lowest: float
) -> Pairs:
    firsts, postings = index
    a, b, similarity = [], [], []
    for text in np.flatnonzero(prefixes):
        begin = sets.offsets[text]
        ranks = sets.ranks[begin : begin + prefixes[text]]
        near = postings[_spans(firsts[ranks], firsts[ranks + 1])]
        others, alike = compare(text, np.unique(near))
        reached = alike >= lowest
        a.append(np.full(int(reached.sum()), text))
        b.append(others[reached])
        similarity.append(alike[reached])
    none = np.empty(0, np.int64)
    return Pairs(
        np.concatenate([none, *a]),
        np.concatenate([none, *b]),
        np.concatenate([np.empty(0), *similarity]),
    )


def _count_shared(sets: Sets, text: int, others: Numbers) -> Numbers:
    if not len(others):
        return np.empty(0, np.int64)
    own = sets.ranks[sets.offsets[text] : sets.offsets[text + 1]]
    theirs = sets.ranks[_spans(sets.offsets[others], sets.offsets[others + 1])]
    at = np.minimum(np.searchsorted(own, theirs), len(own) - 1)
    lengths = sets.offsets[others + 1] - sets.offsets[others]
    held = np.concatenate([[0], np.cumsum(own[at] == theirs)])
    ends = np.cumsum(lengths)
    return held[ends] - held[ends - lengths]


def _prefix_lengths(sets: Sets, lowest: float) -> Numbers:
    """Count the rarest shingles that are to be looked at, those of one text only left out."""
    least = np.maximum(np.ceil(lowest * sets.sizes - 1e-9).astype(np.int64), 1)
    return np.maximum(np.diff(sets.offsets) - least + 1, 0)


def _index(sets: Sets, lengths: Numbers) -> tuple[Numbers, Numbers]:
    """List for each rank the texts that have it among their first `lengths` shingles."""
    ranks = sets.ranks[_spans(sets.offsets[:-1], sets.offsets[:-1] + lengths)]
    texts = np.repeat(np.arange(len(lengths)), lengths)
    most = int(sets.ranks.max(initial=-1)) + 1
    firsts = np.concatenate([[0], np.cumsum(np.bincount(ranks, minlength=most))])
    return firsts, texts[np.argsort(ranks, kind="stable")]


def _ranked(hashes: Hashes, sizes: Numbers) -> Sets:
    _, inverse, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    rank = np.empty(len(counts), np.int64)
    rank[np.argsort(counts, kind="stable")] = np.arange(len(counts))
    rank -= np.count_nonzero(counts == 1)
    ranks = rank[inverse]
    shared = ranks >= 0
    texts = np.repeat(np.arange(len(sizes)), sizes)[shared]
    ranks = np.sort((texts << 32) | ranks[shared]) & 0xFFFFFFFF
    kept = np.bincount(texts, minlength=len(sizes))
    return Sets(sizes, np.concatenate([[0], np.cumsum(kept)]), ranks)


def _shingles(ids: Hashes, n: int) -> Hashes:
    n = min(n, len(ids))
    if not n:
        return ids
    hashes = np.zeros(len(ids) - n + 1, np.uint64)
    for k in range(n):
        hashes = _mixed(hashes ^ (ids[k : len(ids) - n + 1 + k] + np.uint64(1)))
    return hashes


def _mixed(x: Hashes) -> Hashes:
    """Mix as SplitMix64 does (Steele, Lea, Flood 2014)."""
    x = x + np.uint64(SEEDS[0])
    x = (x ^ (x >> np.uint64(30))) * np.uint64(SEEDS[1])
    x = (x ^ (x >> np.uint64(27))) * np.uint64(SEEDS[2])
    return x ^ (x >> np.uint64(31))


def _spans(begins: Numbers, ends: Numbers) -> Numbers:
    """List the places of spans, one span after the other."""
    lengths = ends - begins
    before = np.cumsum(lengths) - lengths
    return np.repeat(begins - before, lengths) + np.arange(int(lengths.sum()))
