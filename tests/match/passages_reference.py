"""Slow, obvious twins for passages: windows compared one by one."""

import numpy as np
import pyarrow as pa

from dedup.match import runs

Sequences = list[list[int]]
Place = tuple[int, int]


def windows(sequences: Sequences, size: int) -> dict[tuple[int, ...], list[Place]]:
    """List all places of each window, in the order of documents and positions."""
    found: dict[tuple[int, ...], list[Place]] = {}
    for rank, sequence in enumerate(sequences):
        for at in range(len(sequence) - size + 1):
            found.setdefault(tuple(sequence[at : at + size]), []).append((rank, at))
    return found


def repeating(sequences: Sequences, size: int) -> set[Place]:
    """Places of windows that stand earlier, too."""
    return {place for places in windows(sequences, size).values() for place in places[1:]}


def flat(sequences: Sequences) -> tuple[np.ndarray, np.ndarray]:
    offsets = np.cumsum([0, *map(len, sequences)]).astype(np.int64)
    return np.array([s for one in sequences for s in one], np.uint64), offsets


def find_runs(
    sequences: Sequences, size: int, found: tuple[np.ndarray, ...]
) -> list[tuple[int, int, int, int, int]]:
    """Take hashed windows through the stages of the product, without an engine.

    Returns
    -------
    (rank, begin, end, source_rank, source_begin) of each run.
    """
    symbols, offsets = flat(sequences)
    ranks = np.arange(len(sequences))
    placed = runs.place_windows(found, ranks, np.zeros(len(sequences), np.int64)).to_pylist()
    firsts: dict[int, list[int]] = {}
    for row in placed:
        firsts.setdefault(row["bucket"], []).append(row["place"])
    repeated = sorted(
        (place, places[0])
        for places in map(sorted, firsts.values())
        if len(places) > 1
        for place in places
    )
    table = pa.RecordBatch.from_pylist(
        [{"rank": p >> 32, "place": p, "first": f} for p, f in repeated], schema=runs.REPEATED
    )
    chains = runs.chain(table, size=size).to_pylist()
    named = [{**c, "document": c["rank"], "source": c["source_rank"], "led": False} for c in chains]
    named.sort(key=lambda c: (c["rank"], c["source"], c["source_begin"] - c["begin"], c["begin"]))
    grown = runs.extend(
        pa.RecordBatch.from_pylist(named, schema=runs.RUNS), ranks, symbols, offsets, size=size
    ).to_pylist()
    grown.sort(
        key=lambda c: (c["rank"], c["begin"], -c["end"], c["source_rank"], c["source_begin"])
    )
    settled = runs.settle(pa.RecordBatch.from_pylist(grown, schema=runs.RUNS)).to_pylist()
    while any(run["led"] for run in settled):
        asking = [{**run, "holder": run["source_rank"], "asks": True} for run in settled]
        asking += [{**run, "holder": run["rank"], "asks": False} for run in settled]
        asking.sort(key=lambda run: (run["holder"], run["asks"], run["begin"], run["rank"]))
        settled = runs.lead(pa.RecordBatch.from_pylist(asking, schema=runs.ASKING)).to_pylist()
    settled.sort(key=lambda run: (run["rank"], run["begin"]))
    names = ("rank", "begin", "end", "source_rank", "source_begin")
    return [tuple(row[name] for name in names) for row in settled]
