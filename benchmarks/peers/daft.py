"""daft: its minhash expression, bands exploded and grouped, components of the buckets."""

from pathlib import Path

import daft
from daft import col
from daft.functions import chunk, minhash, monotonically_increasing_id, normalize

from benchmarks.peers.exchange import BANDS, PERMUTATIONS, ROWS, Components, N


def find(corpus: Path, out: Path, variant: str) -> None:
    """Find clusters; there is one `variant`, `clusters`."""
    assert variant == "clusters"
    text = normalize(col("text"), remove_punct=True, lowercase=True, white_space=True)
    sketch = minhash(text, num_hashes=PERMUTATIONS, ngram_size=N, hash_function="xxhash")
    bands = daft.lit(list(range(BANDS)))
    buckets = (
        daft.read_parquet(str(corpus))
        .select(monotonically_increasing_id().alias("row"), chunk(sketch, ROWS).alias("part"))
        .with_column("band", bands)
        .explode("part", "band")
        .groupby("band", "part")
        .agg(col("row").list_agg())
        .where(col("row").length() > 1)
        .select("row")
        .to_pydict()["row"]
    )
    components = Components()
    for rows in buckets:
        for other in rows[1:]:
            components.link(rows[0], other)
    components.write(out)
