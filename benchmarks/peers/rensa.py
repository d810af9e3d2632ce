"""rensa: R-MinHash in a batch, from token hashes.

Its index gives pairs only for signatures that are Python objects one by one; it is faster to
take the matrix of signatures and to find equal bands in it with numpy.
"""

from pathlib import Path

import numpy as np
from rensa import RMinHash

from benchmarks.peers.exchange import (
    PERMUTATIONS,
    pairs_of_buckets,
    read_texts,
    shingle_hashes,
    verify_on_signatures,
    write_pairs,
)


def find(corpus: Path, out: Path, variant: str) -> None:
    """Find pairs: `buckets` or `verified`."""
    hashes, begins = shingle_hashes(read_texts(corpus))
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(hashes, begins, PERMUTATIONS, 42)
    signatures = np.array(matrix.to_rows(), np.uint32)
    a, b = pairs_of_buckets(signatures)
    if variant == "verified":
        a, b = verify_on_signatures(signatures, a, b)
    write_pairs(out, a, b)
