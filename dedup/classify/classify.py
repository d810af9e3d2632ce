"""The judgement: features, trees, surroundings, trees again, calibration."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup import schema
from dedup.buffers import list_array, list_parts
from dedup.classify.comments import comments
from dedup.classify.decode import decide_text, join_runs, may_be_quoted, page_cut
from dedup.classify.features import (
    N_WORDS,
    SITE_SHARE,
    Blocks,
    features,
    read_blocks,
    surroundings,
    without_repetition,
)
from dedup.classify.forest_kernels import forest_scores
from dedup.classify.model import Forest, Judge, Model
from dedup.classify.reasons import LONE, Verdicts, say_why
from dedup.settings import ClassifySettings

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

BLOCKS_AT_ONCE = 2048
"""A block takes some 5 KB while it is judged."""


def classify(
    pages: pa.RecordBatch,
    repetition: pa.RecordBatch,
    *,
    model: Model,
    settings: ClassifySettings,
) -> pa.RecordBatch:
    """Tell body from boilerplate in each page.

    Parameters
    ----------
    pages: schema.PAGES. repetition: schema.REPETITION, a row for each page, in any order.

    Returns
    -------
    schema.LABELS, in the order of `pages`. The probability is calibrated; a block is body
    from `settings.body_threshold` times the page's best F1 on (`decode.page_cut`), with what
    `decode` says of plain text besides. A plain text of one block is body.
    `why` is null but for `settings.reasons`.
    """
    repetition = _in_order_of(pages.column("document"), repetition)
    n_blocks = pc.list_value_length(pages.column("blocks")).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(n_blocks)]).astype(np.int64)
    probability = np.zeros(offsets[-1], np.float32)
    body = np.zeros(offsets[-1], bool)
    why = np.full(offsets[-1], None, object)
    kinds = pages.column("kind").to_pylist()
    for kind, judge in ((schema.HTML, model.html), (schema.TEXT, model.text)):
        for rows in _pieces(np.flatnonzero([k == kind for k in kinds]), n_blocks):
            some, repeated = _rows(pages, rows), _rows(repetition, rows)
            blocks = read_blocks(some, repeated, (model.kinds, model.lower))
            places = np.concatenate([np.arange(offsets[r], offsets[r + 1]) for r in rows])
            verdicts = judged_with_runs(blocks, judge, kind, settings.body_threshold)
            if settings.keep_comments:
                verdicts = _with_comments(verdicts, some, blocks)
            probability[places], body[places] = verdicts.probability, verdicts.body
            if settings.reasons:
                why[places] = say_why(blocks, repeated, verdicts, judge)
    lone = _lone_texts(kinds, n_blocks, offsets)
    probability[lone], body[lone] = 1.0, True
    why[lone] = LONE if settings.reasons else None
    return pa.RecordBatch.from_arrays(
        [
            pages.column("document"),
            list_array(pa.array(probability), offsets),
            list_array(pa.array(body), offsets),
            list_array(pa.array(why, pa.string()), offsets),
        ],
        schema=schema.LABELS,
    )


def _pieces(rows: Rows, n_blocks: Rows) -> Iterator[Rows]:
    """Cut rows so that the pages of a piece have about BLOCKS_AT_ONCE blocks, and some have."""
    piece = (np.cumsum(n_blocks[rows]) - n_blocks[rows]) // BLOCKS_AT_ONCE
    for some in np.split(rows, np.flatnonzero(np.diff(piece)) + 1):
        if n_blocks[some].sum():
            yield some


def _rows(table: pa.RecordBatch, rows: Rows) -> pa.RecordBatch:
    """Take rows in rising order; those in a row need not be copied."""
    first, n = int(rows[0]), len(rows)
    return table.slice(first, n) if rows[-1] - first == n - 1 else table.take(pa.array(rows))


def _with_comments(verdicts: Verdicts, pages: pa.RecordBatch, blocks: Blocks) -> Verdicts:
    """Take comments for body, whatever the trees make of them."""
    every, _ = list_parts(pages.column("blocks"))
    comment = comments(every, blocks.text[N_WORDS]) & ~verdicts.body
    return replace(verdicts, comment=comment, body=verdicts.body | comment)


def _lone_texts(
    kinds: list[str], n_blocks: npt.NDArray[np.int64], offsets: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Find plain texts of a single block: nothing stands around it, so it is no boilerplate."""
    is_text = np.array([kind == schema.TEXT for kind in kinds], bool)
    lone: npt.NDArray[np.int64] = offsets[:-1][is_text & (n_blocks == 1)]
    return lone


