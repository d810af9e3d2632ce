"""Labelled pages written anew in scripts and words that nobody labelled.

Labelled sets are mostly English, and a model that saw no other language judges by English words
and by the shape of English text. So it also learns from copies whose letters are exchanged, each
page by a cipher of its own: menus, articles and markup stay what they were, but no word is known,
and letters, cases, marks, blanks and full stops are those of another script.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup import schema
from dedup.buffers import list_array, list_parts

Random = np.random.Generator

VOWELS, CONSONANTS = "aeiouy", "bcdfghjklmnpqrstvwxz"
ALPHABETS = {
    "Latin": ("aeiouäöüéèáíóúåęąı", "bcdfghjklmnpqrstvwxzčšžłñßçğ"),
    "Cyrillic": ("аеиоуыэюяё", "бвгджзклмнпрстфхцчшщй"),
    "Greek": ("αεηιουωάέίό", "βγδζθκλμνξπρσςτφχψ"),
    "Arabic": ("اوي", "بتثجحخدذرزسشصضطظعغفقكلمنه"),
    "Hebrew": ("אויה", "בגדזחטכלמנסעפצקרשת"),
    "Devanagari": ("ािीुूेैो", "कखगघचछजटडतथदधनपबभमयरलवशसह"),
    "Thai": ("ะาิีุูเแโ", "กขคงจชซดตทนบปพมยรลวสหอ"),
}
"""Vowels and consonants; the vowels of some scripts are marks."""

STOPS = {
    "Arabic": {",": "،", "?": "؟", ";": "؛"},
    "Devanagari": {".": "।"},
    "Thai": {".": "", ",": ""},
    "Han": {".": "。", ",": "，", "?": "？", "!": "！", ":": "：", ";": "；"},
    "Japanese": {".": "。", ",": "、", "?": "？", "!": "！"},
}
UNSPACED = ("Han", "Japanese", "Thai")
SCRIPTS = (*ALPHABETS, "Hangul", "Han", "Japanese")

SYLLABLES, HAN, HIRAGANA, KATAKANA = (0xAC00, 11172), (0x4E00, 3500), (0x3042, 80), (0x30A2, 80)
"""First code point of a block, and how many of it are drawn from."""

KEPT = 0.03
"""Share of the words that stay: names, and what every language borrows."""

COPY = 1 << 62
"""Added to a page's number, which keeps copies apart from pages and from their bare bodies."""

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def ciphered(pages: pa.RecordBatch, *, seed: int) -> pa.RecordBatch:
    """Write pages anew, each in a script and by a cipher of its own.

    Parameters
    ----------
    pages: schema.PAGES.

    Returns
    -------
    schema.PAGES: the same blocks with other texts; a page's `document` grows by COPY. Blocks
    without a letter stay.
    """
    blocks, offsets = list_parts(pages.column("blocks"))
    spans = np.stack([blocks.field(n).to_numpy() for n in ("start", "end", "link_bytes")], axis=1)
    texts, titles = [], []
    for row, (begin, end) in enumerate(pairwise(offsets)):
        write = make_cipher(np.random.default_rng([seed, row]))
        text = pages.column("text")[row].as_py().encode()
        texts.append(_rewritten(text, spans[begin:end], write))
        title = pages.column("title")[row].as_py()
        titles.append(None if title is None else write(title))
    names = [field.name for field in schema.BLOCK]
    columns = dict(zip(names, blocks.flatten(), strict=True))
    for number, name in enumerate(("start", "end", "link_bytes")):
        columns[name] = pa.array(spans[:, number], schema.BLOCK.field(name).type)
    made = pa.StructArray.from_arrays(list(columns.values()), fields=list(schema.BLOCK))
    document = pages.column("document").to_numpy() + COPY
    written = pa.array(texts, pa.string())
    replaced: Mapping[str, Any] = {
        "document": pa.array(document),
        "text": written,
        "n_characters": pc.utf8_length(written),
        "title": pa.array(titles, pa.string()),
        "blocks": list_array(made, offsets),
    }
    arrays = [replaced.get(field.name, pages.column(field.name)) for field in schema.PAGES]
    return pa.RecordBatch.from_arrays(arrays, schema=schema.PAGES)


