"""gaoya: words and shingles by its own analyser in Rust, pairs verified on signatures."""

from pathlib import Path

import numpy as np
from gaoya.minhash import MinHashStringIndex

from benchmarks.peers.exchange import BANDS, ROWS, THRESHOLD, N, read_texts, write_pairs


def find(corpus: Path, out: Path, variant: str) -> None:
    """Find pairs; there is one `variant`, `verified`."""
    assert variant == "verified"
    texts = read_texts(corpus)
    index = MinHashStringIndex(
        hash_size=32,
        jaccard_threshold=THRESHOLD,
        num_bands=BANDS,
        band_size=ROWS,
        analyzer="word",
        lowercase=True,
        ngram_range=(N, N),
        id_container="vec",
    )
    index.par_bulk_insert_docs(list(range(len(texts))), texts)
    pairs = np.array(
        [
            (row, other)
            for row, near in enumerate(index.par_bulk_query(texts))
            for other in near
            if other > row
        ],
        np.int64,
    ).reshape(-1, 2)
    write_pairs(out, pairs[:, 0], pairs[:, 1])