def cuts(blocks: Blocks, probability: Floats, threshold: float) -> Floats:
    """Tell from which probability on each block is body: `decode.page_cut` of its page.

    Returns
    -------
    float32[b]
    """
    words = blocks.text[N_WORDS]
    of_page = [page_cut(probability[a:b], words[a:b], threshold) for a, b in pairwise(blocks.pages)]
    return np.repeat(np.array(of_page, np.float32), np.diff(blocks.pages))


def decide(blocks: Blocks, probability: Floats, cut: Floats, kind: str) -> Flags:
    """Decide which blocks are the body of their page, of a kind (schema.HTML, schema.TEXT).

    Returns
    -------
    bool[b]
    """
    body: Flags = probability >= cut
    if kind == schema.TEXT:
        words = blocks.text[N_WORDS]
        for a, b in pairwise(blocks.pages):
            body[a:b] = decide_text(probability[a:b], words[a:b], body[a:b])
    return body


def judged_with_runs(blocks: Blocks, judge: Judge, kind: str, threshold: float) -> Verdicts:
    """Judge blocks with what repetition tells, and without it what stands in a run of body."""
    columns = features(blocks, judge.words, judge.hints)
    seen = told(blocks, columns, judge)
    probability = judged(seen, judge)
    cut = cuts(blocks, probability, threshold)
    given_back = np.zeros(len(probability), bool)
    shares = blocks.repetition[SITE_SHARE]
    shares = np.where(shares > 0, shares, np.inf).astype(np.float32)
    unsure = may_be_quoted(probability, shares, cut)
    if unsure.any():
        # a mask in brackets would turn columns into rows
        without = np.compress(unsure, told(blocks, without_repetition(columns), judge), axis=1)
        alone = np.zeros_like(probability)
        alone[unsure] = judged(without, judge)
        joined = join_runs(probability, alone, shares, blocks.pages, cut)
        given_back = joined != probability
        seen[:, given_back], probability = without[:, given_back[unsure]], joined
    body = decide(blocks, probability, cut, kind)
    none = np.zeros(len(body), bool)
    return Verdicts(seen, probability, cut, given_back, body, none)


def told(blocks: Blocks, columns: Floats, judge: Judge) -> Floats:
    """Give what the second pass sees: features, and what the first made of the surroundings.

    Returns
    -------
    float32[FEATURES and SURROUNDINGS, b], C order.
    """
    return np.concatenate([columns, surroundings(blocks, grown(judge.first, columns))])


def judged(seen: Floats, judge: Judge) -> Floats:
    """Give the calibrated probability that each block is body, from what the second pass sees.

    Returns
    -------
    float32[b]
    """
    second = grown(judge.second, seen)
    return np.interp(second, judge.scores, judge.probabilities).astype(np.float32)


def scored(blocks: Blocks, columns: Floats, judge: Judge) -> Floats:
    """Let both passes judge.

    Returns
    -------
    float32[b], not calibrated.
    """
    return grown(judge.second, told(blocks, columns, judge))


def grown(forest: Forest, columns: Floats) -> Floats:
    """Give the probability that a forest sees.

    Parameters
    ----------
    columns: float32[f, b], C order.

    Returns
    -------
    float32[b]
    """
    scores = forest_scores(columns, forest.masked) + float(forest.baseline[0])
    return (1 / (1 + np.exp(-scores))).astype(np.float32)


def _in_order_of(documents: pa.Array, table: pa.RecordBatch) -> pa.RecordBatch:
    places = pc.index_in(documents, value_set=table.column("document"))
    if places.null_count:
        raise KeyError(f"no repetition of document {pc.filter(documents, pc.is_null(places))[0]}")
    return table.take(places)
