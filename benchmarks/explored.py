"""A result of ten million blocks, made up: no crawl is cleaned for it.

Its tables have the columns, the order and the row groups of a real one, and its clusters are
skewed as those of a crawl: one block stands on every page, most stand on two.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup import schema
from dedup.report.manifest import Counts, Manifest, Removal, part_versions, write_manifest
from dedup.report.rejected import write_rejected
from dedup.report.rows import REJECTED_RECORDS
from dedup.report.tables import write_table
from dedup.settings import Settings

Ints = npt.NDArray[np.int64]

BATCH = 20_000
"""Documents that are made at once."""

SYLLABLES = [
    "ba",
    "ken",
    "dor",
    "mi",
    "sul",
    "tar",
    "vo",
    "lin",
    "gra",
    "pe",
    "sho",
    "ran",
    "del",
    "fi",
    "nor",
    "ak",
    "est",
    "ul",
    "wen",
    "ja",
    "ci",
    "ro",
]
REASONS = pa.array([None, *schema.BLOCK_REASONS])
WHY = pa.array([None, "link density 0.9; in <nav>", "a long run of words; ends with a full stop"])


@dataclass(frozen=True)
class Sizes:
    """How much is made up: documents, blocks of each, sites, and rows of the other tables."""

    documents: int = 500_000
    blocks: int = 20
    sites: int = 2_000
    passages: int = 1_000_000
    rejected: int = 50_000


def write_made_up(folder: Path, sizes: Sizes, seed: int = 1) -> None:
    """Write all files of a result but `report.html`."""
    random = np.random.default_rng(seed)
    ids = pa.array([f"{n:016x}" for n in np.sort(_distinct(random, sizes.documents)).tolist()])
    sites = np.minimum(random.zipf(1.3, sizes.documents), sizes.sites) - 1
    phrases = make_phrases(random, 50_000)
    copied = _document_clusters(random, sizes.documents)
    places = _block_clusters(random, sizes.documents * sizes.blocks)
    outcomes = _outcomes(random, copied, places, sizes)
    for name, columns, rows in (
        ("documents", schema.DOCUMENTS_OUT, _documents(ids, sites, phrases, copied, outcomes[0])),
        ("blocks", schema.BLOCKS_OUT, _blocks(ids, phrases, places, outcomes, sizes.blocks)),
        ("clusters", schema.CLUSTERS_OUT, _clusters(ids, copied, places, sizes.blocks)),
        ("passages", schema.PASSAGES_OUT, _passages(random, ids, phrases, sizes.passages)),
    ):
        write_table(rows, columns, folder / name, "parquet")
    write_rejected(_rejected(sizes.rejected), folder / "rejected.jsonl")
    write_manifest(folder, _manifest(sizes, sites, copied, places, outcomes))


def make_phrases(random: np.random.Generator, n: int) -> pa.Array:
    """Make up `n` phrases of five words, 33 characters on average."""
    words = [
        "".join(SYLLABLES[i] for i in row[: 2 + row[0] % 2])
        for row in random.integers(0, 22, (4000, 3))
    ]
    vocabulary = pa.array(words)
    ranks = np.minimum(random.zipf(1.2, (5, n)), 4000) - 1
    return pc.binary_join_element_wise(*(vocabulary.take(pa.array(row)) for row in ranks), " ")


def _distinct(random: np.random.Generator, n: int) -> Ints:
    return np.unique(random.integers(0, 2**62, n + n // 100 + 10))[:n]


def _skewed(random: np.random.Generator, n: int, largest: int) -> Ints:
    """Give `n` things numbers of clusters, whose sizes fall from `largest` to two."""
    ranks = np.arange(1, n)
    sizes = np.maximum(2, largest / ranks**1.3).astype(np.int64)
    numbers = np.repeat(np.arange(len(sizes)), sizes)[:n]
    return random.permutation(numbers)


def _document_clusters(random: np.random.Generator, n: int) -> Ints:
    """Tell the cluster of each document; -1 has none. A third of them are in one."""
    found = np.full(n, -1)
    members = random.choice(n, n // 3, replace=False)
    found[members] = _skewed(random, len(members), max(2, n // 25))
    return found


def _block_clusters(random: np.random.Generator, n: int) -> Ints:
    """Tell the cluster of each block; -1 has none. Two fifths of them are in one."""
    found = np.full(n, -1)
    members = random.choice(n, 2 * n // 5, replace=False)
    found[members] = _skewed(random, len(members), max(2, n // 20))
    return found


def _outcomes(
    random: np.random.Generator, copied: Ints, places: Ints, sizes: Sizes
) -> tuple[Ints, Ints]:
    """Tell for each document 0 (kept), 1 or 2 (place of its reason), for each block likewise."""
    first = np.zeros(len(copied), bool)
    first[np.unique(copied, return_index=True)[1]] = True
    documents = np.where((copied >= 0) & ~first, 1, 0)
    documents[(copied < 0) & (random.random(len(copied)) < 0.03)] = 2
    drawn = random.random(len(places))
    blocks = np.where(places >= 0, np.where(drawn < 0.7, 1, np.where(drawn < 0.8, 3, 0)), 0)
    blocks[(places < 0) & (drawn < 0.2)] = 1
    blocks[(blocks == 0) & (drawn > 0.97)] = 2
    blocks[(blocks == 0) & (drawn > 0.95)] = 4
    owner = np.repeat(documents, sizes.blocks)
    blocks[(blocks == 0) & (owner == 1)] = 5
    blocks[(blocks == 0) & (owner == 2)] = 1
    return documents, blocks


def _names(prefix: str, numbers: Ints) -> pa.Array:
    """Name clusters; the names' order is not that of sizes. -1 has no name."""
    mixed = (numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(8)
    found = pa.array([f"{prefix}{n:014x}" for n in mixed.tolist()])
    return pc.if_else(pa.array(numbers >= 0), found, pa.scalar(None, pa.string()))


def _join(phrases: pa.Array, rows: Ints, n: int) -> pa.Array:
    """Join `n` phrases for each row, the same ones for the same number."""
    mixed = [(rows * (7919 + 2 * i) + 104_729 * i) % len(phrases) for i in range(n)]
    return pc.binary_join_element_wise(*(phrases.take(pa.array(each)) for each in mixed), " ")


def _batches(n: int, step: int = BATCH) -> Iterator[tuple[int, int]]:
    for first in range(0, n, step):
        yield first, min(n, first + step)


def _of(columns: dict[str, pa.Array], table: pa.Schema) -> pa.RecordBatch:
    n = len(next(iter(columns.values())))
    arrays = [
        columns[f.name].cast(f.type) if f.name in columns else pa.nulls(n, f.type) for f in table
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=table)


def _documents(
    ids: pa.Array, sites: Ints, phrases: pa.Array, copied: Ints, outcomes: Ints
) -> Iterator[pa.RecordBatch]:
    keepers = np.full(int(copied.max()) + 2, -1)
    keepers[copied[outcomes != 1]] = np.flatnonzero(outcomes != 1)
    for a, b in _batches(len(ids)):
        rows, site = np.arange(a, b), pc.cast(pa.array(sites[a:b]), pa.string())
        site = pc.binary_join_element_wise("site", site, ".example", "")
        outcome = outcomes[a:b]
        text = _join(phrases, np.where(copied[a:b] >= 0, copied[a:b], rows), 24)
        in_one = pa.array(copied[a:b] >= 0)
        keeper = ids.take(pa.array(np.maximum(keepers[copied[a:b]], 0)))
        yield _of(
            {
                "id": ids.slice(a, b - a),
                "source": pa.array([f"crawl-{n // 50_000:03d}.warc.gz" for n in rows.tolist()]),
                "url": pc.binary_join_element_wise(
                    "https://", site, "/", _join(phrases, rows, 1), ids.slice(a, b - a), ""
                ),
                "title": _join(phrases, rows + 5, 1),
                "text": pc.if_else(pa.array(outcome == 0), text, pa.scalar(None, pa.string())),
                "keep": pa.array(outcome == 0),
                "reason": pa.array([None, *schema.DOCUMENT_REASONS]).take(pa.array(outcome)),
                "cluster": _names("d", copied[a:b]),
                "keeper": pc.if_else(in_one, keeper, pa.scalar(None, pa.string())),
                "similarity": pc.if_else(in_one, _similarity(rows, outcome == 0), None),
                "offset": pa.array(rows * 4_000),
                "site": site,
                "n_characters": pc.utf8_length(text),
            },
            schema.DOCUMENTS_OUT,
        )


def _similarity(rows: Ints, keeper: npt.NDArray[np.bool_]) -> pa.Array:
    return pa.array(np.where(keeper, 1.0, 0.8 + rows % 201 / 1000))


def _blocks(
    ids: pa.Array, phrases: pa.Array, places: Ints, outcomes: tuple[Ints, Ints], n: int
) -> Iterator[pa.RecordBatch]:
    for a, b in _batches(len(ids)):
        rows = np.arange(a * n, b * n)
        inside, reason, index = places[rows], outcomes[1][rows], rows % n
        # the words of a cluster are the same, but for the last ones of every seventh place
        text = _join(phrases, np.where(inside >= 0, inside, rows + len(phrases)), 2)
        tail = _join(phrases, np.where((inside >= 0) & (rows % 7 > 0), inside, rows), 1)
        text = pc.binary_join_element_wise(text, tail, " ")
        ends = np.cumsum(pc.utf8_length(text).to_numpy().reshape(-1, n) + 2, axis=1).ravel() - 2
        body = (reason == 0) | (reason >= 4)
        yield _of(
            {
                "document": ids.take(pa.array(rows // n)),
                "index": pa.array(index),
                "start": pa.array(ends - pc.utf8_length(text).to_numpy()),
                "end": pa.array(ends),
                "text": text,
                "label": pa.array(["boilerplate", "body"]).take(pa.array(body.astype(np.int8))),
                "probability": pa.array(np.where(body, 0.55, 0.02) + rows % 400 / 1000),
                "why": WHY.take(pa.array(np.where(body, 2, 1) * (rows % 3 > 0))),
                "keep": pa.array(reason == 0),
                "reason": REASONS.take(pa.array(reason)),
                "cluster": _names("b", inside),
                "site_pages": pa.array(np.where(inside >= 0, 2 + 5_000 // (inside + 2), 1)),
                "crawl_pages": pa.array(np.where(inside >= 0, 2 + 90_000 // (inside + 2), 1)),
            },
            schema.BLOCKS_OUT,
        )


def _clusters(ids: pa.Array, copied: Ints, places: Ints, n: int) -> Iterator[pa.RecordBatch]:
    for kind, numbers, width in (("block", places, n), ("document", copied, 1)):
        member = np.flatnonzero(numbers >= 0)
        named = _names(kind[0], numbers[member])
        rank = pc.rank(named, tiebreaker="dense").to_numpy().astype(np.int64)
        order = np.lexsort((member, rank))
        member, rank, named = member[order], rank[order], named.take(pa.array(order))
        keeper = np.concatenate([[True], rank[1:] != rank[:-1]])
        for a, b in _batches(len(member), 200_000):
            rows = member[a:b]
            yield _of(
                {
                    "cluster": named.slice(a, b - a),
                    "kind": pa.array([kind] * (b - a)),
                    "document": ids.take(pa.array(rows // width)),
                    **({"block": pa.array(rows % width)} if kind == "block" else {}),
                    "keeper": pa.array(keeper[a:b]),
                    "similarity": _similarity(rows, keeper[a:b]),
                    "containment": pa.array(np.ones(b - a)),
                    "indexed": pa.array(np.zeros(b - a, bool)),
                },
                schema.CLUSTERS_OUT,
            )


def _passages(
    random: np.random.Generator, ids: pa.Array, phrases: pa.Array, n: int
) -> Iterator[pa.RecordBatch]:
    """Passages of four places each, runs alone."""
    first = np.sort(random.integers(0, max(1, len(ids) - 4_000), n // 4))
    for a, b in _batches(len(first), 50_000):
        began = np.repeat(first[a:b], 4)
        rows, place = np.arange(4 * a, 4 * b), np.tile(np.arange(4), b - a)
        name = pc.binary_join_element_wise(
            ids.take(pa.array(began)),
            pa.array([f"@{n}-{n + 400}" for n in (rows // 4).tolist()]),
            "",
        )
        yield _of(
            {
                "passage": name,
                "kind": pa.array(["run"] * len(rows)),
                "document": ids.take(pa.array(np.minimum(began + place * 991, len(ids) - 1))),
                "start": pa.array(rows // 4),
                "end": pa.array(rows // 4 + 400),
                "first_block": pa.array(rows % 9),
                "last_block": pa.array(rows % 9 + 3),
                "n_words": pa.array(60 + rows // 4 % 140),
                "keep": pa.array(place == 0),
                "similarity": _similarity(rows, place == 0),
                "excerpt": pc.if_else(
                    pa.array(place == 0), _join(phrases, rows, 8), pa.scalar(None, pa.string())
                ),
            },
            schema.PASSAGES_OUT,
        )


def _rejected(n: int) -> Iterator[pa.RecordBatch]:
    for a, b in _batches(n):
        rows = range(a, b)
        yield _of(
            {
                "source": pa.array([f"crawl-{r // 5_000:03d}.warc.gz" for r in rows]),
                "offset": pa.array(np.arange(a, b) * 700),
                "reason": pa.array(
                    [f"the record's block is cut off after {r} bytes" for r in rows]
                ),
            },
            REJECTED_RECORDS,
        )


def _manifest(
    sizes: Sizes, sites: Ints, copied: Ints, places: Ints, outcomes: tuple[Ints, Ints]
) -> Manifest:
    documents = np.bincount(outcomes[0], minlength=3).tolist()
    blocks = np.bincount(outcomes[1], minlength=6).tolist()
    of_blocks = dict(zip(("kept", *schema.BLOCK_REASONS), blocks, strict=True))
    pages = np.bincount(sites, minlength=sizes.sites).tolist()
    return Manifest(
        dedup="0.1.0",
        command="clean",
        format="parquet",
        started="2026-11-24T09:30:00+00:00",
        seconds=9_000.0,
        bytes_read=100_000_000_000,
        inputs=("crawl",),
        settings=Settings(),
        counts=Counts(
            read=sizes.documents + sizes.rejected,
            rejected=sizes.rejected,
            documents=dict(zip(("kept", *schema.DOCUMENT_REASONS), documents, strict=True)),
            blocks=of_blocks,
            characters={name: 100 * n for name, n in of_blocks.items()},
            clusters={"block": int(places.max()) + 1, "document": int(copied.max()) + 1},
            members={"block": int((places >= 0).sum()), "document": int((copied >= 0).sum())},
            passages={"run": sizes.passages // 4},
            copies={"run": 3 * (sizes.passages // 4)},
        ),
        versions=part_versions(),
        sites=tuple(
            Removal(f"site{n}.example", count, count // 2, 1000 * count, 400 * count)
            for n, count in enumerate(pages)
            if count
        ),
        warnings=("crawl-003.warc.gz lost 95 % of its documents.",),
    )
