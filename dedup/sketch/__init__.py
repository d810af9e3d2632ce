"""From texts to what is compared of them: keys, shingles, anchors and signatures."""

from dedup.sketch.exchange import from_datasketch, to_datasketch
from dedup.sketch.keys import block_keys, text_keys
from dedup.sketch.sketches import check_same, permutations, sketch, sketch_schema

__all__ = [
    "block_keys",
    "check_same",
    "from_datasketch",
    "permutations",
    "sketch",
    "sketch_schema",
    "text_keys",
    "to_datasketch",
]
