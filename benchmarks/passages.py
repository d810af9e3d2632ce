"""A corpus where passages of one document stand within longer lines of another.

Half of the documents are hosts: lines of 60 to 150 words. The others have lines of their own
and one passage, of 12 to 60 words, taken from within a host's line and edited a little. Which
line holds which by how much is computed from the texts, not taken from the plan.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.planted import (
    Language,
    Text,
    edit_words,
    join_tokens,
    make_language,
    write_texts,
)
from benchmarks.score import Score, pair_keys
from benchmarks.truth import WORDS, Sets, contained_pairs, shingle_sets

EDIT_RATES = (0.0, 0.0, 0.01, 0.02, 0.03, 0.05)
SHORTEST, LONGEST = 12, 60
N = 3
STOP, LINE_END = 3, 4
"""Forms of words, as in a language's tokens."""


@dataclass(frozen=True)
class Lines:
    """The lines of a corpus, those of the same words once."""

    # number of the line of the same words, by the name that `dedup find --pairs` gives a block
    places: dict[str, int]
    # int64[l]
    n_words: npt.NDArray[np.int64]
    sets: Sets


def write_passages(path: Path, documents: int, seed: int = 1) -> None:
    """Write the corpus as Parquet with columns `id` and `text`."""
    random = np.random.default_rng(seed)
    language = make_language(np.random.default_rng(seed + 1))
    texts = list(_documents(random, language, documents))
    order = random.permutation(documents)
    table = {
        "id": [f"doc-{number:08d}" for number in range(documents)],
        "text": join_tokens(language, [texts[i] for i in order]),
    }
    part = path.with_name(f"{path.name}.part")
    pq.write_table(pa.table(table), part, compression="zstd")
    part.rename(path)


def read_lines(corpus: Path) -> Lines:
    """Read the lines of a corpus and number them by their words."""
    table = pq.read_table(corpus, columns=["id", "text"])
    numbers: dict[tuple[str, ...], int] = {}
    places = {}
    for row in table.to_pylist():
        lines = filter(str.strip, row["text"].splitlines())
        for index, line in enumerate(lines):
            words = tuple(WORDS(line.lower()))
            places[f"{row['id']}#{index}"] = numbers.setdefault(words, len(numbers))
    n_words = np.array([len(words) for words in numbers], np.int64)
    return Lines(places, n_words, shingle_sets(map(" ".join, numbers), N))


def score_passages(lines: Lines, out: Path, containment: float) -> Score:
    """Compare the pairs of blocks in a result with the passages that longer lines hold."""
    exact = contained_pairs(lines.sets, containment)
    inner = lines.n_words[exact.a] >= SHORTEST
    inner &= lines.sets.sizes[exact.b] > lines.sets.sizes[exact.a]
    true = pair_keys(exact.a[inner], exact.b[inner])
    found = _read_found(lines, out, containment)
    right = len(np.intersect1d(true, found, assume_unique=True))
    return Score(
        recall=right / len(true) if len(true) else 1.0,
        precision=right / len(found) if len(found) else 1.0,
        found=len(found),
    )


def _read_found(lines: Lines, out: Path, containment: float) -> npt.NDArray[np.int64]:
    files = sorted((out / "pairs").glob("*.parquet"))
    table = pa.concat_tables([pq.read_table(path) for path in files])
    table = table.filter(pc.field("containment") >= containment)
    a, b = (
        np.array([lines.places[place] for place in table[name].to_pylist()], np.int64)
        for name in ("a", "b")
    )
    shorter = lines.sets.sizes[a] < lines.sets.sizes[b]
    short, long = np.where(shorter, a, b), np.where(shorter, b, a)
    counted = lines.sets.sizes[short] < lines.sets.sizes[long]
    counted &= lines.n_words[short] >= SHORTEST
    return pair_keys(short[counted], long[counted])


def _documents(random: np.random.Generator, language: Language, documents: int) -> Iterator[Text]:
    hosts = documents // 2
    lines = []
    for _ in range(hosts):
        own = _write_lines(random, language, random.integers(60, 151, int(random.integers(4, 9))))
        lines += own
        yield _joined(own)
    for _ in range(documents - hosts):
        own = _write_lines(random, language, random.integers(30, 91, int(random.integers(2, 5))))
        own.insert(
            int(random.integers(len(own) + 1)),
            _passage(random, language, lines[int(random.integers(len(lines)))]),
        )
        yield _joined(own)


def _passage(random: np.random.Generator, language: Language, line: Text) -> Text:
    n = min(int(random.integers(SHORTEST, LONGEST + 1)), len(line.words) - 2)
    begin = int(random.integers(1, len(line.words) - n))
    taken = Text(line.words[begin : begin + n], line.forms[begin : begin + n].copy())
    edited = edit_words(random, language, taken, float(random.choice(EDIT_RATES)))
    edited.forms[-1] = LINE_END
    return edited


def _write_lines(
    random: np.random.Generator, language: Language, lengths: npt.NDArray[np.int64]
) -> list[Text]:
    ends = np.cumsum(lengths)
    words, forms = write_texts(random, language, ends)
    forms[forms == LINE_END] = STOP
    forms[ends - 1] = LINE_END
    return [
        Text(words[end - n : end], forms[end - n : end])
        for end, n in zip(ends.tolist(), lengths.tolist(), strict=True)
    ]


def _joined(lines: list[Text]) -> Text:
    return Text(
        np.concatenate([line.words for line in lines]),
        np.concatenate([line.forms for line in lines]),
    )
