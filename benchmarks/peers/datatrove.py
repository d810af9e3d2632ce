r"""datatrove: its pipeline of signatures, buckets and clusters, on one local worker.

Words are found by `\\w+` instead of spaCy's English tokenizer, its default: that is faster, and
the shingles are those of the others.
"""

import struct
import tempfile
from pathlib import Path

import numpy as np
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import minhash
from datatrove.pipeline.dedup.minhash import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupSignature,
)
from datatrove.pipeline.readers import ParquetReader
from datatrove.utils.hashing import HashConfig
from datatrove.utils.text import TextNormConfig
from datatrove.utils.word_tokenizers import WordTokenizer

from benchmarks.peers.exchange import BANDS, ROWS, WORDS, N, write_clusters


class Words(WordTokenizer):
    """Runs of word characters."""

    def word_tokenize(self, text: str) -> list[str]:
        """Split a text to words."""
        return WORDS(text)

    def sent_tokenize(self, text: str) -> list[str]:
        """Take a text as one sentence; the pipeline asks for none."""
        return [text]

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        """Take a text as one span; the pipeline asks for none."""
        return [(0, len(text))]


def find(corpus: Path, out: Path, variant: str) -> None:
    """Find clusters; there is one `variant`, `clusters`."""
    assert variant == "clusters"
    config = MinhashConfig(
        n_grams=N,
        num_buckets=BANDS,
        hashes_per_bucket=ROWS,
        hash_config=HashConfig(precision=64, hash_fc="xxhash"),
        norm_config=TextNormConfig(
            norm_whitespace=False,
            remove_punctuation=False,
            norm_unicode_diacritics=False,
            norm_numbers=False,
        ),
    )
    with tempfile.TemporaryDirectory(dir=out.parent) as temp:
        reader = ParquetReader(str(corpus.parent), glob_pattern=corpus.name)
        # it would ask for spaCy before one can give it another
        minhash.load_word_tokenizer = lambda _language: Words()
        sign = MinhashDedupSignature(f"{temp}/signatures", config)
        _run(temp, [reader, sign], 1)
        pair = MinhashDedupBuckets(f"{temp}/signatures", f"{temp}/buckets", config=config)
        _run(temp, [pair], BANDS)
        cluster = MinhashDedupCluster(
            f"{temp}/buckets", f"{temp}/clusters", config=config, save_cluster_id=True
        )
        _run(temp, [cluster], 1)
        held = Path(f"{temp}/clusters/000000.clusters")
        raw = held.read_bytes() if held.exists() else b""
    table = np.array(list(struct.iter_unpack("<2I", raw)), np.int64).reshape(-1, 2)
    write_clusters(out, table[:, 0], table[:, 1])


def _run(temp: str, steps: list, tasks: int) -> None:
    LocalPipelineExecutor(
        pipeline=steps, tasks=tasks, workers=1, logging_dir=f"{temp}/logs-{steps[-1].name}"
    ).run()
