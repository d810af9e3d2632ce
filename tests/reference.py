"""Slow, obvious twins of the kernels: what they must equal on any input."""

import unicodedata

import numpy as np

from dedup.sketch.characters import ALONE, IGNORED, SEPARATOR, entry

MASK = (1 << 64) - 1


# --- words


def words(text: str) -> list[str]:
    """Split a text into words, one character at a time."""
    found, word = [], ""
    for character in text:
        kind = entry(character) & 3
        if kind == IGNORED:
            continue
        if kind in (SEPARATOR, ALONE):
            found.append(word)
            word = ""
        if kind == ALONE:
            found.append(character.lower()[0])
        elif kind != SEPARATOR:
            word += character.lower()[0]
    return [w for w in [*found, word] if w]


def hash_bytes(data: bytes) -> int:
    h = len(data) * 0xC2B2AE3D27D4EB4F & MASK
    while len(data) > 16:
        h = (h ^ int.from_bytes(data[:8], "little")) * 0x9E3779B97F4A7C15 & MASK
        h ^= h >> 32
        data = data[8:]
    h = (h ^ int.from_bytes(data[:8], "little")) * 0x9E3779B97F4A7C15 & MASK
    h ^= h >> 32
    h = (h ^ int.from_bytes(data[8:], "little")) * 0xC2B2AE3D27D4EB4F & MASK
    return h ^ (h >> 29)


def word_hashes(text: str) -> list[int]:
    return [hash_bytes(word.encode()) for word in words(text)]


def hash_sequence(hashes: list[int]) -> int:
    """Hash words in four chains that are joined at the end; what is left over joins the first."""
    chains = [0x165667B19E3779F9 ^ len(hashes)] * 4
    whole = len(hashes) - len(hashes) % 4
    for i, word in enumerate(hashes):
        chain = i % 4 if i < whole else 0
        h = (chains[chain] ^ word) * 0x9E3779B97F4A7C15 & MASK
        chains[chain] = h ^ (h >> 32)
    h = (chains[0] * 0xC2B2AE3D27D4EB4F & MASK) ^ (chains[0] >> 31)
    h = (h ^ chains[1]) * 0xC2B2AE3D27D4EB4F & MASK
    h = (h ^ (h >> 32) ^ chains[2]) * 0xC2B2AE3D27D4EB4F & MASK
    h = (h ^ (h >> 32) ^ chains[3]) * 0xC2B2AE3D27D4EB4F & MASK
    return h ^ (h >> 31)


def is_known(text: str) -> bool:
    """Tell whether this Python's Unicode agrees with the table's on all characters."""
    return all(unicodedata.category(c) != "Cn" for c in text)


# --- shingles


def mix(h: int) -> int:
    h ^= h >> 33
    h = h * 0xFF51AFD7ED558CCD & MASK
    h ^= h >> 33
    h = h * 0xC4CEB9FE1A85EC53 & MASK
    return h ^ (h >> 33)


def shingle_hashes(hashes: list[int], ngram: int) -> list[int]:
    """Hash each run of `ngram` words as a polynomial, then mix it."""
    made = []
    for i in range(len(hashes) - ngram + 1):
        h = 0
        for word in hashes[i : i + ngram]:
            h = (h * 0xD6E8FEB86659FD93 + word) & MASK
        made.append(mix(h))
    return made


def anchors(shingles: list[int], window: int) -> list[int]:
    """Pick the lowest of each window, the last one where two are equal; each place once."""
    window = min(window, len(shingles))
    places: list[int] = []
    for begin in range(len(shingles) - window + 1 if shingles else 0):
        span = range(begin, begin + window)
        lowest = min(span, key=lambda i: (shingles[i], -i))
        if not places or places[-1] != lowest:
            places.append(lowest)
    return [shingles[i] for i in places]


# --- signatures


def premix(h: int) -> int:
    h ^= h >> 16
    h = h * 0x85EBCA6B & 0xFFFFFFFF
    h ^= h >> 13
    h = h * 0xC2B2AE35 & 0xFFFFFFFF
    return h ^ (h >> 16)


def signature(shingles: list[int], a: np.ndarray, b: np.ndarray) -> list[int]:
    hashes = [premix(h >> 32) for h in shingles]
    return [
        min((int(x) * h + int(y)) & 0xFFFFFFFF for h in hashes)
        for x, y in zip(a.tolist(), b.tolist(), strict=True)
    ]


def fast_signature(shingles: list[int], factors: list[int], n_values: int) -> list[int]:
    """Fill the bins of a fast similarity sketch round by round, lowest value first."""
    made: dict[int, int] = {}
    n_rounds = len(factors) - n_values
    for turn in range(n_rounds):
        found: dict[int, list[int]] = {}
        for shingle in shingles:
            h = (shingle * factors[turn] & MASK) >> 32
            value = (h * n_values & 0xFFFFFFFF) >> 6
            found.setdefault(h * n_values >> 32, []).append(turn << 26 | value)
        made = {k: min(values) for k, values in found.items()} | made
    for k in range(n_values):
        values = [(shingle * factors[n_rounds + k] & MASK) >> 38 for shingle in shingles]
        made.setdefault(k, n_rounds << 26 | min(values))
    return [made[k] for k in range(n_values)]
