"""A corpus of plain texts with duplicates planted in it, of any size, written as a stream.

Words are drawn by Zipf's law with Mandelbrot's shift; a tenth of the text is stock phrases,
so that unrelated texts share shingles, as real ones do. Families (an original and what was
made of it) have sizes by a power law. A member is an exact copy, an edited one (single words
replaced, dropped or added), a truncated one, or a teaser (the first words of the original).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

VOCABULARY = 50_000
PHRASES, LONGEST_PHRASE = 4_000, 9
EDIT_RATES = (0.0, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2)
KINDS = ("original", "edited", "truncated", "teaser")
SHUFFLED = 20_000
"""Documents that are held back to mix the members of families among the others."""
ROWS, TOGETHER = 5_000, 500
"""Documents in a batch, and originals that are drawn at once."""

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("text", pa.string()),
        # number of the family; a document without a relative is alone in its own
        pa.field("family", pa.int64()),
        pa.field("kind", pa.string()),
        # share of words that were edited
        pa.field("edits", pa.float64()),
    ]
)

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """What a corpus is like."""

    documents: int
    seed: int = 1
    # median; lengths are log-normal
    words: int = 400
    # share of documents that belong to a family of two and more
    related: float = 0.25
    largest_family: int = 1_000


@dataclass(frozen=True)
class Language:
    """Tokens by form (plain, capital, comma, full stop, paragraph's end) and word."""

    # of form f and word w at f * VOCABULARY + w
    tokens: pa.StringArray
    # cumulated probabilities of the words
    shares: npt.NDArray[np.float64]
    # int64[PHRASES, LONGEST_PHRASE] and the lengths
    phrases: Numbers
    phrase_lengths: Numbers


@dataclass(frozen=True)
class Text:
    """Words and their forms, int64[n] each."""

    words: Numbers
    forms: Numbers


@dataclass(frozen=True)
class _Document:
    text: Text
    family: int
    kind: str
    edits: float


def rows(plan: Plan) -> Iterator[dict[str, Any]]:
    """Yield documents in the columns of SCHEMA; the same for the same plan."""
    for batch in batches(plan):
        yield from batch.to_pylist()


def batches(plan: Plan) -> Iterator[pa.RecordBatch]:
    """Yield documents in the columns of SCHEMA, some thousand at a time."""
    language = make_language(np.random.default_rng(plan.seed + 1))
    stream = _shuffled(plan, language)
    while some := list(islice(stream, ROWS)):
        numbers, documents = zip(*some, strict=True)
        yield pa.record_batch(
            [
                pa.array([f"doc-{number:08d}" for number in numbers]),
                join_tokens(language, [document.text for document in documents]),
                pa.array([document.family for document in documents], pa.int64()),
                pa.array([document.kind for document in documents]),
                pa.array([document.edits for document in documents], pa.float64()),
            ],
            schema=SCHEMA,
        )


def _shuffled(plan: Plan, language: Language) -> Iterator[tuple[int, _Document]]:
    random = np.random.default_rng(plan.seed)
    held: list[tuple[int, _Document]] = []
    for numbered in enumerate(islice(_families(random, language, plan), plan.documents)):
        held.append(numbered)
        if len(held) == SHUFFLED:
            yield held.pop(_swap_last(held, random))
    while held:
        yield held.pop(_swap_last(held, random))


def write_corpus(path: Path, plan: Plan) -> None:
    """Write the corpus as Parquet (zstd) or, by the name's ending, as JSONL.

    Raises
    ------
    FileExistsError: there is something at `path`.
    """
    if path.exists():
        raise FileExistsError(path)
    part = path.with_name(f"{path.name}.part")
    if path.suffix == ".jsonl":
        with part.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows(plan))
    else:
        with pq.ParquetWriter(part, SCHEMA, compression="zstd") as writer:
            for batch in batches(plan):
                writer.write_batch(batch)
    part.rename(path)


def _families(random: np.random.Generator, language: Language, plan: Plan) -> Iterator[_Document]:
    # power law of exponent 2.2, of mean 5.5 or so before it is cut off
    sizes = np.arange(2, plan.largest_family + 1)
    weights = sizes**-2.2 / (sizes**-2.2).sum()
    mean = float(sizes @ weights)
    chance = plan.related / (plan.related + (1 - plan.related) * mean)
    for family, original in enumerate(_originals(random, language, plan.words)):
        yield _Document(original, family, KINDS[0], 0.0)
        if random.random() < chance:
            for _ in range(int(random.choice(sizes, p=weights)) - 1):
                yield _relative(random, language, original, family)


def _relative(
    random: np.random.Generator, language: Language, original: Text, family: int
) -> _Document:
    kind = KINDS[int(random.choice(3, p=(0.7, 0.15, 0.15))) + 1]
    rate = float(random.choice(EDIT_RATES))
    n = len(original.words)
    text = original
    if kind == "truncated":
        text = _first(original, int(n * random.uniform(0.3, 0.97)))
    elif kind == "teaser":
        text = _first(original, int(random.integers(15, 61)))
        rate = 0.0
    return _Document(edit_words(random, language, text, rate), family, kind, rate)


