"""From scikit-learn's boosted trees to the flat ones of the model file."""

from typing import Any

import numpy as np

from dedup.classify.model import Forest


def flatten(model: Any) -> Forest:
    """Flatten a fitted HistGradientBoostingClassifier of two classes.

    The trees have no public view; a test holds the flat ones to `predict_proba`.
    Thresholds are rounded down to float32: for features in float32 the same rows go left.
    An inner node has the value that it would have as a leaf, which tells what each step of a
    row adds (`reasons`); scikit-learn keeps it without the learning rate.
    """
    roots, depths = [], []
    columns: list[list[float]] = [[], [], [], []]
    for (tree,) in model._predictors:
        base = len(columns[0])
        roots.append(base)
        order, places, depth = _breadth_first(tree.nodes)
        depths.append(depth)
        for node in order:
            row = tree.nodes[node]
            leaf = bool(row["is_leaf"])
            columns[0].append(0 if leaf else int(row["feature_idx"]))
            columns[1].append(np.inf if leaf else _rounded_down(float(row["num_threshold"])))
            columns[2].append(base + (places[node] if leaf else places[int(row["left"])]))
            columns[3].append(float(row["value"]) * (1 if leaf else model.learning_rate))
    feature, threshold, left, value = columns
    return Forest(
        np.array(roots, np.int32),
        np.array(depths, np.int32),
        np.array(feature, np.int32),
        np.array(threshold, np.float32),
        np.array(left, np.int32),
        np.array(value, np.float32),
        np.array(model._baseline_prediction, np.float32).reshape(1),
    )


def _breadth_first(nodes: Any) -> tuple[list[int], dict[int, int], int]:
    """Order nodes level by level, the right child next to the left one."""
    order, places, depth = [0], {0: 0}, 0
    level = [0]
    while level:
        below = [
            int(nodes[node][side])
            for node in level
            if not nodes[node]["is_leaf"]
            for side in ("left", "right")
        ]
        for node in below:
            places[node] = len(order)
            order.append(node)
        depth += bool(below)
        level = below
    return order, places, depth


def _rounded_down(value: float) -> float:
    rounded = np.float32(value)
    return float(rounded if rounded <= value else np.nextafter(rounded, np.float32(-np.inf)))
