"""Labelled pages, segmented as any other page is, for training and for scores."""

from collections.abc import Iterator

import pyarrow as pa

from dedup import schema
from dedup.classify import Model, classify
from dedup.classify.evaluate import evaluate
from dedup.classify.labelled import Truth, bare, read_labelled, stripped
from dedup.classify.scores import Scores
from dedup.classify.train import TrainingSet, prepare
from dedup.match.repetition import alone
from dedup.segment import segment
from dedup.settings import ClassifySettings, SegmentSettings
from dedup.sketch import block_keys


def training_set(path: str, kind: str) -> TrainingSet:
    """Read labelled pages as HTML, or as the text that is left without markup.

    Parameters
    ----------
    kind: schema.HTML or schema.TEXT.

    Raises
    ------
    BadInput: `path` holds no labelled pages.
    """
    pages, truths = _segmented(path, kind, with_bare=True)
    return prepare(pages, truths, seed=1)


def score_model(path: str, kind: str, model: Model, settings: ClassifySettings) -> Scores:
    """Judge labelled pages, each as if it stood alone in the crawl, and score the judgements.

    Raises
    ------
    BadInput: `path` holds no labelled pages.
    """
    pages, truths = _segmented(path, kind, with_bare=False)
    repetition = alone(pages.column("document"), block_keys(pages))
    labels = classify(pages, repetition, model=model, settings=settings)
    return evaluate(labels, prepare(pages, truths, seed=1))


def _segmented(
    path: str, kind: str, *, with_bare: bool
) -> tuple[pa.RecordBatch, tuple[Truth, ...]]:
    parts = list(_read(path, kind, with_bare=with_bare))
    table = pa.Table.from_batches([pages for pages, _ in parts], schema.PAGES)
    return table.combine_chunks().to_batches()[0], tuple(t for _, truths in parts for t in truths)


def _read(
    path: str, kind: str, *, with_bare: bool
) -> Iterator[tuple[pa.RecordBatch, tuple[Truth, ...]]]:
    for batch in read_labelled(path):
        some = batch if kind == schema.HTML else stripped(batch)
        yield segment(some.documents, SegmentSettings()), some.truths
        if with_bare:
            bodies = bare(batch, kind)
            yield segment(bodies.documents, SegmentSettings()), bodies.truths
