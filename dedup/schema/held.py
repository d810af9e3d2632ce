"""The tables of an index: what a finished run leaves for the next one."""

import pyarrow as pa

from dedup.schema.flow import BITS, BODIES, COMPONENT_PAIRS, DOCUMENTS, SKETCHES

HELD_DOCUMENTS = pa.schema(
    [
        # BODIES.key: the words of the body, and the scope
        pa.field("key", pa.int64(), nullable=False),
        # unique within the index
        pa.field("document", pa.int64(), nullable=False),
        # as in the result of its run; unique within the index
        pa.field("id", pa.string(), nullable=False),
        # by what the keep policies rank
        *(DOCUMENTS.field(n) for n in ("source", "offset", "date")),
        BODIES.field("n_characters"),
        # whether the document was kept, so that its text has been handed on
        pa.field("delivered", pa.bool_(), nullable=False),
    ]
)
"""`INDEX/documents/`, one row a document whose body has words; sorted by (key, document)."""

HELD_TEXTS = pa.schema(
    [
        pa.field("key", pa.int64(), nullable=False),
        # the lowest key of the texts that verified pairs connect; its own if there are none
        pa.field("component", pa.int64(), nullable=False),
        SKETCHES.field("signature"),
        pa.field("text", pa.string(), nullable=False),
    ]
)
"""`INDEX/texts/`, one row a distinct body; sorted by key."""

HELD_BUCKETS = pa.schema(
    [
        # as in BUCKETS
        pa.field("bucket", pa.int64(), nullable=False),
        pa.field("key", pa.int64(), nullable=False),
        *BITS,
    ]
)
"""`INDEX/buckets/`, sorted by (bucket, key)."""

HELD_PAIRS = pa.schema(
    [COMPONENT_PAIRS.field(name) for name in ("component", "a", "b", "similarity", "containment")]
)
"""`INDEX/pairs/`, the verified pairs; sorted by (component, a, b)."""

HELD = {
    "documents": HELD_DOCUMENTS,
    "texts": HELD_TEXTS,
    "buckets": HELD_BUCKETS,
    "pairs": HELD_PAIRS,
}
"""The tables by their folders; each is sorted by its first column, whose ranges its parts are."""
