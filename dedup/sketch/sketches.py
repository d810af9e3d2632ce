"""What is compared of texts: signatures, distinct shingles, and anchors."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup import schema
from dedup.buffers import as_signed, list_array, text_buffers
from dedup.errors import SketchMismatch
from dedup.settings import MatchSettings
from dedup.sketch.characters import load_table
from dedup.sketch.signature_kernels import sign_texts
from dedup.sketch.sketch_kernels import anchor_texts, shingle_texts

SCHEME = "affine32"
ANCHOR_WORDS = 8
"""Any run of so many words that two texts share gives them an anchor in common."""

Values = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Signatures:
    """Of n texts: keys int64[n], n_words int32[n] (as text_keys), values uint32[n, p].

    Row i of `values` means something where `signed[i]`: elsewhere the text is shorter than
    one shingle, and equals only texts with the same key.
    """

    keys: npt.NDArray[np.int64]
    n_words: npt.NDArray[np.int32]
    signed: npt.NDArray[np.bool_]
    values: Values


def sign(texts: pa.Array, settings: MatchSettings) -> Signatures:
    """Make MinHash signatures of texts, bit for bit those of datasketch 2.

    The 32-bit hash of a shingle that datasketch would be given is the upper half of the
    64-bit one in schema.SHINGLES. Where a character is a word (text_keys says in which
    scripts), a shingle is as many characters.
    """
    data, offsets = text_buffers(texts)
    a, b = permutations(settings.num_perm, settings.seed)
    values = np.zeros((len(texts), settings.num_perm), np.uint32)
    keys, n_words = np.zeros(len(texts), np.uint64), np.zeros(len(texts), np.int32)
    sign_texts(data, offsets, load_table(), settings.ngram, a, b, values, keys, n_words)
    return Signatures(as_signed(keys), n_words, n_words >= settings.ngram, values)


def sketch(texts: pa.RecordBatch, settings: MatchSettings) -> pa.RecordBatch:
    """Sketch texts for matching.

    Parameters
    ----------
    texts: schema.TEXTS.

    Returns
    -------
    schema.SKETCHES with these settings in its metadata.
    """
    signatures = sign(texts.column("text"), settings)
    return pa.RecordBatch.from_arrays(
        [
            *(texts.column(name) for name in ("key", "scope", "rank")),
            _binary(signatures.values, signatures.signed),
        ],
        schema=sketch_schema(settings),
    )


def shingle(texts: pa.RecordBatch, settings: MatchSettings) -> pa.RecordBatch:
    """Make the sets of shingles by which similarity is computed.

    Parameters
    ----------
    texts: has columns key and text.

    Returns
    -------
    schema.SHINGLES, in the order of `texts`; the set of a text that is shorter than one
    shingle is empty.
    """
    data, offsets = text_buffers(texts.column("text"))
    ends = np.zeros(texts.num_rows + 1, np.int64)
    shingles = shingle_texts(data, offsets, load_table(), settings.ngram, ends)
    return pa.RecordBatch.from_arrays(
        [texts.column("key"), list_array(as_signed(shingles), ends)], schema=schema.SHINGLES
    )


def anchors(texts: pa.Array, settings: MatchSettings) -> pa.ListArray:
    """Find the distinct anchors of texts, by which contained passages meet what holds them.

    MinHash compares whole sets, so a teaser and its article share no band. Two texts with a
    run of ANCHOR_WORDS words in common share an anchor, however much longer one of them is.

    Returns
    -------
    list<int64>[n], ascending as uint64; empty for a text that is shorter than one shingle.
    """
    data, offsets = text_buffers(texts)
    ends = np.zeros(len(texts) + 1, np.int64)
    window = max(1, ANCHOR_WORDS - settings.ngram + 1)
    found = anchor_texts(data, offsets, load_table(), (settings.ngram, window), ends)
    return list_array(as_signed(found), ends)


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
