"""Labelled pages, segmented as any other page is, for training and for scores."""

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

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

WARM_PAGES = 2
"""Pages that are judged before the time is taken."""


def training_set(path: str, kind: str) -> TrainingSet:
    """Read labelled pages as HTML, or as the text that is left without markup.

    Parameters
    ----------
    kind: schema.HTML or schema.TEXT.

    Raises
    ------
    BadInput: `path` holds no labelled pages.
    """
    parts = list(_with_bare(path, kind))
    pages = pa.concat_batches([some for some, _ in parts])
    return prepare(pages, tuple(t for _, truths in parts for t in truths), seed=1)


def score_model(path: str, kind: str, model: Model, settings: ClassifySettings) -> Scores:
    """Judge labelled pages, each as if it stood alone in the crawl, and score the judgements.

    Raises
    ------
    BadInput: `path` holds no labelled pages.
    """
    judge = partial(_judged, model=model, settings=settings)
    pages: list[pa.RecordBatch] = []
    labels: list[pa.RecordBatch] = []
    truths: list[Truth] = []
    seconds = 0.0
    for batch in read_labelled(path):
        some = batch if kind == schema.HTML else stripped(batch)
        if not pages:
            # kernels are loaded by their first call, or compiled
            judge(some.documents.slice(0, WARM_PAGES))
        began = time.process_time()
        seen, told = judge(some.documents)
        seconds += time.process_time() - began
        pages.append(seen)
        labels.append(told)
        truths += some.truths
    data = prepare(pa.concat_batches(pages), truths, seed=1)
    scores = evaluate(pa.concat_batches(labels), data)
    return replace(scores, cpu_milliseconds=1000 * seconds / len(truths))


def _judged(
    documents: pa.RecordBatch, *, model: Model, settings: ClassifySettings
) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    pages = segment(documents, SegmentSettings())
    repetition = alone(pages.column("document"), block_keys(pages))
    return pages, classify(pages, repetition, model=model, settings=settings)


def _with_bare(path: str, kind: str) -> Iterator[tuple[pa.RecordBatch, tuple[Truth, ...]]]:
    for batch in read_labelled(path):
        some = batch if kind == schema.HTML else stripped(batch)
        yield segment(some.documents, SegmentSettings()), some.truths
        bodies = bare(batch, kind)
        yield segment(bodies.documents, SegmentSettings()), bodies.truths