def _rewritten(text: bytes, spans: npt.NDArray[np.int64], write: Callable[[str], str]) -> str:
    """Rewrite each block of a page, and move its span (start, end, bytes of links) in place."""
    parts: list[bytes] = []
    size = before = 0
    for span in spans:
        start, end, link_bytes = (int(value) for value in span)
        made = write(text[start:end].decode()).encode()
        parts += [text[before:start], made]
        size += start - before
        span[:] = size, size + len(made), round(link_bytes / max(end - start, 1) * len(made))
        size += len(made)
        before = end
    parts.append(text[before:])
    return b"".join(parts).decode()


def make_cipher(random: Random) -> Callable[[str], str]:
    """Draw a script and a cipher: the same word is always written in the same way."""
    script = SCRIPTS[random.integers(len(SCRIPTS))]
    salt = int(random.integers(1 << 32))
    if script in ALPHABETS:
        of_word = partial(_spelled, letters=_exchanged(ALPHABETS[script], random))
    else:
        of_word = partial(
            {"Hangul": _hangul, "Han": _han, "Japanese": _japanese}[script], salt=salt
        )
    known: dict[str, str] = {}

    def written(match: re.Match[str]) -> str:
        word = match[0]
        if word not in known:
            stays = _hashed(word.lower(), salt) % 1000 < KEPT * 1000
            known[word] = word if stays else of_word(word)
        return known[word]

    stops = STOPS.get(script, {})
    joins = script in UNSPACED

    def write(text: str) -> str:
        made = _STOP.sub(lambda stop: stops.get(stop[0], stop[0]), WORD.sub(written, text))
        return _BETWEEN.sub("", made) if joins else made

    return write


_STOP = re.compile(r"(?<=[^\s\d])[.,:;?!](?=\s|$)")
"""A stop after a word; one in a number or a time stays."""

_BETWEEN = re.compile(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])")
"""A blank between two characters of a script that has none."""


def _exchanged(alphabet: tuple[str, str], random: Random) -> dict[str, str]:
    """Give each letter another one, each vowel a vowel; in small alphabets some share theirs."""
    table: dict[str, str] = {}
    for letters, others in zip((VOWELS, CONSONANTS), alphabet, strict=True):
        drawn = random.permutation(list(others))
        table |= {letter: str(drawn[i % len(drawn)]) for i, letter in enumerate(letters)}
    return table


def _spelled(word: str, letters: Mapping[str, str]) -> str:
    made = "".join(letters.get(letter, letter) for letter in _plain(word))
    if word.isupper() and len(word) > 1:
        return made.upper()
    return made[:1].upper() + made[1:] if word[0].isupper() else made


def _plain(word: str) -> str:
    """Write a word in small letters without accents."""
    apart = unicodedata.normalize("NFD", word.lower())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _hashed(text: str, salt: int) -> int:
    """Hash a short text (FNV-1a), the same in every process."""
    h = 2166136261 ^ salt
    for letter in text:
        h = (h ^ ord(letter)) * 16777619 & 0xFFFFFFFF
    return h ^ h >> 15


def _drawn(chunk: str, salt: int, block: tuple[int, int]) -> str:
    return chr(block[0] + _hashed(chunk, salt) % block[1])


def _chunks(word: str, size: int) -> list[str]:
    plain = _plain(word)
    return [plain[at : at + size] for at in range(0, len(plain), size)]


def _hangul(word: str, salt: int) -> str:
    return "".join(_drawn(chunk, salt, SYLLABLES) for chunk in _chunks(word, 3))


def _han(word: str, salt: int) -> str:
    return "".join(_drawn(chunk, salt, HAN) for chunk in _chunks(word, 4))


def _japanese(word: str, salt: int) -> str:
    """Write names in Katakana, short words in Hiragana, others in Han with an ending."""
    if word[0].isupper() and _hashed(word, salt) % 3 == 0:
        return "".join(_drawn(chunk, salt, KATAKANA) for chunk in _chunks(word, 2))
    if len(word) <= 3:
        return _drawn(word.lower(), salt, HIRAGANA)
    stem = "".join(_drawn(chunk, salt, HAN) for chunk in _chunks(word[:-2], 4))
    return stem + _drawn(word[-2:].lower(), salt, HIRAGANA)
