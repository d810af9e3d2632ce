"""Kernels are many times as fast as their plain twins; no times are asserted."""

import time

import numpy as np
import pyarrow as pa
import pytest
import reference

from benchmarks.planted import Plan, rows
from dedup.settings import MatchSettings
from dedup.sketch import shingle, sign
from dedup.sketch.sketches import permutations

pytest.importorskip(
    "pytest_benchmark", reason="pytest-benchmark is not installed (pip install '.[bench]')"
)

SETTINGS = MatchSettings(sketch="minhash")
TEXTS = [row["text"] for row in rows(Plan(30, words=100))]
BATCH = pa.record_batch({"key": np.arange(len(TEXTS)), "text": pa.array(TEXTS)})
AT_LEAST = 20


def plain_shingles():
    return [
        sorted(set(reference.shingle_hashes(reference.word_hashes(text), SETTINGS.ngram)))
        for text in TEXTS
    ]


def plain_signatures():
    a, b = permutations(SETTINGS.num_perm, SETTINGS.seed)
    return [reference.signature(shingles, a, b) for shingles in plain_shingles()]


def seconds(step):
    began = time.process_time()
    step()
    return time.process_time() - began


def check(benchmark, kernel, twin):
    kernel()
    benchmark(kernel)
    fast = min(seconds(kernel) for _ in range(5))
    assert seconds(twin) >= AT_LEAST * fast


def test_signatures_beat_their_plain_twin(benchmark):
    assert sign(BATCH["text"], SETTINGS).values.tolist() == plain_signatures()
    check(benchmark, lambda: sign(BATCH["text"], SETTINGS), plain_signatures)


def test_shingles_beat_their_plain_twin(benchmark):
    check(benchmark, lambda: shingle(BATCH, SETTINGS), plain_shingles)
