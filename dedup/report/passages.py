"""The rows of `OUT/passages/`."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup import schema
from dedup.buffers import text_buffers

Numbers = npt.NDArray[np.int64]

LOCATED = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        pa.field("keeper", pa.int64(), nullable=False),
        # first symbol of the copy that stays, and number of symbols
        pa.field("keeper_begin", pa.int64(), nullable=False),
        pa.field("length", pa.int64(), nullable=False),
        *(
            schema.PASSAGES_OUT.field(name)
            for name in (
                *("kind", "start", "end", "first_block", "last_block"),
                *("n_words", "keep", "similarity", "excerpt"),
            )
        ),
    ]
)
"""One row a place of a passage; (kind, keeper, keeper_begin, length) tell passages apart."""

SPANNED = """
SELECT b.document, b.keeper, b.keeper_begin, b."end" - b."begin" AS length, 'run' AS kind,
       CAST(0 AS BIGINT) AS start, CAST(0 AS BIGINT) AS "end",
       b.first_block, b.last_block, b.n_words, b.keep,
       CASE WHEN b.keep THEN 1.0 ELSE coalesce(s.similarity, 1.0) END AS similarity,
       CAST(NULL AS VARCHAR) AS excerpt
FROM spans b LEFT JOIN similarities s
  ON b.document = s.document AND b."begin" = s."begin" AND b."end" = s."end"
 AND b.keeper = s.keeper AND b.keeper_begin = s.keeper_begin
ORDER BY document
"""
"""Runs of blocks as LOCATED, their spans and excerpts still to be written."""

PASSAGES = """
WITH counted AS (
  SELECT *, count(*) OVER (PARTITION BY kind, keeper, keeper_begin, length) AS n
  FROM (SELECT * FROM block_runs UNION ALL SELECT * FROM substrings)),
located AS (SELECT * FROM counted WHERE n >= {size}),
kept AS (
  SELECT r.kind, r.keeper, r.keeper_begin, r.length,
         concat(n.id, '@', CAST(r.start AS VARCHAR), '-', CAST(r."end" AS VARCHAR)) AS passage
  FROM located r JOIN names n ON r.document = n.document WHERE r.keep)
SELECT k.passage, r.kind, n.id AS document, r.start, r."end", r.first_block, r.last_block,
       r.n_words, r.keep, r.similarity, r.excerpt
FROM located r
JOIN kept k ON r.kind = k.kind AND r.keeper = k.keeper AND r.keeper_begin = k.keeper_begin
           AND r.length = k.length
JOIN names n ON r.document = n.document
ORDER BY kind, passage, keep DESC, document, start
"""
"""Passages that stand at `size` places or more."""


def count_characters(texts: pa.Array, rows: Numbers, places: Numbers) -> Numbers:
    """Count the characters (code points) before places in texts.

    One text at a time: counting through a whole batch takes eight bytes for each of its.

    Parameters
    ----------
    texts: string[t]. rows: int64[n], ascending, the text of each place. places: int64[n, k] in
        bytes.

    Returns
    -------
    int64[n, k].

    Examples
    --------
    >>> count_characters(pa.array(["né à"]), np.array([0]), np.array([[0, 4, 6]])).tolist()
    [[0, 3, 4]]
    """
    data, offsets = text_buffers(texts)
    counted = np.zeros(places.shape, np.int64)
    bounds = np.concatenate([[0], np.flatnonzero(np.diff(rows)) + 1, [len(rows)]])
    for begin, end in pairwise(np.unique(bounds).tolist()):
        text = data[offsets[rows[begin]] : offsets[rows[begin] + 1]]
        # a character begins at every byte that does not continue one
        begun = np.cumsum((text & 0xC0) != 0x80, dtype=np.int32)
        here = places[begin:end]
        counted[begin:end] = np.where(here > 0, begun[np.maximum(here, 1) - 1], 0)
    return counted


def excerpts(
    texts: pa.Array, rows: Numbers, begins: Numbers, lengths: Numbers, keep: pa.Array
) -> pa.Array:
    """Cut the beginnings of passages out of their texts.

    Parameters
    ----------
    texts: string[t]. rows: int64[n], the text of each passage. begins: int64[n], its first
        byte there. lengths: int64[n], its characters. keep: bool[n]; null where it is false.

    Examples
    --------
    >>> one = np.array([0])
    >>> excerpts(pa.array(["né à Lindau"]), one, one + 4, one + 3, pa.array([True])).to_pylist()
    ['à L']
    """
    data, offsets = text_buffers(texts)
    raw, most = data.data, schema.EXCERPT_CHARACTERS
    cut: list[str | None] = []
    for row, begin, length, kept in zip(
        *(column.tolist() for column in (rows, begins, np.minimum(lengths, most), keep)),
        strict=True,
    ):
        at = int(offsets[row]) + begin
        # no character has more than four bytes
        held = bytes(raw[at : min(at + 4 * length, int(offsets[row + 1]))])
        cut.append(held.decode("utf-8", "ignore")[:length] if kept else None)
    return pa.array(cut, pa.string())
