"""Pages of sites that were never crawled: repetition for labelled pages that stand alone.

Labelled pages come one from a site. To learn what repetition tells, they get siblings that
exist as counts only: boilerplate stands on most pages of its site, body on one.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup import schema
from dedup.buffers import list_array

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

SEEN = (1, 3, 10, 100, 2000)
ALONE = 0.4
"""Share of pages that keep to themselves, so that the model does well without siblings too."""


def simulate_repetition(
    documents: pa.Array,
    pages: Longs,
    shares: Floats,
    *,
    seed: int,
    site_seen: int | None = None,
) -> pa.RecordBatch:
    """Make the repetition of pages as if they had siblings.

    Parameters
    ----------
    documents: int64[p]. pages: int64[p + 1] into the blocks; shares: float32[b], how much of
    each block is body. site_seen: pages of every site; drawn from SEEN if None.

    Returns
    -------
    schema.REPETITION in the order of `documents`. Boilerplate stands on 30 to 100 % of the
    pages of its site in 70 of 100 cases, on a few in 15, on one in 15 (a teaser, a date); body
    on one, in 8 of 100 cases (and on whole pages that have a twin) on two.
    """
    random = np.random.default_rng(seed)
    n_pages, n = len(pages) - 1, int(pages[-1])
    page = np.repeat(np.arange(n_pages), np.diff(pages))
    if site_seen is None:
        seen = random.choice(SEEN[1:], n_pages)
        seen[random.random(n_pages) < ALONE] = 1
    else:
        seen = np.full(n_pages, site_seen)
    # blocks of one stretch of a page share their fate: a menu stands on a page or does not
    stretch = page * 64 + np.arange(n) // 6 % 64
    fate = random.random(int(stretch.max(initial=0)) + 1)[stretch]
    fate = np.where(random.random(n) < 0.3, random.random(n), fate)
    degree = 0.3 + 0.7 * random.random(n_pages)[page] ** 0.5
    many = np.maximum(1, np.round(seen[page] * degree)).astype(np.int64)
    few = 1 + random.integers(0, 4, n)
    site = np.select([fate < 0.7, fate < 0.85], [many, few], 1)
    twin = (random.random(n_pages) < 0.15)[page] | (random.random(n) < 0.08)
    site = np.where(shares >= 0.5, np.where(twin, 2, 1), site)
    site = np.minimum(site, seen[page])
    crawl_seen = seen * random.integers(1, 20, n_pages)
    elsewhere = np.where((shares < 0.5) & (random.random(n) < 0.1), random.integers(1, 30, n), 0)
    crawl = np.minimum(site + elsewhere, crawl_seen[page])
    ones = pa.array(np.ones(n, np.int64))
    return pa.RecordBatch.from_arrays(
        [
            documents,
            pa.array(seen.astype(np.int32)),
            pa.array(crawl_seen.astype(np.int32)),
            list_array(site.astype(np.int32), pages),
            list_array(crawl.astype(np.int32), pages),
            list_array(ones, pages),
            list_array(ones.cast(pa.int32()), pages),
        ],
        schema=schema.REPETITION,
    )
