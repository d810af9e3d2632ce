"""Anchors as buckets: by them a short passage meets the long text that holds it."""

import numpy as np
import numpy.typing as npt


def anchor_buckets(
    anchors: npt.NDArray[np.uint64], scopes: npt.NDArray[np.uint64]
) -> npt.NDArray[np.int64]:
    """Make the bucket of each anchor, given the scope of its text.

    It never equals the bucket of a band but by chance: one more candidate, which is verified.

    Parameters
    ----------
    anchors, scopes: uint64[n].

    Returns
    -------
    int64[n].
    """
    return (anchors ^ (scopes * np.uint64(0xD6E8FEB86659FD93))).view(np.int64)
