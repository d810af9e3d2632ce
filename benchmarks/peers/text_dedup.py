"""text-dedup: its command `text_dedup.minhash`, with the faster of its hashes.

It splits at every character that is no word character, so that a comma and a blank have an
empty word between them.
"""

import tempfile
from pathlib import Path

from benchmarks.peers.exchange import BANDS, PERMUTATIONS, ROWS, Components, N


def find(corpus: Path, out: Path, variant: str) -> None:
    """Find clusters; there is one `variant`, `clusters`."""
    assert variant == "clusters"
    from text_dedup import minhash  # noqa: PLC0415

    with tempfile.TemporaryDirectory(dir=out.parent) as temp:
        options = {
            "path": "parquet",
            "data_files": str(corpus),
            "split": "train",
            "cache_dir": f"{temp}/cache",
            "output": f"{temp}/output",
            "column": "text",
            "ngram": N,
            "num_perm": PERMUTATIONS,
            "b": BANDS,
            "r": ROWS,
            "hash_func": "xxh3",
            "hash_bits": 32,
            "num_proc": 1,
        }
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        minhash.main(words, standalone_mode=False)
    components = Components()
    for row in list(minhash.uf.parent):
        components.link(minhash.uf.find(row), row)
    components.write(out)
