"""From texts to what is compared of them: keys, signatures, shingles and anchors."""

from dedup.sketch.exchange import from_datasketch, to_datasketch
from dedup.sketch.keys import block_keys, text_keys
from dedup.sketch.sequences import locate_words, word_sequences
from dedup.sketch.sketches import (
    Signatures,
    anchors,
    check_same,
    permutations,
    shingle,
    sign,
    sketch,
    sketch_schema,
)

__all__ = [
    "Signatures",
    "anchors",
    "block_keys",
    "check_same",
    "from_datasketch",
    "locate_words",
    "permutations",
    "shingle",
    "sign",
    "sketch",
    "sketch_schema",
    "text_keys",
    "to_datasketch",
    "word_sequences",
]
