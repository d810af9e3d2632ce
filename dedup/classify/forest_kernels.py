"""Boosted trees over many rows in one call.

A node is its feature, its threshold and its left child; the right child follows the
left one. A leaf is its own left child with an infinite threshold, so that every row can
take the same number of steps in a tree without a branch, and eight rows go at once
(the processor overlaps their loads).
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import kernel

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@kernel
def forest_scores(
    rows: Floats, roots: Ints, depths: Ints, nodes: tuple[Ints, Floats, Ints, Floats]
) -> npt.NDArray[np.float64]:
    """Sum the values of the leaves that each row reaches.

    Parameters
    ----------
    rows: float32[n, f], C order. roots: int32[t], first node of each tree.
    depths: int32[t], steps from the root to the deepest leaf.
    nodes: (feature int32[k], threshold float32[k], left int32[k], value float32[k]);
        a row goes left where rows[:, feature] <= threshold.

    Returns
    -------
    float64[n]

    Cost: one dependent load of node and feature a step, t * depth steps a row.
    """
    feature, threshold, left, value = nodes
    n = rows.shape[0]
    scores = np.zeros(n, np.float64)
    whole = n - n % 8
    at = np.empty(8, np.int32)
    for r in range(0, whole, 8):
        for t in range(len(roots)):
            for lane in range(8):
                at[lane] = roots[t]
            for _ in range(depths[t]):
                for lane in range(8):
                    node = at[lane]
                    right = rows[r + lane, feature[node]] > threshold[node]
                    at[lane] = left[node] + np.int32(right)
            for lane in range(8):
                scores[r + lane] += value[at[lane]]
    for r in range(whole, n):
        for t in range(len(roots)):
            node = roots[t]
            for _ in range(depths[t]):
                node = left[node] + np.int32(rows[r, feature[node]] > threshold[node])
            scores[r] += value[node]
    return scores
