"""FastSketchLSH: fast similarity sketching in a batch, from token hashes, and its own index."""

from pathlib import Path

import numpy as np
from FastSketchLSH import LSH, FastSimilaritySketch

from benchmarks.peers.exchange import (
    BANDS,
    PERMUTATIONS,
    pairs_of_lists,
    read_texts,
    shingle_hashes,
    verify_on_signatures,
    write_pairs,
)


def find(corpus: Path, out: Path, variant: str) -> None:
    """Find pairs: `buckets` or `verified`."""
    hashes, begins = shingle_hashes(read_texts(corpus))
    sketch = FastSimilaritySketch(size=PERMUTATIONS, seed=42)
    signatures = sketch.batch_csr(hashes, begins, prehashed=True, num_threads=1)
    index = LSH(PERMUTATIONS, BANDS, num_threads=1)
    index.insert(signatures)
    near, lists = index.query(signatures, "csr")
    a, b = pairs_of_lists(near.astype(np.int64), lists.astype(np.int64))
    if variant == "verified":
        a, b = verify_on_signatures(signatures, a, b)
    write_pairs(out, a, b)
