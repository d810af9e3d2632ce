"""What is compared of texts: signatures, distinct shingles, and anchors."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup import schema
from dedup.buffers import as_signed, list_array
from dedup.errors import SketchMismatch
from dedup.settings import MatchSettings, Sketch
from dedup.sketch import fss_kernels, minhash_kernels
from dedup.sketch.anchor_shape import anchor_shape
from dedup.sketch.runs import hash_runs, longest_run, most_shingles
from dedup.sketch.sketch_kernels import anchor_runs, distinct_runs

SCHEME = "affine32"
SCHEMES: dict[Sketch, str] = {"minhash": SCHEME, "fss": "fss"}
"""How the metadata of sketches names each kind."""

Values = npt.NDArray[np.uint32]
Hashes = npt.NDArray[np.uint64]
Offsets = npt.NDArray[np.int64]
SignRuns = Callable[[Hashes, Offsets, Values], None]


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
    """Make signatures of texts, of the kind that the settings name.

    Those of "minhash" are bit for bit those of datasketch 2: the 32-bit hash of a shingle that
    datasketch would be given is the upper half of the 64-bit one in schema.SHINGLES. Where a
    character is a word (text_keys says in which scripts), a shingle is as many characters.
    """
    values = np.zeros((len(texts), settings.num_perm), np.uint32)
    keys, n_words = np.zeros(len(texts), np.uint64), np.zeros(len(texts), np.int32)
    sign_runs = choose_signer(settings)
    for runs in hash_runs(texts, settings.ngram):
        some = slice(runs.begin, runs.end)
        keys[some], n_words[some] = runs.keys, runs.n_words
        sign_runs(runs.shingles, runs.ends, values[some])
    return Signatures(as_signed(keys), n_words, n_words >= settings.ngram, values)


def choose_signer(settings: MatchSettings) -> SignRuns:
    """Give the function that writes the signature of each run of shingles.

    It takes shingles: uint64[m]; ends: int64[n + 1], offsets into them; and
    signatures: uint32[n, num_perm], which it writes where a run is not empty.
    """
    if settings.sketch == "fss":
        factors = round_factors(settings.num_perm, settings.seed)
        bins = np.empty(2 * settings.num_perm, np.uint32)
        return lambda runs, ends, out: fss_kernels.sign_runs(runs, ends, factors, bins, out)
    a, b = permutations(settings.num_perm, settings.seed)

    def sign_runs(runs: Hashes, ends: Offsets, out: Values) -> None:
        mixed = np.empty(longest_run(ends) + 3, np.uint32)
        minhash_kernels.sign_runs(runs, ends, a, b, mixed, out)

    return sign_runs


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
    runs = hash_runs(texts.column("text"), settings.ngram)
    most = most_shingles(texts.column("text"))
    sets = _distinct(((each.shingles, each.ends) for each in runs), most)
    return pa.RecordBatch.from_arrays([texts.column("key"), sets], schema=schema.SHINGLES)


def anchors(texts: pa.Array, settings: MatchSettings) -> pa.ListArray:
    """Find the distinct anchors of texts, by which contained passages meet what holds them.

    MinHash compares whole sets, so a teaser and its article share no band. Two texts with a
    long enough run of words in common share an anchor, however much longer one of them is.
    An anchor is a run of words, too: longer than a shingle, or most candidates would share a
    phrase and nothing else.

    Parameters
    ----------
    settings: with a containment; `anchor_shape` tells what follows from it.

    Returns
    -------
    list<int64>[n], ascending as uint64; empty for a text that is shorter than one anchor.
    """
    n_words, window = anchor_shape(settings)
    chosen = (_select(each.shingles, each.ends, window) for each in hash_runs(texts, n_words))
    return _distinct(chosen, most_shingles(texts))


def sketch_schema(settings: MatchSettings) -> pa.Schema:
    """Make schema.SKETCHES with the settings that its contents depend on."""
    metadata = {
        "scheme": SCHEMES[settings.sketch],
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


def round_factors(num_perm: int, seed: int) -> npt.NDArray[np.uint64]:
    """Draw the factors of fss_kernels.sign: odd uint64[ROUNDS + num_perm]."""
    n = fss_kernels.ROUNDS + num_perm
    # not numpy's newer generators, whose numbers may change with its version
    drawn = np.random.RandomState(seed).randint(0, 1 << 63, n, dtype=np.uint64)
    return drawn * np.uint64(2) + np.uint64(1)


def _select(shingles: Hashes, ends: Offsets, window: int) -> tuple[Hashes, Offsets]:
    chosen, chosen_ends = np.empty(ends[-1], np.uint64), np.empty(len(ends), np.int64)
    anchor_runs(shingles, ends, window, chosen, chosen_ends)
    return chosen, chosen_ends


def _distinct(runs: Iterable[tuple[Hashes, Offsets]], most: int) -> pa.ListArray:
    """Make a list of the distinct values of each run, ascending as uint64: list<int64>.

    There are at most so many values; memory for those that are not there is never touched.
    """
    sets, offsets = np.empty(most, np.uint64), [np.zeros(1, np.int64)]
    count = 0
    for values, ends in runs:
        set_ends = np.empty(len(ends), np.int64)
        places = np.empty(2 * longest_run(ends) + 2, np.uint32)
        distinct_runs(values, ends, places, sets[count:], set_ends)
        offsets.append(count + set_ends[1:])
        count += int(set_ends[-1])
    return list_array(as_signed(sets[:count]), np.concatenate(offsets))


def _binary(signatures: Values, signed: npt.NDArray[np.bool_]) -> pa.Array:
    """Make a binary array: the bytes of each signature, none for a text that has no shingle."""
    width = signatures.shape[1] * 4
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(signed * width)])
    data = np.ascontiguousarray(signatures[signed], "<u4")
    buffers = [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.binary(), len(signatures), buffers)
