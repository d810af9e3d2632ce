"""Stars and components over numbered texts. Cost: each pair is looked at twice."""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel

Numbers = npt.NDArray[np.int64]


@kernel
def choose_keepers(
    order: Numbers,
    offsets: Numbers,
    partners: Numbers,
    pairs: Numbers,
    keeper: Numbers,
    by: Numbers,
) -> None:
    """Give each text its keeper, going through them in `order`.

    Parameters
    ----------
    order: int64[n], texts by rank. offsets: int64[n + 1] into partners and pairs, which hold
        for each text its partners and the numbers of the pairs.
    keeper: int64[n], which begins as -1 and stays so for a text in no cluster.
    by: int64[n], written where a text joins a keeper: the pair by which it does.
    """
    for at in range(len(order)):
        text = order[at]
        if keeper[text] >= 0:
            continue
        for i in range(offsets[text], offsets[text + 1]):
            partner = partners[i]
            if keeper[partner] < 0:
                keeper[partner] = text
                by[partner] = pairs[i]
                keeper[text] = text


@kernel
def find_roots(a: Numbers, b: Numbers, roots: Numbers) -> None:
    """Write the lowest number of each one's component to roots, which begins as 0, 1, 2 ...

    Union-find with path halving (Tarjan and van Leeuwen 1984); roots only ever decrease.
    """
    for i in range(len(a)):
        x, y = a[i], b[i]
        # halving the way from both for the next time
        while roots[x] != x or roots[y] != y:
            roots[x] = roots[roots[x]]
            roots[y] = roots[roots[y]]
            x, y = roots[x], roots[y]
        if x < y:
            roots[y] = x
        else:
            roots[x] = y
    for i in range(len(roots)):
        roots[i] = roots[roots[i]]
