"""Texts as sequences of words, for what must find the same words in the same order."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.buffers import text_buffers
from dedup.sketch.characters import load_table
from dedup.sketch.runs import hash_runs
from dedup.sketch.sequences_kernels import locate_spans

Hashes = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]


def word_sequences(texts: pa.Array) -> tuple[Hashes, Numbers]:
    """Hash each text's words one by one; `text_keys` says what a word is.

    Returns
    -------
    words: uint64[m], in reading order; offsets: int64[n + 1] into them.

    Examples
    --------
    >>> words, offsets = word_sequences(pa.array(["Ice, ice!", ""]))
    >>> bool(words[0] == words[1]), offsets.tolist()
    (True, [0, 2, 2])
    """
    words, counts = [np.zeros(0, np.uint64)], [np.zeros(1, np.int64)]
    for runs in hash_runs(texts, 1):
        words.append(runs.shingles[: runs.ends[-1]].copy())
        counts.append(np.diff(runs.ends))
    return np.concatenate(words), np.cumsum(np.concatenate(counts))


def locate_words(texts: pa.Array, rows: Numbers, words: Numbers) -> Numbers:
    """Turn spans of words into spans of characters (code points) of their texts.

    Parameters
    ----------
    rows: int64[s], the text of each span; fastest if ascending. words: int64[s, 2], the first
        word of each span and the one behind its last.

    Returns
    -------
    int64[s, 3]: first character, the one behind the last, and first byte.

    Examples
    --------
    >>> locate_words(pa.array(["Né à Lindau!"]), np.array([0]), np.array([[1, 3]])).tolist()
    [[3, 11, 4]]
    """
    data, bounds = text_buffers(texts)
    spans = np.zeros((len(rows), 3), np.int64)
    locate_spans(data, bounds, load_table(), rows, words, spans)
    return spans
