"""Signatures to and from datasketch's own objects."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dedup.errors import SketchMismatch
from dedup.sketch.sketches import SCHEME

if TYPE_CHECKING:
    from datasketch import MinHash


def to_datasketch(sketches: pa.RecordBatch) -> "list[MinHash | None]":
    """Make a datasketch.MinHash of each signature.

    Parameters
    ----------
    sketches: schema.SKETCHES with its metadata.

    Returns
    -------
    One object a row, ready for any of datasketch's indexes; None for a text that is shorter
    than one shingle.

    Raises
    ------
    SketchMismatch: the metadata names another scheme, or no num_perm or seed.
    """
    from datasketch import MinHash  # noqa: PLC0415 - 0.4 s that others need not pay

    metadata = sketches.schema.metadata or {}
    if metadata.get(b"scheme", SCHEME.encode()) != SCHEME.encode():
        raise SketchMismatch(f"sketches of scheme {metadata[b'scheme'].decode()} are no MinHash")
    try:
        num_perm, seed = (int(metadata[name]) for name in (b"num_perm", b"seed"))
    except KeyError as missing:
        raise SketchMismatch(f"the sketches do not say their {missing.args[0].decode()}") from None
    made = []
    for value in sketches.column("signature").to_pylist():
        values = np.frombuffer(value, "<u4")
        # datasketch wants to know the scheme of values that it did not compute itself
        given = {"num_perm": num_perm, "seed": seed, "hashvalues": values, "scheme": SCHEME}
        made.append(MinHash(**given) if len(values) else None)
    return made


def from_datasketch(minhashes: "Sequence[MinHash | None]") -> pa.Array:
    """Make the signatures of datasketch.MinHash objects, as in schema.SKETCHES.

    None, and an object that nothing was put into, become an empty signature.

    Raises
    ------
    SketchMismatch: they are of another scheme, or differ in permutations or seed.
    """
    given = [m for m in minhashes if m is not None]
    for other in {m.scheme for m in given} - {SCHEME}:
        raise SketchMismatch(f"MinHash objects of scheme {other} cannot become {SCHEME}")
    if len({(m.num_perm, m.seed) for m in given}) > 1:
        raise SketchMismatch("the MinHash objects differ in num_perm or seed")
    values = [
        b"" if m is None or m.is_empty() else np.asarray(m.hashvalues, "<u4").tobytes()
        for m in minhashes
    ]
    return pa.array(values, pa.binary())
