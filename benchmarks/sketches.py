"""Kinds of sketches side by side: how fast they are made, and how far off they are."""

import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmarks.measure import pin
from benchmarks.planted import Plan, rows
from dedup.buffers import text_buffers
from dedup.match import band_buckets, choose_bands
from dedup.settings import MatchSettings, Sketch
from dedup.sketch import sign
from dedup.sketch.characters import load_table
from dedup.sketch.runs_kernels import hash_texts
from dedup.sketch.shingles_kernels import hash_shingles
from dedup.sketch.sketches import choose_signer
from dedup.sketch.words_kernels import PADDING, fold, hash_sequence, hash_words

KINDS: tuple[Sketch, ...] = get_args(Sketch)
TIMES = 5
SIZES = (5, 20, 50, 200, 1000, 5000)
GROUP_TEXTS = 64
"""So many texts go through one step after the other, and stay in the cache."""

Hashes = npt.NDArray[np.uint64]
Spent = dict[str, float]
"""CPU seconds of each step."""


def speeds(documents: int, core: int | None) -> Iterator[dict[str, Any]]:
    """Time each step, and the whole by each kind, pinned to one core; the best of TIMES.

    Yields
    ------
    One row a step: MB of UTF-8 text a CPU second.
    """
    pin(core)
    texts = pa.array([row["text"] for row in rows(Plan(documents))])
    n_bytes = sum(map(len, texts.cast(pa.binary()).to_pylist()))
    wholes = {kind: MatchSettings(sketch=kind) for kind in KINDS}
    for how in wholes.values():
        sign(texts.slice(0, 2), how)
    spent: dict[str, list[float]] = {}
    for _ in range(TIMES):
        for step, seconds in _steps(texts).items():
            spent.setdefault(step, []).append(seconds)
        for kind, how in wholes.items():
            whole: Spent = {}
            _clock(whole, "whole", sign, texts, how)
            spent.setdefault(f"text to {kind} signatures", []).append(whole["whole"])
    for step, times in spent.items():
        yield {"step": step, "MB per CPU second": round(n_bytes / 1e6 / min(times))}


def _steps(texts: pa.Array) -> Spent:
    """Take all texts through each step apart, group by group; give the seconds of each."""
    data, offsets = text_buffers(texts)
    table, ngram, num_perm = load_table(), MatchSettings().ngram, MatchSettings().num_perm
    signers = {kind: choose_signer(MatchSettings(sketch=kind)) for kind in KINDS}
    spent: Spent = {}
    for begin, end in pairwise([*range(0, len(texts), GROUP_TEXTS), len(texts)]):
        of = offsets[begin : end + 1]
        n = int(of[-1] - of[0])
        folded = np.empty(2 * n + PADDING, np.uint8)
        words, shingles = np.zeros((2, n + 1), np.uint64)
        # as one text: what is done once a text is little
        n_folded = _clock(spent, "fold", fold, data, of[0], of[-1], table, folded)
        n_words = _clock(spent, "words", hash_words, folded, n_folded, words)
        _clock(spent, "keys", hash_sequence, words, n_words)
        _clock(spent, "shingles", hash_shingles, words, n_words, ngram, shingles)
        keys, counts = np.empty(end - begin, np.uint64), np.empty(end - begin, np.int32)
        ends = np.empty(end - begin + 1, np.int64)
        results = (keys, counts, shingles, ends)
        hash_texts(data, of[:-1], of[1:], table, ngram, folded, words, *results)
        values = np.zeros((end - begin, num_perm), np.uint32)
        for kind, signer in signers.items():
            _clock(spent, f"{kind} of the shingles", signer, shingles, ends, values)
    return spent


def _clock(spent: Spent, step: str, run: Callable[..., Any], *arguments: Any) -> Any:
    """Call, and add the processor's seconds to those of the step."""
    began = time.process_time()
    made = run(*arguments)
    spent[step] = spent.get(step, 0.0) + time.process_time() - began
    return made


def errors(similarity: float, most_pairs: int) -> Iterator[dict[str, Any]]:
    """Measure the error of each kind, and the recall of bands for that threshold.

    Yields
    ------
    One row a size of sets: mean squared error of the estimate times 10,000, beside the
    variance of independent values, and share of pairs that share a band, beside the S-curve.
    """
    for size in SIZES:
        n_pairs = min(most_pairs, 10_000_000 // size)
        one, other, exact = _pairs(size, similarity, n_pairs)
        row: dict[str, Any] = {"shingles": size, "similarity": round(exact, 3)}
        error: dict[str, float] = {"theory": exact * (1 - exact) / MatchSettings().num_perm}
        recall: dict[str, float] = {}
        for kind in KINDS:
            how = MatchSettings(sketch=kind, threshold=similarity)
            cut = choose_bands(how)
            mine, theirs = (_sign_sets(sets, how) for sets in (one, other))
            error[kind] = float(np.mean(((mine == theirs).mean(axis=1) - exact) ** 2))
            scopes = np.zeros(n_pairs, np.uint64)
            buckets = (band_buckets(values, scopes, cut) for values in (mine, theirs))
            recall["curve"] = cut.recall(exact)
            recall[kind] = float(np.equal(*buckets).any(axis=1).mean())
        row |= {f"error², {name}": round(1e4 * value, 2) for name, value in error.items()}
        yield row | {f"recall, {name}": round(value, 4) for name, value in recall.items()}


def _pairs(size: int, similarity: float, n_pairs: int) -> tuple[Hashes, Hashes, float]:
    n_common = round(2 * size * similarity / (1 + similarity))
    n_apart = size - n_common
    random = np.random.default_rng(1)
    drawn = random.integers(0, 2**64, (n_pairs, size + n_apart), dtype=np.uint64)
    exact = n_common / (size + n_apart)
    return drawn[:, :size].copy(), drawn[:, n_apart:].copy(), exact


def _sign_sets(sets: Hashes, how: MatchSettings) -> npt.NDArray[np.uint32]:
    values = np.empty((len(sets), how.num_perm), np.uint32)
    ends = np.arange(len(sets) + 1) * sets.shape[1]
    choose_signer(how)(sets.reshape(-1), ends, values)
    return values
