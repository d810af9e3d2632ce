"""What repetition tells: word F1 of labelled pages as more pages of their sites are seen.

Labelled pages come one from a site, so sites are made of them: siblings of a page keep most of its
boilerplate, have the body of another page in the place of its body, and teasers cut from each
other's bodies, of the labelled page's too. The labelled page itself stays as it is, and goes with
its siblings, a crawl of one site, through the same stages as any crawl.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.progress import say
from dedup import schema
from dedup.classify import load_model, write_model
from dedup.classify.labelled import Truth, read_labelled, stripped
from dedup.classify.model import Judge
from dedup.classify.scores import mean_score, page_score
from dedup.classify.train import block_shares, fit_judge, folds, scored_pages
from dedup.engines.local import LocalEngine
from dedup.pipeline.blocks import (
    Crawl,
    hash_blocks,
    judge_blocks,
    match_blocks,
    name_documents,
)
from dedup.pipeline.labelled import training_set
from dedup.segment import segment
from dedup.settings import ClassifySettings, SegmentSettings, Settings

FOLDS = 3
"""One of so many folds of domains is judged, by a model trained on the others."""

STRETCH = 6
"""Blocks of boilerplate in a row that stand on a sibling together, or do not."""

VARIED = 0.1
"""Share of a sibling's blocks of boilerplate that have another last word: dates, counts."""

TEASERS, TEASER_WORDS = 3, 12
LEAST_WORDS = 50
"""Words of a body and of boilerplate that a page must have to become a site."""

Block = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """A labelled page: its blocks with their texts, and which of them are body."""

    truth: Truth
    title: str | None
    kind: str
    texts: tuple[str, ...]
    blocks: tuple[Block, ...]
    body: tuple[bool, ...]

    def n_words(self, *, body: bool) -> int:
        """Count the words of body, or of boilerplate."""
        of = zip(self.texts, self.body, strict=True)
        return sum(len(text.split()) for text, is_body in of if is_body == body)


