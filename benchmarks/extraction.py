"""Ours beside other extractors of body text, on labelled pages of HTML, one core each."""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.compare import ENVIRONMENT, ROOT
from benchmarks.extractors.exchange import Extracted, read
from benchmarks.extractors.registry import EXTRACTORS, Extractor
from benchmarks.measure import Cost, Limits, measure
from benchmarks.progress import say
from dedup import schema
from dedup.classify import load_model
from dedup.classify.align import words
from dedup.classify.labelled import Truth, read_labelled
from dedup.classify.scores import card_scores, page_score, summed
from dedup.classify.train import cross_validate
from dedup.pipeline.labelled import training_set
from dedup.settings import ClassifySettings

Told = Mapping[str, float]
"""Scores by name, as on a model's card."""

NOT_SCORED = "calibration error"


@dataclass(frozen=True)
class Own:
    """Where our scores come from: `told` by kind of page; without it they are taken as others'."""

    note: str
    told: Mapping[str, Told] | None = None


@dataclass(frozen=True)
class Pages:
    """What is known of all labelled pages."""

    path: Path
    truths: tuple[Truth, ...]
    n_bytes: int

    def kinds(self) -> list[str]:
        """Give the types of pages, the most frequent first."""
        return [kind for kind, _ in Counter(truth.page_type for truth in self.truths).most_common()]


def read_pages(path: Path) -> Pages:
    """Read what the labels say.

    Raises
    ------
    BadInput: no labelled pages at `path`.
    LookupError: pages that are no HTML.
    """
    truths: list[Truth] = []
    n_bytes = 0
    for batch in read_labelled(str(path)):
        if set(batch.documents.column("kind").to_pylist()) != {schema.HTML}:
            raise LookupError(f"{path}: pages without HTML; the others extract from HTML only")
        truths += batch.truths
        n_bytes += batch.documents.column("content").nbytes
    return Pages(path, tuple(truths), n_bytes)


def unseen() -> Own:
    """Score the shipped model as the others are, on pages that it was not trained on."""
    return Own("Ours is scored as the others are: its model was not trained on these pages.")


def from_card(pages: Pages) -> Own:
    """Take the scores of the shipped model's card, for the pages that it was trained on.

    Raises
    ------
    LookupError: these are other pages.
    """
    card = load_model(None).card
    name, n_pages = card["data"]["name"], card["pages"]
    if n_pages != len(pages.truths):
        raise LookupError(
            f"the shipped model's card is of {n_pages:,} pages ({name}), these are "
            f"{len(pages.truths):,}: give --unseen if it was not trained on any of them, else "
            "--cross-validate FOLDS"
        )
    note = (
        "Ours was trained on these pages, so its scores are those of its card: each page judged "
        f"by a model that has seen none of its domain ({card['settings']['folds']} folds; {name})."
    )
    return Own(note, card["cross-validated"])


def trained_anew(pages: Pages, n_folds: int) -> Own:
    """Train a model for each fold of domains, and score it on the others' pages."""
    told = {}
    for kind in (schema.HTML, schema.TEXT):
        data = training_set(str(pages.path), kind)
        thresholds = [ClassifySettings().body_threshold]
        (scores,) = cross_validate(data, n_folds=n_folds, thresholds=thresholds, report=say)
        told[kind] = card_scores(scores)
    note = (
        "Ours is scored by models trained anew: each page judged by one that has seen none of "
        f"its domain ({n_folds} folds)."
    )
    return Own(note, told)


def run(pages: Pages, own: Own, names: Sequence[str], limits: Limits) -> Iterator[dict[str, Any]]:
    """Run every extractor over the pages.

    Yields
    ------
    One row an extractor: scores, CPU time, failures; of one that was not run, `skipped` says why.
    """
    for tool in EXTRACTORS:
        if names and tool.name not in names:
            continue
        say(tool.name)
        row: dict[str, Any] = {"tool": tool.name, "how": tool.how}
        try:
            row |= {"version": _version(tool)} | _row(tool, pages, own, limits)
        except (LookupError, TimeoutError, RuntimeError) as error:
            say(f"{tool.name} skipped: {error}")
            row["skipped"] = str(error).strip().splitlines()[-1]
        yield row


def _version(tool: Extractor) -> str:
    try:
        return version(tool.package)
    except PackageNotFoundError:
        raise LookupError("not installed (pip install '.[bench]')") from None


def _row(tool: Extractor, pages: Pages, own: Own, limits: Limits) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="dedup-benchmark-") as temp:
        cost = _measure(tool, pages, Path(temp), limits)
        extracted = read(Path(temp))
    scores = score(extracted, pages)
    if tool.module == "ours" and own.told is not None:
        scores = own.told[tool.reads]
    told = {name: value for name, value in scores.items() if name != NOT_SCORED}
    return told | cost_row(extracted, cost)


def _measure(tool: Extractor, pages: Pages, out: Path, limits: Limits) -> Cost:
    code = ["-m", "benchmarks.extractors.run", tool.module, tool.variant, tool.reads]
    command = [sys.executable, *code, str(pages.path.resolve()), str(out)]
    return measure(command, cwd=ROOT, environment=ENVIRONMENT, limits=limits)


def score(extracted: Extracted, pages: Pages) -> Told:
    """Score what was extracted; a page that failed is scored as one of which nothing was kept."""
    scored = [
        page_score(text or "", truth)
        for text, truth in zip(extracted.texts, pages.truths, strict=True)
    ]
    return card_scores(summed(scored, 0.0))


def cost_row(extracted: Extracted, cost: Cost) -> dict[str, Any]:
    """Give what extraction cost, and on how many pages it gave nothing."""
    n = len(extracted.texts)
    failed = extracted.texts.count(None)
    return {
        "cpu_ms_a_page": round(1000 * extracted.cpu_seconds / n, 2),
        "strip_cpu_ms_a_page": round(1000 * extracted.strip_cpu_seconds / n, 2),
        "failed": failed,
        "empty": sum(not words(text or "") for text in extracted.texts) - failed,
        "first_error": extracted.first_error,
        "peak_mb": round(cost.peak_bytes / 1e6),
    }


def notes(pages: Pages, own: Own, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say what the columns are."""
    n = len(pages.truths)
    told = [
        f"{n:,} pages, {pages.n_bytes / n / 1000:,.0f} KB of HTML each on average. Word F1 is the "
        "mean over pages of the F1 of the multisets of words. A snippet is found where its words "
        "stand in the text, one after the other: words are compared, not quotes, dashes or white "
        "space. A page is failed where the tool raised an error, empty where it gave no word.",
        "CPU time is from the string of a page to the string of its body; start-up, imports and "
        "reading the files are not in it. The memory is that of the whole process.",
        own.note + " Its time, memory and empty pages are the shipped model's on the same pages.",
    ]
    strip = [row["strip_cpu_ms_a_page"] for row in rows if row.get("strip_cpu_ms_a_page")]
    if strip:
        told.append(
            "Ours on plain text is given all of a page's text, as resiliparse makes it; that took "
            f"{strip[0]:g} ms a page, which its time does not have."
        )
    return told
