"""What each group of features adds to the score of a forest, row by row."""

import numpy as np
import numpy.typing as npt

from dedup.jit import allocating_kernel

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


@allocating_kernel
def forest_contributions(
    rows: Floats,
    roots: Ints,
    nodes: tuple[Ints, Floats, Ints, Floats],
    groups: Ints,
    n_groups: int,
) -> Doubles:
    """Credit each step from a root to a leaf to the group of the feature that was asked.

    Parameters
    ----------
    rows: float32[n, f], C order. roots: int32[t], first node of each tree.
    nodes: (feature, threshold, left, value) as in `forest_kernels.mask_nodes`; the value
        of an inner node is what it would add as a leaf.
    groups: int32[f], the group of each feature, below `n_groups`.

    Returns
    -------
    float64[n, n_groups]: those of a row and the values of all roots add up to the row's score.

    Cost: one dependent load and one sum in cache a step.
    """
    feature, threshold, left, value = nodes
    out = np.zeros((len(rows), n_groups), np.float64)
    for r in range(len(rows)):
        for t in range(len(roots)):
            node = roots[t]
            while left[node] != node:
                asked = feature[node]
                child = left[node] + np.int32(rows[r, asked] > threshold[node])
                out[r, groups[asked]] += np.float64(value[child]) - np.float64(value[node])
                node = child
    return out
