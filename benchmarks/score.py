"""Recall and precision of what was found, against the exact pairs."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.truth import Pairs

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
    rows, clusters = table["row"].to_numpy(), table["cluster"].to_numpy()
    rows = rows[np.argsort(clusters, kind="stable")]
    ends = np.cumsum(np.unique(clusters, return_counts=True)[1]).tolist()
    a, b = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for begin, end in zip([0, *ends], ends, strict=False):
        first, second = np.triu_indices(end - begin, 1)
        a.append(rows[begin + first])
        b.append(rows[begin + second])
    return pair_keys(np.concatenate(a), np.concatenate(b))


def read_ours(out: Path, corpus: Path) -> Keys:
    """Read the pairs of `dedup find --pairs` as rows of the corpus."""
    ids = pq.read_table(corpus, columns=["id"])["id"].combine_chunks()
    files = sorted((out / "pairs").glob("*.parquet"))
    table = pa.concat_tables([pq.read_table(path, columns=["a", "b"]) for path in files])
    order = pc.sort_indices(ids).to_numpy()
    known = ids.take(pa.array(order)).to_numpy(zero_copy_only=False).astype("U")
    a, b = (
        order[np.searchsorted(known, table[name].to_numpy(zero_copy_only=False).astype("U"))]
        for name in ("a", "b")
    )
    return pair_keys(a, b)


def pair_keys(a: npt.NDArray[np.int64], b: npt.NDArray[np.int64]) -> Keys:
    """Make keys of pairs of rows in any order."""
    return np.unique(np.minimum(a, b) << 32 | np.maximum(a, b))