def join_tokens(language: Language, texts: list[Text]) -> pa.StringArray:
    """Join the tokens of each text."""
    ends = np.cumsum([0, *(len(text.words) for text in texts)])
    at = np.concatenate([text.forms * VOCABULARY + text.words for text in texts])
    tokens = language.tokens.take(pa.array(at))
    begins = np.frombuffer(tokens.buffers()[1], np.int32, len(tokens) + 1)
    offsets = pa.py_buffer(begins[ends].tobytes())
    joined = pa.StringArray.from_buffers(len(texts), offsets, tokens.buffers()[2])
    return pc.utf8_rtrim_whitespace(joined)


def _originals(random: np.random.Generator, language: Language, median: int) -> Iterator[Text]:
    while True:
        lengths = random.lognormal(np.log(median), 0.8, TOGETHER)
        ends = np.cumsum(np.clip(lengths, 30, 20_000).astype(np.int64))
        words, forms = write_texts(random, language, ends)
        for begin, end in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True):
            yield Text(words[begin:end], forms[begin:end])


def write_texts(
    random: np.random.Generator, language: Language, text_ends: Numbers
) -> tuple[Numbers, Numbers]:
    """Write several texts, one after the other: their words and forms."""
    n = int(text_ends[-1])
    words = _draw(random, language, n)
    # a phrase of six words or so each sixty words
    at = np.flatnonzero(random.random(n) < 1 / 60)
    phrase = np.minimum(random.pareto(0.8, len(at)), PHRASES - 1).astype(np.int64)
    room = text_ends[np.searchsorted(text_ends, at, side="right")] - at
    for k in range(LONGEST_PHRASE):
        fits = k < np.minimum(language.phrase_lengths[phrase], room)
        words[at[fits] + k] = language.phrases[phrase[fits], k]
    forms = np.zeros(n, np.int64)
    forms[random.random(n) < 0.06] = 2
    ends = random.random(n) < 1 / 16
    ends[text_ends - 1] = True
    forms[ends] = 3
    forms[ends & (random.random(n) < 0.2)] = 4
    begins = np.roll(ends, 1)
    forms[begins & ~ends] = 1
    return words, forms


def edit_words(random: np.random.Generator, language: Language, text: Text, rate: float) -> Text:
    """Replace (half of them), drop or add so many of the words."""
    if rate == 0:
        return text
    n = len(text.words)
    what = random.choice(4, n, p=(1 - rate, rate / 2, rate / 4, rate / 4))
    words = text.words.copy()
    replaced = what == 1
    words[replaced] = _draw(random, language, int(replaced.sum()))
    # 0 times where a word is dropped, twice where one is added after it
    times = np.where(what == 2, 0, np.where(what == 3, 2, 1))
    kept = np.repeat(np.arange(n), times)
    added = np.flatnonzero(np.diff(kept, prepend=-1) == 0)
    words, forms = words[kept], text.forms[kept]
    words[added] = _draw(random, language, len(added))
    forms[added] = 0
    return Text(words, forms)


def _first(text: Text, n: int) -> Text:
    return Text(text.words[:n], text.forms[:n])


def _draw(random: np.random.Generator, language: Language, n: int) -> Numbers:
    return np.searchsorted(language.shares, random.random(n)).astype(np.int64)


def make_language(random: np.random.Generator) -> Language:
    """Invent words, how frequent they are, and stock phrases of them."""
    words = _invent_words(random)
    forms = [
        [f"{w} " for w in words],
        [f"{w.capitalize()} " for w in words],
        [f"{w}, " for w in words],
        [f"{w}. " for w in words],
        [f"{w}.\n\n" for w in words],
    ]
    weights = 1 / (np.arange(VOCABULARY) + 2.7)
    shares = np.cumsum(weights) / weights.sum()
    shares[-1] = 1.0
    lengths = random.integers(3, LONGEST_PHRASE + 1, PHRASES)
    phrases = np.searchsorted(shares, random.random((PHRASES, LONGEST_PHRASE)))
    tokens = pa.array([token for form in forms for token in form])
    return Language(tokens, shares, phrases, lengths)


def _invent_words(random: np.random.Generator) -> list[str]:
    """Make distinct words, the frequent ones short."""
    onsets = ["", *"bcdfghjklmnprstvwz", "br", "ch", "cl", "dr", "fr", "gr", "pl", "sh", "st", "tr"]
    nuclei = [*"aeiou", "ai", "ea", "ie", "ou", "é"]
    codas = ["", "", "", *"lmnrst", "nd", "ng", "ns", "rd", "st"]
    syllables = [o + n + c for o in onsets for n in nuclei for c in codas]
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        longest = 1 if len(words) < 500 else 2 if len(words) < 8_000 else 3
        picked = random.integers(0, len(syllables), int(random.integers(1, longest + 1)))
        words["".join(syllables[i] for i in picked)] = None
    return list(words)


def _swap_last(held: list[tuple[int, _Document]], random: np.random.Generator) -> int:
    """Put one at random last; give the place of the last."""
    at = int(random.integers(len(held)))
    held[at], held[-1] = held[-1], held[at]
    return -1
