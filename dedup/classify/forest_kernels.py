"""Boosted trees over many rows in one call, without a branch and without following paths.

A tree of up to 32 leaves is a list of its inner nodes, in any order. Each node has a mask of the
leaves that are left if a row goes right there; a row's leaf is the first one that all its nodes
leave (Lucchese et al., QuickScorer: A Fast Algorithm to Rank Documents with Additive Ensembles of
Regression Trees, 2015). Here a node is asked for LANES rows at once: what is left of a tree stays
in vector registers, and no load waits for another.
"""

import numpy as np
import numpy.typing as npt

from dedup.classify.vector_kernels import LANES, ROWS, leaves_reached
from dedup.jit import allocating_kernel

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Masks = npt.NDArray[np.uint32]
Nodes = tuple[Ints, Floats, Ints, Floats]
MaskedNodes = tuple[Longs, Ints, Floats, Masks, Floats]

MOST_LEAVES = 32
ALL_LEAVES = np.uint32(0xFFFFFFFF)


@allocating_kernel
def mask_nodes(roots: Ints, nodes: Nodes) -> MaskedNodes:
    """List the inner nodes of each tree with the leaves that stay if a row goes right.

    Parameters
    ----------
    roots: int32[t], first node of each tree.
    nodes: (feature int32[k], threshold float32[k], left int32[k], value float32[k]); a row goes
        left where rows[:, feature] <= threshold; the right child follows the left one; a leaf is
        its own left child.

    Returns
    -------
    ends int64[t + 1]; feature int32[n], threshold float32[n], mask uint32[n] of the nodes of tree
    i from ends[i] to ends[i + 1]; leaves float32[t, 32], values from left to right. ends[t] is -1
    if a tree has more than 32 leaves.
    """
    feature, threshold, left, value = nodes
    n_trees = len(roots)
    ends = np.zeros(n_trees + 1, np.int64)
    features = np.empty(n_trees * (MOST_LEAVES - 1), np.int32)
    thresholds = np.empty(len(features), np.float32)
    masks = np.empty(len(features), np.uint32)
    leaves = np.zeros((n_trees, MOST_LEAVES), np.float32)
    # the path to the node that is looked at; of each node on it, the first of its leaves
    path = np.empty(MOST_LEAVES, np.int32)
    first = np.empty(MOST_LEAVES, np.int64)
    went_right = np.empty(MOST_LEAVES, np.bool_)
    k = 0
    for tree in range(n_trees):
        depth, n_leaves, node = 0, 0, roots[tree]
        while True:
            if left[node] != node:
                if depth == MOST_LEAVES - 1:
                    ends[n_trees] = -1
                    return ends, features, thresholds, masks, leaves
                path[depth], first[depth], went_right[depth] = node, n_leaves, False
                depth += 1
                node = left[node]
                continue
            if n_leaves == MOST_LEAVES:
                ends[n_trees] = -1
                return ends, features, thresholds, masks, leaves
            leaves[tree, n_leaves] = value[node]
            n_leaves += 1
            while depth > 0 and went_right[depth - 1]:
                depth -= 1
            if depth == 0:
                break
            node = path[depth - 1]
            gone = np.uint64(1) << np.uint64(n_leaves)
            gone -= np.uint64(1) << np.uint64(first[depth - 1])
            features[k], thresholds[k] = feature[node], threshold[node]
            masks[k] = ALL_LEAVES ^ np.uint32(gone)
            k += 1
            went_right[depth - 1] = True
            node = left[node] + 1
        ends[tree + 1] = k
    return ends, features[:k].copy(), thresholds[:k].copy(), masks[:k].copy(), leaves


@allocating_kernel
def forest_scores(columns: Floats, nodes: MaskedNodes) -> npt.NDArray[np.float64]:
    """Sum the values of the leaves that each row reaches.

    Parameters
    ----------
    columns: float32[f, n], C order, without NaN. nodes: what `mask_nodes` gives.

    Returns
    -------
    float64[n]

    Cost: six vector instructions a node for LANES rows; a tenth of the time of following paths.
    """
    ends, features, thresholds, masks, leaves = nodes
    width, n = columns.shape
    scores = np.zeros(n, np.float64)
    rows = np.zeros(width * ROWS, np.float32)
    reached = np.empty(LANES, np.int32)
    for begin in range(0, n, ROWS):
        n_rows = min(ROWS, n - begin)
        for column in range(width):
            for row in range(n_rows):
                rows[column * ROWS + row] = columns[column, begin + row]
        for first in range(0, n_rows, LANES):
            for tree in range(len(ends) - 1):
                span = (ends[tree], ends[tree + 1], np.int64(first))
                leaves_reached(rows, (features, thresholds, masks), span, reached)
                for lane in range(min(LANES, n_rows - first)):
                    scores[begin + first + lane] += leaves[tree, reached[lane]]
    return scores
