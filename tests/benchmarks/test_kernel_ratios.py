"""Kernels are many times as fast as their plain twins.

Only ratios of CPU times of one run are asserted, by a wide margin: no seconds, which depend on
the machine.
"""

import time
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
import reference

from benchmarks.planted import Plan, rows
from dedup import schema
from dedup.match import verify
from dedup.settings import MatchSettings
from dedup.sketch import shingle, sign, sketch
from dedup.sketch.sketches import permutations, round_factors

pytest.importorskip(
    "pytest_benchmark", reason="pytest-benchmark is not installed (pip install '.[bench]')"
)

SETTINGS = MatchSettings(sketch="minhash")
FAST = MatchSettings(sketch="fss")
TEXTS = [row["text"] for row in rows(Plan(30, words=100))]
BATCH = pa.record_batch({"key": np.arange(len(TEXTS)), "text": pa.array(TEXTS)})
AT_LEAST = 20
SETS_AT_LEAST = 2
"""Python's sets are compiled, too."""
CUTS = 10


def plain_shingles():
    return [
        sorted(set(reference.shingle_hashes(reference.word_hashes(text), SETTINGS.ngram)))
        for text in TEXTS
    ]


def plain_signatures():
    a, b = permutations(SETTINGS.num_perm, SETTINGS.seed)
    return [reference.signature(shingles, a, b) for shingles in plain_shingles()]


def plain_fast_signatures():
    factors = round_factors(FAST.num_perm, FAST.seed).tolist()
    return [reference.fast_signature(held, factors, FAST.num_perm) for held in plain_shingles()]


def seconds(step):
    began = time.process_time()
    step()
    return time.process_time() - began


def check(benchmark, kernel, twin, at_least=AT_LEAST):
    kernel()
    benchmark(kernel)
    fast = min(seconds(kernel) for _ in range(5))
    assert seconds(twin) >= at_least * fast


def test_signatures_beat_their_plain_twin(benchmark):
    assert sign(BATCH["text"], SETTINGS).values.tolist() == plain_signatures()
    check(benchmark, lambda: sign(BATCH["text"], SETTINGS), plain_signatures)


def test_shingles_beat_their_plain_twin(benchmark):
    check(benchmark, lambda: shingle(BATCH, SETTINGS), plain_shingles)


def test_fast_similarity_sketches_beat_their_plain_twin(benchmark):
    zeros = np.zeros(len(TEXTS), np.int64)
    columns = {"key": BATCH["key"], "scope": zeros, "rank": zeros, "text": BATCH["text"]}
    texts = pa.RecordBatch.from_pydict(columns, schema=schema.TEXTS)
    made = sketch(texts, FAST).column("signature").to_pylist()
    assert [np.frombuffer(one, "<u4").tolist() for one in made] == plain_fast_signatures()
    check(benchmark, lambda: sketch(texts, FAST), plain_fast_signatures)


def test_verification_beats_python_sets(benchmark):
    # near-duplicates, some below the threshold: each text beside itself without its first words
    texts = [" ".join(text.split()[3 * k :]) for text in TEXTS for k in range(CUTS)]
    columns = {"key": np.arange(len(texts)), "text": pa.array(texts)}
    batch = shingle(pa.record_batch(columns), FAST)
    sets = list(map(set, batch.column("shingles").to_pylist()))
    begins = range(0, len(texts), CUTS)
    pairs = [pair for begin in begins for pair in combinations(range(begin, begin + CUTS), 2)]
    ends = [pa.array(column) for column in np.array(pairs).T]
    candidates = pa.RecordBatch.from_arrays(ends, schema=schema.CANDIDATES)

    def plain():
        kept = []
        for one, other in pairs:
            common = len(sets[one] & sets[other])
            similarity = common / (len(sets[one]) + len(sets[other]) - common)
            if similarity >= FAST.threshold:
                kept.append((one, other, similarity))
        return kept

    columns = verify(candidates, batch, FAST).to_pydict()
    made = zip(columns["a"], columns["b"], columns["similarity"], strict=True)
    expected = plain()
    assert list(made) == expected
    assert 0 < len(expected) < len(pairs)
    check(benchmark, lambda: verify(candidates, batch, FAST), plain, SETS_AT_LEAST)
