"""Sketches of texts: distinct shingles, anchors, and a MinHash signature."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup import schema
from dedup.buffers import as_signed, list_array, text_buffers
from dedup.errors import SketchMismatch
from dedup.settings import MatchSettings
from dedup.sketch.characters import load_table
from dedup.sketch.sketch_kernels import sketch_texts

SCHEME = "affine32"
ANCHOR_WORDS = 8
"""Any run of so many words that two texts share gives them an anchor in common."""

Values = npt.NDArray[np.uint32]


def sketch(texts: pa.RecordBatch, settings: MatchSettings) -> pa.RecordBatch:
    """Sketch texts for matching.

    Parameters
    ----------
    texts: schema.TEXTS.
    settings: the length of a shingle in words, permutations and seed; anchors are made only
        where containment is asked for.

    Returns
    -------
    schema.SKETCHES with these settings in its metadata. A text that is shorter than one
    shingle has neither shingles nor anchors nor a signature: it equals only texts with the
    same key. The 32-bit hash of a shingle that its signature is made of is the upper half of
    the 64-bit one in `shingles`. Where a character is a word (text_keys says in which
    scripts), a shingle is as many characters.
    """
    data, offsets = text_buffers(texts.column("text"))
    a, b = permutations(settings.num_perm, settings.seed)
    signatures = np.zeros((texts.num_rows, settings.num_perm), np.uint32)
    window = 0 if settings.containment is None else max(1, ANCHOR_WORDS - settings.ngram + 1)
    shingles, shingle_offsets, anchors, anchor_offsets = sketch_texts(
        data, offsets, load_table(), settings.ngram, window, a, b, signatures
    )
    return pa.RecordBatch.from_arrays(
        [
            *(texts.column(name) for name in ("key", "scope", "rank")),
            list_array(as_signed(shingles), shingle_offsets),
            list_array(as_signed(anchors), anchor_offsets),
            _binary(signatures, np.diff(shingle_offsets) > 0),
        ],
        schema=sketch_schema(settings),
    )


def sketch_schema(settings: MatchSettings) -> pa.Schema:
    """Make schema.SKETCHES with the settings that its contents depend on."""
    metadata = {
        "scheme": SCHEME,
        "ngram": str(settings.ngram),
        "num_perm": str(settings.num_perm),
        "seed": str(settings.seed),
    }
    return schema.SKETCHES.with_metadata(metadata)


def check_same(one: pa.Schema, other: pa.Schema) -> None:
    """Check that two sets of sketches can be compared.

    Raises
    ------
    SketchMismatch: they differ in scheme, shingle length, permutations or seed.
    """
    for name in ("scheme", "ngram", "num_perm", "seed"):
        mine, theirs = (
            (s.metadata or {}).get(name.encode(), b"unknown").decode() for s in (one, other)
        )
        if mine != theirs:
            raise SketchMismatch(
                f"sketches of {name} {mine} cannot be compared with sketches of {name} {theirs}"
            )


def permutations(num_perm: int, seed: int) -> tuple[Values, Values]:
    """Draw the factors and summands of the permutations, as datasketch 2 does.

    Returns
    -------
    a: odd uint32[num_perm]; b: uint32[num_perm].
    """
    generator = np.random.RandomState(seed)
    a = generator.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    b = generator.randint(0, 1 << 32, num_perm, dtype=np.uint32)
    return a, b


def _binary(signatures: Values, signed: npt.NDArray[np.bool_]) -> pa.Array:
    """Make a binary array: the bytes of each signature, none for a text that has no shingle."""
    width = signatures.shape[1] * 4
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(signed * width)])
    data = np.ascontiguousarray(signatures[signed], "<u4")
    buffers = [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.binary(), len(signatures), buffers)
