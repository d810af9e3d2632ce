"""The signatures of an index in datasketch's own storage, for services."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.errors import BadIndex
from dedup.index.files import list_shards, read_shard
from dedup.index.header import Index
from dedup.match import choose_bands
from dedup.sketch import sketch_schema, to_datasketch

if TYPE_CHECKING:
    from datasketch import MinHash, MinHashLSH

SESSION = 50_000
"""Documents whose insertions are sent to a storage together."""


def to_datasketch_lsh(
    index: Index, storage_config: Mapping[str, Any] | None = None
) -> "MinHashLSH":
    """Put the documents of an index into a datasketch.MinHashLSH, cut into the same bands.

    A query gives the ids of documents that share a band, duplicates that went among them: as
    candidates, of which the exact similarity is still to be computed. Documents shorter than
    one shingle have no signature and are left out. Scopes are not told apart. To put an index
    into the same storage again does no harm.

    Parameters
    ----------
    index: as `open_index` gives it.
    storage_config: where datasketch keeps the buckets, as its documentation says: in memory
        if None, or in Redis, or Cassandra. With a `basename` a service opens the same storage
        again: `MinHashLSH(num_perm=lsh.h, params=(lsh.b, lsh.r), storage_config=...,
        prepickle=True)`.

    Raises
    ------
    BadIndex: it was built with `--sketch fss`, which datasketch does not know, or is damaged.

    Examples
    --------
    >>> lsh = to_datasketch_lsh(open_index(Path("crawl.index")))  # doctest: +SKIP
    >>> lsh.query(minhash)  # doctest: +SKIP
    ['a4f0c1d2e3b4a596']
    """
    from datasketch import MinHashLSH  # noqa: PLC0415 - 0.4 s that others need not pay

    settings = index.match
    if settings.sketch != "minhash":
        raise BadIndex(f"{index.folder} holds sketches of {settings.sketch}, which are no MinHash")
    cut = choose_bands(settings)
    config = dict(storage_config or {"type": "dict"})
    lsh = MinHashLSH(
        num_perm=settings.num_perm,
        params=(cut.n_bands, cut.rows),
        storage_config=config,
        # ids are text, of which only memory can make keys
        prepickle=config.get("type") != "dict",
    )
    rest = signed_documents(index)
    # a session holds all that was put in until it ends
    while some := list(islice(rest, SESSION)):
        with lsh.insertion_session(buffer_size=SESSION) as session:
            for id_, minhash in some:
                session.insert(id_, minhash, check_duplication=False)
    return lsh


def signed_documents(index: Index) -> "Iterator[tuple[str, MinHash]]":
    """Yield the id and the signature of each document that has one, in the order of their keys.

    Raises
    ------
    BadIndex: a part is damaged.
    """
    about = sketch_schema(index.match)
    signed = pa.schema([about.field("signature")], about.metadata)
    for shard in list_shards(index.folder, "texts", columns=("key", "signature")):
        for texts in read_shard(shard):
            keys = texts.column("key").to_numpy()
            sketches = pa.RecordBatch.from_arrays([texts.column("signature")], schema=signed)
            minhashes = to_datasketch(sketches)
            for id_, place in _documents(index, keys):
                if (minhash := minhashes[place]) is not None:
                    yield id_, minhash


def _documents(index: Index, keys: npt.NDArray[np.int64]) -> Iterator[tuple[str, int]]:
    """Yield the id of each document of some texts, and the place of its text among `keys`."""
    for shard in list_shards(index.folder, "documents", keys, ("key", "id")):
        for documents in read_shard(shard):
            places = np.searchsorted(keys, documents.column("key").to_numpy())
            yield from zip(documents.column("id").to_pylist(), places.tolist(), strict=True)
