"""Weights of words, learned from labelled blocks: which words stand in body and which do not."""

import numpy as np
import numpy.typing as npt

from dedup.classify.features_kernels import block_grams, fill_table
from dedup.classify.model import Lexicon

Hashes = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Longs = npt.NDArray[np.int64]

MIN_PAGES = 4
"""A word on fewer pages is too rare to tell anything."""

SMOOTHING = 2.0


def learn_lexicon(
    words: tuple[Hashes, Longs],
    salt: np.uint32,
    shares: Floats,
    page: Longs,
    used: Flags,
) -> Lexicon:
    """Weigh each word, pair of words and whole block by the pages where it is body or not.

    Parameters
    ----------
    words: hashes and int64[b + 1] offsets. salt: tells whole blocks from single words.
    shares: float32[b], how much of each block is body. page: int64[b].
    used: bool[b], the blocks to learn from.

    Returns
    -------
    The smoothed logarithm of the odds of body; a page counts once for each word.
    """
    grams, ends = block_grams(*words, salt)
    block = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
    kept = used[block]
    grams, block = grams[kept], block[kept]
    order = np.lexsort((page[block], grams))
    grams, block = grams[order], block[order]
    # mean share of a word's blocks on each of its pages, then the sum over its pages
    new = np.ones(len(grams), bool)
    new[1:] = (grams[1:] != grams[:-1]) | (page[block][1:] != page[block][:-1])
    pair = np.cumsum(new) - 1
    mean = np.bincount(pair, shares[block]) / np.bincount(pair)
    key = grams[new]
    first = np.ones(len(key), bool)
    first[1:] = key[1:] != key[:-1]
    number = np.cumsum(first) - 1
    n_pages = np.bincount(number)
    body = np.bincount(number, mean)
    keys = key[first]
    often = (n_pages >= MIN_PAGES) & (keys != 0)
    prior = float(shares[used].mean()) if used.any() else 0.5
    odds = np.log(
        (body[often] + SMOOTHING * prior) / (n_pages[often] - body[often] + SMOOTHING * (1 - prior))
    ) - np.log(prior / (1 - prior))
    telling = np.abs(odds) >= 0.2
    return make_lexicon(keys[often][telling], odds[telling].astype(np.float32))


def make_lexicon(keys: Hashes, weights: Floats) -> Lexicon:
    """Put distinct keys, none of them 0, into an open table at most half full."""
    size = 16
    while size < 2 * len(keys):
        size *= 2
    table, values = np.zeros(size, np.uint32), np.zeros(size, np.float32)
    fill_table(keys.astype(np.uint32), weights, table, values)
    return Lexicon(table, values)
