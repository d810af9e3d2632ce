"""Stages in memory on one core, beside what bounds them: copying, decompressing, decoding."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from datasketch import MinHash

from benchmarks import corpora
from benchmarks.measure import pin
from benchmarks.peers.exchange import shingle_strings
from dedup.buffers import text_buffers
from dedup.settings import MatchSettings
from dedup.sketch import shingle, sign

TIMES = 5
SLOW_DOCUMENTS = 300
"""So many of the texts are given to datasketch."""
PAGE_BYTES = 1 << 20

Step = Callable[[], object]


def run(data: Path, documents: int, core: int | None) -> Iterator[dict[str, Any]]:
    """Time each step on the texts of a planted corpus, the best of some times.

    Yields
    ------
    One row a step: MB of UTF-8 text a CPU second, and how often datasketch's time goes into it.
    """
    pin(core)
    corpus = corpora.planted(data, documents)
    texts = pq.read_table(corpus, columns=["text"])["text"].combine_chunks()
    few = texts.slice(0, SLOW_DOCUMENTS)
    theirs = _speed(lambda: _datasketch(few), few)
    for name, step in _steps(texts).items():
        yield _row(name, _speed(step, texts), theirs)
    yield _row("text to 128 permutations, datasketch", theirs, theirs)


def _steps(texts: pa.StringArray) -> dict[str, Step]:
    raw, offsets = text_buffers(texts)
    held = raw[offsets[0] : offsets[-1]]
    target = np.empty_like(held)
    pages = [pa.compress(held[i : i + PAGE_BYTES], "zstd") for i in range(0, len(held), PAGE_BYTES)]
    sizes = [min(PAGE_BYTES, len(held) - i) for i in range(0, len(held), PAGE_BYTES)]
    plain, packed = (_as_parquet(texts, how) for how in ("none", "zstd"))
    minhash, fss = MatchSettings(sketch="minhash"), MatchSettings(sketch="fss")

    batch = pa.record_batch({"key": np.arange(len(texts)), "text": texts})

    def decompress() -> None:
        for page, size in zip(pages, sizes, strict=True):
            pa.decompress(page, size, "zstd")

    return {
        "copy in memory": lambda: np.copyto(target, held),
        "decompress zstd": decompress,
        "decode Parquet, not compressed": lambda: _decode(plain),
        "decode Parquet, zstd": lambda: _decode(packed),
        "text to 128 permutations": lambda: sign(texts, minhash),
        "text to 128 values by fast similarity sketching": lambda: sign(texts, fss),
        "text to sets of shingles": lambda: shingle(batch, minhash),
    }


def _speed(step: Step, texts: pa.StringArray) -> float:
    """Give MB of text a CPU second."""
    _, offsets = text_buffers(texts)
    spent = []
    for _ in range(TIMES + 1):
        began = time.process_time()
        step()
        spent.append(time.process_time() - began)
    # the first compiles, or fills caches
    return (offsets[-1] - offsets[0]) / 1e6 / min(spent[1:])


def _datasketch(texts: pa.StringArray) -> None:
    sets = ([s.encode() for s in shingle_strings(text)] for text in texts.to_pylist())
    for _ in MinHash.generator(sets, num_perm=128):
        pass


def _as_parquet(texts: pa.StringArray, compression: str) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"text": texts}), sink, compression=compression)
    return sink.getvalue()


def _decode(file: pa.Buffer) -> None:
    pq.read_table(pa.BufferReader(file), use_threads=False)


def _row(name: str, speed: float, theirs: float) -> dict[str, Any]:
    return {
        "step": name,
        "MB per CPU second": round(speed, 1 if speed < 100 else None),
        "times datasketch": round(speed / theirs, 1),
    }
