"""What peers read and write: texts, shingles, pairs and clusters by numbers of rows.

Some peers have environments of their own: imports stand where they are needed.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

N = 5
PERMUTATIONS = 128
THRESHOLD = 0.8
BANDS, ROWS = 16, 8
"""Bands of the peers that let one choose them: 0.95 of the pairs at 0.8 share a bucket."""

WORDS = re.compile(r"\w+").findall

Numbers = npt.NDArray[np.int64]


def read_texts(corpus: Path) -> list[str]:
    """Read the column `text` of a Parquet file."""
    import pyarrow.parquet as pq  # noqa: PLC0415

    return pq.read_table(corpus, columns=["text"])["text"].to_pylist()


def token_windows(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the shingles of a text, as tuples of words.

    Examples
    --------
    >>> list(token_windows("One fine day in May, they came."))[1]
    ('fine', 'day', 'in', 'may', 'they')
    """
    words = WORDS(text.lower())
    return zip(*(islice(words, k, None) for k in range(N)), strict=False)


def shingle_strings(text: str) -> list[str]:
    """List the distinct shingles of a text as strings."""
    return list(set(map(" ".join, token_windows(text))))


def shingle_hashes(texts: Iterable[str]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Hash the shingles of all texts with Python's own hash, faster than joining strings.

    Returns
    -------
    uint64[n] of all texts, and uint64[d + 1], where each text begins.
    """
    hashes = [np.fromiter(map(hash, token_windows(text)), np.int64) for text in texts]
    ends = np.cumsum([0, *map(len, hashes)])
    return np.concatenate(hashes).view(np.uint64), ends.astype(np.uint64)


def pairs_of_lists(numbers: Numbers, begins: Numbers) -> tuple[Numbers, Numbers]:
    """Pair each row with the rows in its list; numbers[begins[i] : begins[i + 1]] are row i's."""
    rows = np.repeat(np.arange(len(begins) - 1), np.diff(begins))
    after = numbers > rows
    return rows[after], numbers[after]


def pairs_of_buckets(signatures: npt.NDArray[np.uint32]) -> tuple[Numbers, Numbers]:
    """Pair all rows that share a band of their signatures, each pair once."""
    found = [np.empty(0, np.int64)]
    for band in range(BANDS):
        part = np.ascontiguousarray(signatures[:, band * ROWS : (band + 1) * ROWS])
        keys = part.view(np.dtype((np.void, part.itemsize * ROWS))).ravel()
        _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
        order = np.argsort(inverse, kind="stable")
        ends = np.cumsum(counts)
        for end, count in zip(ends[counts > 1].tolist(), counts[counts > 1].tolist(), strict=True):
            rows = order[end - count : end]
            first, second = np.triu_indices(count, 1)
            found.append(rows[first] << 32 | rows[second])
    pairs = np.unique(np.concatenate(found))
    return pairs >> 32, pairs & 0xFFFFFFFF


def verify_on_signatures(
    signatures: npt.NDArray[np.uint64], a: Numbers, b: Numbers
) -> tuple[Numbers, Numbers]:
    """Keep the pairs whose signatures agree in the threshold's share of places."""
    parts = range(0, len(a), 100_000)
    agree = [
        (signatures[a[i : i + 100_000]] == signatures[b[i : i + 100_000]]).mean(1) for i in parts
    ]
    kept = np.concatenate([np.empty(0), *agree]) >= THRESHOLD
    return a[kept], b[kept]


def write_pairs(out: Path, a: Numbers, b: Numbers) -> None:
    """Write pairs of rows."""
    _write(out / "pairs.parquet", a=a, b=b)


def write_clusters(out: Path, rows: Numbers, clusters: Numbers) -> None:
    """Write the cluster of each row that is in one."""
    _write(out / "clusters.parquet", row=rows, cluster=clusters)


def _write(path: Path, **columns: Numbers) -> None:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


class Components:
    """Union of rows that are linked."""

    def __init__(self) -> None:
        self.parent: dict[int, int] = {}

    def find(self, row: int) -> int:
        """Give the row that stands for all that are linked with this one."""
        while (up := self.parent.setdefault(row, row)) != row:
            self.parent[row] = self.parent[up]
            row = up
        return row

    def link(self, one: int, other: int) -> None:
        """Link two rows."""
        self.parent[self.find(other)] = self.find(one)

    def write(self, out: Path) -> None:
        """Write the cluster of each row that was linked."""
        rows = np.array(sorted(self.parent), np.int64)
        write_clusters(out, rows, np.array([self.find(row) for row in rows.tolist()], np.int64))
