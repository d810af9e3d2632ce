"""What a model is in memory; `model_file` writes and reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.classify.forest_kernels import MaskedNodes, mask_nodes

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Forest:
    """Boosted trees, flat: see `forest_kernels.mask_nodes` for the arrays."""

    roots: Ints
    depths: Ints
    feature: Ints
    threshold: Floats
    left: Ints
    value: Floats
    baseline: Floats

    @cached_property
    def masked(self) -> MaskedNodes:
        """The same trees as `forest_kernels.forest_scores` asks them."""
        return mask_nodes(self.roots, (self.feature, self.threshold, self.left, self.value))


@dataclass(frozen=True)
class Lexicon:
    """Learned weights of words (or of class words) by hash: an open table, 0 is free."""

    keys: npt.NDArray[np.uint32]
    weights: Floats


@dataclass(frozen=True)
class Judge:
    """What judges the blocks of one kind of page: two passes, then calibration.

    The second pass sees the first one's probabilities of the block's surroundings.
    `scores` and `probabilities` are the knots of a piecewise linear, rising curve.
    """

    words: Lexicon
    hints: Lexicon
    first: Forest
    second: Forest
    scores: Floats
    probabilities: Floats


@dataclass(frozen=True)
class Model:
    """All that `classify` needs; `card` tells where it comes from and how good it is."""

    card: Mapping[str, Any]
    kinds: npt.NDArray[np.uint8]
    lower: npt.NDArray[np.uint16]
    html: Judge
    text: Judge
