"""Labelled pages, segmented as any other page is, for training and for scores."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from dedup import schema
from dedup.classify import Model, classify
from dedup.classify.labelled import Truth, bare, read_labelled, stripped
from dedup.classify.scores import Scores
from dedup.classify.train import TrainingSet, prepare, score_at
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
    return prepare(pages, [t for _, truths in parts for t in truths], seed=1, ciphers=True)


def score_model(path: str, kind: str, model: Model, thresholds: Sequence[float]) -> list[Scores]:
    """Judge labelled pages, each as if it stood alone in the crawl, and score the judgements.

    Parameters
    ----------
    thresholds: where body begins (ClassifySettings); scores at each of them. The first one's
    judgement is timed.

    Raises
    ------
    BadInput: `path` holds no labelled pages.
    """
    judge = partial(classify, model=model, settings=ClassifySettings(body_threshold=thresholds[0]))
    pages: list[pa.RecordBatch] = []
    labels: list[pa.RecordBatch] = []
    truths: list[Truth] = []
    seconds = 0.0
    for batch in read_labelled(path):
        some = batch if kind == schema.HTML else stripped(batch)
        if not pages:
            # kernels are loaded by their first call, or compiled
            judge(*_segmented(some.documents.slice(0, WARM_PAGES)))
        began = time.process_time()
        seen = _segmented(some.documents)
        labels.append(judge(*seen))
        seconds += time.process_time() - began
        pages.append(seen[0])
        truths += some.truths
    data = prepare(pa.concat_batches(pages), truths, seed=1)
    probability = pc.list_flatten(pa.concat_batches(labels).column("probability")).to_numpy()
    milliseconds = 1000 * seconds / len(truths)
    return [
        replace(score_at(data, probability, threshold), cpu_milliseconds=milliseconds)
        for threshold in thresholds
    ]


def _segmented(documents: pa.RecordBatch) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Give pages, and their repetition as if each stood alone."""
    pages = segment(documents, SegmentSettings())
    return pages, alone(pages.column("document"), block_keys(pages))


def _with_bare(path: str, kind: str) -> Iterator[tuple[pa.RecordBatch, tuple[Truth, ...]]]:
    for batch in read_labelled(path):
        some = batch if kind == schema.HTML else stripped(batch)
        yield segment(some.documents, SegmentSettings()), some.truths
        bodies = bare(batch, kind)
        yield segment(bodies.documents, SegmentSettings()), bodies.truths
