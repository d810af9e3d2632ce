"""Labels for blocks: which words of a page its labelled body has.

A block's target is the share of its words that the alignment joins with the body.
"""

import re

import numpy as np
import numpy.typing as npt

from dedup.classify.align_kernels import matching_words, tiles

WORD = re.compile(r"\w+")
MAX_PAIRS = 400_000_000
"""Beyond this many pairs of equal words a page is not aligned (it would take minutes)."""


def words(text: str) -> list[str]:
    """Split into words as WCXB's scores count them.

    Examples
    --------
    >>> words("Don't panic, 42!")
    ['don', 't', 'panic', '42']
    """
    return WORD.findall(text.lower())


def body_shares(blocks: list[str], body: str) -> npt.NDArray[np.float32] | None:
    """Tell for each block which share of its words belongs to the body.

    Parameters
    ----------
    blocks: texts in reading order. body: the labelled text of the same page.

    Returns
    -------
    float32[len(blocks)] in [0, 1], 0 for a block without a word; None where the page
    is too repetitive to be aligned (`MAX_PAIRS`).

    Examples
    --------
    >>> body_shares(["Home", "Rain fell all day.", "Share"], "Rain fell all day.").tolist()
    [0.0, 1.0, 0.0]
    """
    ids: dict[str, int] = {}
    split = [words(block) for block in blocks]
    page = np.array([ids.setdefault(w, len(ids)) for part in split for w in part], np.int32)
    n_known = len(ids)
    reference = np.array([ids.setdefault(w, len(ids)) for w in words(body)], np.int32)
    counts = np.array([len(part) for part in split], np.int64)
    shares = np.zeros(len(blocks), np.float32)
    if not len(page) or not len(reference):
        return shares
    often = np.bincount(reference, minlength=len(ids))[:n_known]
    if int(np.bincount(page, minlength=n_known).astype(np.int64) @ often) > MAX_PAIRS:
        return None
    marks = matching_words(page, reference, len(ids))
    tiles(page, reference, np.repeat(counts, counts).astype(np.int32), len(ids), marks)
    ends = np.cumsum(counts)
    total = np.concatenate([[0], np.cumsum(marks[0])])
    shares[:] = (total[ends] - total[ends - counts]) / np.maximum(1, counts)
    return shares
