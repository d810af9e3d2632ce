"""The key of a text: a hash of its normalised words, the same for equal words only."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup import schema
from dedup.buffers import as_signed, cut_texts, list_buffers, text_buffers
from dedup.sketch.characters import load_table
from dedup.sketch.runs import scratch
from dedup.sketch.runs_kernels import hash_texts

Keys = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int32]


def text_keys(texts: pa.Array) -> tuple[Keys, Counts]:
    """Hash each text's words, whatever stands between them and in whatever case.

    A word is a run of letters, marks and numbers; each character of Han, Kana, Thai, Lao,
    Khmer and Myanmar is a word of its own. Format characters (a soft hyphen) are passed over.
    All else separates: "don't" is two words, whichever apostrophe it has, and so is "a_b".
    Capital letters become small ones one by one, by Unicode's simple mapping or the first
    character of the full one. Texts are taken as they are: composed and decomposed accents
    differ. A text without any word is hashed by its bytes.

    Returns
    -------
    keys: int64[n]; n_words: int32[n].

    Examples
    --------
    >>> keys, n_words = text_keys(pa.array(["Hello, world!", "hello WORLD", "…"]))
    >>> bool(keys[0] == keys[1]), n_words.tolist()
    (True, [2, 2, 0])
    """
    data, offsets = text_buffers(texts)
    return _keys(data, offsets[:-1], offsets[1:])


def block_keys(pages: pa.RecordBatch) -> pa.RecordBatch:
    """Hash each block of each page; the scope is the whole crawl.

    Parameters
    ----------
    pages: schema.PAGES.

    Returns
    -------
    schema.BLOCK_KEYS, in the order of the pages and their blocks.
    """
    blocks, offsets = list_buffers(pages.column("blocks"))
    data, text_offsets = text_buffers(pages.column("text"))
    page = np.repeat(np.arange(pages.num_rows), np.diff(offsets))
    start, end = (
        blocks.field(name).to_numpy(zero_copy_only=False)[offsets[0] : offsets[-1]]
        for name in ("start", "end")
    )
    begins, ends = text_offsets[page] + start, text_offsets[page] + end
    keys, n_words = _keys(data, begins, ends)
    index = np.arange(len(page)) - (offsets[:-1] - offsets[0])[page]
    return pa.RecordBatch.from_arrays(
        [
            pages.column("document").take(pa.array(page)),
            pa.array(index.astype(np.int32)),
            pa.array(keys),
            pa.array(np.zeros(len(page), np.int64)),
            pa.array(n_words),
            cut_texts(data, begins, ends),
        ],
        schema=schema.BLOCK_KEYS,
    )


def _keys(data: npt.NDArray[np.uint8], begins: Keys, ends: Keys) -> tuple[Keys, Counts]:
    keys = np.zeros(len(begins), np.uint64)
    n_words = np.zeros(len(begins), np.int32)
    folded, words = scratch(int((ends - begins).max(initial=0)))
    # no shingle is that long: the kernel that every run compiles anyway makes keys alone
    ngram, none = len(data) + 1, np.empty(0, np.uint64)
    places = np.empty(len(begins) + 1, np.int64)
    hash_texts(data, begins, ends, load_table(), ngram, folded, words, keys, n_words, none, places)
    return as_signed(keys), n_words
