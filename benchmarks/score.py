"""Recall and precision of what was found, against the exact pairs."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.truth import Pairs

Rows = npt.NDArray[np.int64]
Keys = npt.NDArray[np.int64]
"""Pairs of rows as a << 32 | b, a < b; sorted, each once."""


@dataclass(frozen=True)
class Score:
    """Of pairs at one threshold."""

    recall: float
    precision: float
    found: int


def score(found: Keys, truth: Pairs, threshold: float) -> Score:
    """Compare found pairs with those whose exact similarity reaches a threshold."""
    reached = truth.similarity >= threshold
    true = pair_keys(truth.a[reached], truth.b[reached])
    right = len(np.intersect1d(found, true, assume_unique=True))
    return Score(
        recall=right / len(true) if len(true) else 1.0,
        precision=right / len(found) if len(found) else 1.0,
        found=len(found),
    )


def read_found(out: Path) -> Keys:
    """Read what a peer wrote: its pairs, or all pairs within its clusters."""
    if (out / "pairs.parquet").exists():
        table = pq.read_table(out / "pairs.parquet")
        return pair_keys(table["a"].to_numpy(), table["b"].to_numpy())
    table = pq.read_table(out / "clusters.parquet")
    return _pairs_within(table["row"].to_numpy(), table["cluster"].to_numpy())


def read_ours(out: Path, corpus: Path) -> Keys:
    """Read what `dedup find` wrote, as rows of the corpus, in the way of `read_found`."""
    if (out / "pairs").is_dir():
        table = _read_folder(out / "pairs", ["a", "b"])
        a, b = (_find_rows(table[name], corpus) for name in ("a", "b"))
        return pair_keys(a, b)
    table = _read_folder(out / "clusters", ["cluster", "document"])
    clusters = table["cluster"].combine_chunks().dictionary_encode().indices.to_numpy()
    return _pairs_within(_find_rows(table["document"], corpus), clusters)


def pair_keys(a: Rows, b: Rows) -> Keys:
    """Make keys of pairs of rows in any order."""
    return np.unique(np.minimum(a, b) << 32 | np.maximum(a, b))


def _pairs_within(rows: Rows, clusters: npt.NDArray[np.integer]) -> Keys:
    """Pair each member of a cluster with each other member."""
    rows = rows[np.argsort(clusters, kind="stable")]
    ends = np.cumsum(np.unique(clusters, return_counts=True)[1]).tolist()
    a, b = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for begin, end in zip([0, *ends], ends, strict=False):
        first, second = np.triu_indices(end - begin, 1)
        a.append(rows[begin + first])
        b.append(rows[begin + second])
    return pair_keys(np.concatenate(a), np.concatenate(b))


def _read_folder(folder: Path, columns: list[str]) -> pa.Table:
    files = sorted(folder.glob("*.parquet"))
    return pa.concat_tables([pq.read_table(path, columns=columns) for path in files])


def _find_rows(ids: pa.ChunkedArray, corpus: Path) -> Rows:
    """Give the row of the corpus that each id names."""
    all_ids = pq.read_table(corpus, columns=["id"])["id"].combine_chunks()
    order = pc.sort_indices(all_ids).to_numpy()
    known = all_ids.take(pa.array(order)).to_numpy(zero_copy_only=False).astype("U")
    wanted = ids.to_numpy(zero_copy_only=False).astype("U")
    return order[np.searchsorted(known, wanted)].astype(np.int64)