def run(
    labelled: Path, n_sites: int, sizes: Sequence[int], kinds: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Judge pages among their siblings, by a model that has seen no page of their domains.

    Yields
    ------
    One row a kind of page and number of pages of a site.
    """
    for kind in kinds:
        say(f"{kind}: training without one of {FOLDS} folds of domains")
        data = training_set(str(labelled), kind)
        held_out = folds(data.domains, FOLDS, 2) == 0
        judge = fit_judge(data, ~held_out, seed=1)
        real = scored_pages(data.truths) & held_out
        ids = {truth.id for truth, of_fold in zip(data.truths, real, strict=True) if of_fold}
        del data
        yield from judged_sites(read_sources(labelled, kind, ids), judge, n_sites, sizes)


def judged_sites(
    sources: Sequence[Source], judge: Judge, n_sites: int, sizes: Sequence[int]
) -> Iterator[dict[str, Any]]:
    """Make sites of `sources`, judge them, and score the page that each was made of.

    Parameters
    ----------
    judge: not calibrated; it takes the curve of the shipped model.
    sizes: pages of a site, that page included.
    """
    random = np.random.default_rng(1)
    fit = [s for s in sources if min(s.n_words(body=b) for b in (True, False)) >= LEAST_WORDS]
    chosen = [fit[i] for i in random.permutation(len(fit))[:n_sites]]
    kind = chosen[0].kind
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "judge.model")
        _write_judge(judge, kind, path)
        settings = Settings(classify=ClassifySettings(model=path))
        for size in sizes:
            scores = []
            for number, source in enumerate(chosen):
                pages = site(source, fit, size, np.random.default_rng([2, number]))
                kept = _text(source, _body_of_first(pages, settings))
                scores.append(page_score(kept, source.truth))
            score = mean_score(scores)
            yield {
                "pages": kind, "of a site": size, "sites": len(chosen),
                "word F1": round(score.f1, 4), "precision": round(score.precision, 4),
                "recall": round(score.recall, 4),
            }  # fmt: skip


def read_sources(labelled: Path, kind: str, ids: set[str]) -> list[Source]:
    """Read the labelled pages of `ids`, segmented as HTML or as plain text."""
    sources = []
    for batch in read_labelled(str(labelled)):
        some = batch if kind == schema.HTML else stripped(batch)
        pages = segment(some.documents, SegmentSettings())
        for row, truth in zip(pages.to_pylist(), some.truths, strict=True):
            if truth.id in ids and row["blocks"]:
                sources.append(_source(row, truth))
    return sources


def _source(row: dict[str, Any], truth: Truth) -> Source:
    text = row["text"].encode()
    texts = tuple(text[block["start"] : block["end"]].decode() for block in row["blocks"])
    body = tuple(bool(share >= 0.5) for share in block_shares(texts, truth))
    return Source(truth, row["title"], row["kind"], texts, tuple(row["blocks"]), body)


def site(
    source: Source, others: Sequence[Source], size: int, random: np.random.Generator
) -> list[Source]:
    """Give a labelled page and `size` - 1 siblings of it, each with the body of another page."""
    elsewhere = [other for other in others if other.truth.domain != source.truth.domain]
    drawn = random.permutation(len(elsewhere))[: size - 1]
    donors = [source, *(elsewhere[i] for i in drawn)]
    size = len(donors)
    often = 0.4 + 0.6 * random.random(len(source.texts) // STRETCH + 1)
    return [source, *(_sibling(source, donors, n, often, random) for n in range(1, size))]


def _sibling(
    source: Source,
    donors: Sequence[Source],
    number: int,
    often: Any,
    random: np.random.Generator,
) -> Source:
    """Put the body of a donor into the source's boilerplate, and teasers of others behind it."""
    stays = random.random(len(often)) < often
    # a table of contents goes with its body: what it repeats is no template
    of_body = {text for text, body in zip(source.texts, source.body, strict=True) if body}
    quoted = [donors[i] for i in random.integers(len(donors), size=TEASERS) if i != number]
    places = np.flatnonzero(source.body)
    first, last = int(places[0]), int(places[-1])
    rows: list[tuple[str, Block, bool]] = []
    for at, (text, block) in enumerate(zip(source.texts, source.blocks, strict=True)):
        if text not in of_body and stays[at // STRETCH]:
            varied = random.random() < VARIED
            changed = " ".join([*text.split()[:-1], str(random.integers(1000))])
            rows.append((changed if varied else text, block, False))
        if at == first:
            rows += _body_of(donors[number])
        if at == last:
            rows += [teaser for donor in quoted for teaser in _teaser(donor)]
    texts, blocks, bodies = zip(*rows, strict=True)
    return replace(source, title=donors[number].title, texts=texts, blocks=blocks, body=bodies)


def _body_of(source: Source) -> list[tuple[str, Block, bool]]:
    every = zip(source.texts, source.blocks, source.body, strict=True)
    return [(text, block, True) for text, block, body in every if body]


def _teaser(source: Source) -> list[tuple[str, Block, bool]]:
    """Cut the first words of a body's first long block; all of them are a link."""
    for text, block, _ in _body_of(source):
        if len(text.split()) > TEASER_WORDS:
            cut = " ".join(text.split()[:TEASER_WORDS]) + " …"
            links = {"link_bytes": len(cut.encode()), "n_links": 1} if block["path"] else {}
            return [(cut, block | links, False)]
    return []


def _body_of_first(pages: Sequence[Source], settings: Settings) -> list[bool]:
    """Tell which blocks of the first page are body, all pages judged as one crawl."""
    with LocalEngine() as engine:
        frame = engine.frame(_batches(pages), schema.PAGES)
        names = name_documents(engine, frame)
        crawl = Crawl(frame, names, hash_blocks(engine, frame, "crawl"))
        crawl, blocks = match_blocks(engine, crawl, settings.blocks)
        labels = engine.table(judge_blocks(engine, crawl, blocks, settings).labels)
        body: list[bool] = labels.filter(pc.equal(labels.column("document"), 0))["body"][0].as_py()
        return body


def _write_judge(judge: Judge, kind: str, path: str) -> None:
    shipped = load_model(None)
    curve: Judge = getattr(shipped, kind)
    judge = replace(judge, scores=curve.scores, probabilities=curve.probabilities)
    html, text = (judge, shipped.text) if kind == schema.HTML else (shipped.html, judge)
    write_model(replace(shipped, html=html, text=text), path)


def _batches(pages: Sequence[Source]) -> Iterator[pa.RecordBatch]:
    for begin in range(0, len(pages), 100):
        rows = [_row(page, begin + i) for i, page in enumerate(pages[begin : begin + 100])]
        yield pa.RecordBatch.from_pylist(rows, schema.PAGES)


def _row(page: Source, number: int) -> dict[str, Any]:
    text, blocks = b"", []
    for part, block in zip(page.texts, page.blocks, strict=True):
        data = part.encode()
        blocks.append(block | {"start": len(text), "end": len(text) + len(data)})
        text += data + b"\n"
    return {
        "document": number, "id": str(number), "source": "sites", "offset": number,
        "site": page.truth.id, "url": f"https://{page.truth.id}.example/{number}",
        "title": page.title, "kind": page.kind, "n_bytes": len(text), "text": text.decode(),
        "blocks": blocks,
    }  # fmt: skip


def _text(source: Source, body: Sequence[bool]) -> str:
    return "\n".join(text for text, keep in zip(source.texts, body, strict=True) if keep)
