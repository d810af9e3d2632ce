"""Stars and components over numbered texts. Cost: each pair is looked at twice."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel

Numbers = npt.NDArray[np.int64]


@kernel
def choose_keepers(
    order: Numbers, offsets: Numbers, partners: Numbers, pairs: Numbers
) -> tuple[Numbers, Numbers]:
    """Give each text its keeper, going through them in `order`.

    Parameters
    ----------
    order: int64[n], texts by rank. offsets: int64[n + 1] into partners and pairs, which hold
        for each text its partners and the numbers of the pairs.

    Returns
    -------
    keeper: int64[n], -1 for a text in no cluster; pair: int64[n], by which it joined.
    """
    n = len(order)
    keeper = np.full(n, -1, np.int64)
    by = np.zeros(n, np.int64)
    for text in order:
        if keeper[text] >= 0:
            continue
        for i in range(offsets[text], offsets[text + 1]):
            if keeper[partners[i]] < 0:
                keeper[partners[i]] = text
                by[partners[i]] = pairs[i]
                keeper[text] = text
    return keeper, by


@kernel
def find_roots(a: Numbers, b: Numbers, roots: Numbers) -> None:
    """Write the lowest number of each one's component to roots, which begins as 0, 1, 2 ...

    Union-find with path halving (Tarjan and van Leeuwen 1984); roots only ever decrease.
    """
    for i in range(len(a)):
        x, y = find_root(roots, a[i]), find_root(roots, b[i])
        if x < y:
            roots[y] = x
        else:
            roots[x] = y
    for i in range(len(roots)):
        roots[i] = roots[roots[i]]


@kernel
def find_root(roots: Numbers, i: int) -> int:
    """Follow roots to the end, halving the way for the next time."""
    while roots[i] != i:
        roots[i] = roots[roots[i]]
        i = roots[i]
    return i
