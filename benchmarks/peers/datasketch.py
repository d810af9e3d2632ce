"""datasketch 2 (MinHash.generator, MinHashLSH with an insertion session)."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from datasketch import MinHash, MinHashLSH
from datasketch.hashfunc import sha1_hash32

from benchmarks.peers.exchange import (
    BANDS,
    PERMUTATIONS,
    ROWS,
    THRESHOLD,
    Numbers,
    read_texts,
    shingle_strings,
    verify_on_signatures,
    write_pairs,
)


def find(corpus: Path, out: Path, variant: str) -> None:
    """Find pairs: `default` bands, or `buckets` or `verified` on bands of our choice."""
    hashed = _xxhash() if "xxhash" in variant else sha1_hash32
    sets = ([s.encode() for s in shingle_strings(text)] for text in read_texts(corpus))
    sketches = list(MinHash.generator(sets, num_perm=PERMUTATIONS, hashfunc=hashed))
    if variant.startswith("default"):
        index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    else:
        index = MinHashLSH(num_perm=PERMUTATIONS, params=(BANDS, ROWS))
    with index.insertion_session() as session:
        for row, sketch in enumerate(sketches):
            session.insert(row, sketch)
    a, b = _query(index, sketches)
    if variant.startswith("verified"):
        a, b = verify_on_signatures(np.array([s.hashvalues for s in sketches]), a, b)
    write_pairs(out, a, b)


def _query(index: MinHashLSH, sketches: list[MinHash]) -> tuple[Numbers, Numbers]:
    found = [
        (row, other)
        for row, sketch in enumerate(sketches)
        for other in index.query(sketch)
        if other > row
    ]
    pairs = np.array(found, np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _xxhash() -> Callable[[bytes], int]:
    import xxhash  # noqa: PLC0415

    return xxhash.xxh32_intdigest
