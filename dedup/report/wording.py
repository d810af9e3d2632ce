"""The sentences of the report that depend on its numbers."""

from collections.abc import Iterable
from dataclasses import dataclass

from dedup.report.manifest import Manifest
from dedup.report.numbers import byte_size, duration, plural, rate, share

Words = tuple[tuple[str, str], ...]
BRIEFLY: Words = (
    ("duplicate", "duplicates"),
    ("without body", "without body"),
    ("rejected", "rejected"),
)
IN_FULL: Words = (
    ("is a near-duplicate of another", "are near-duplicates of another"),
    ("has no body text", "have no body text"),
    ("could not be read", "could not be read"),
)


@dataclass(frozen=True)
class Fact:
    """A number at the top: what it counts, the number, and what else is to be said of it."""

    label: str
    value: str
    note: str


def facts(manifest: Manifest) -> list[Fact]:
    """Say what came in, what is kept, what went and why, and what it took."""
    counts = manifest.counts
    size = byte_size(manifest.bytes_read)
    blocks = sum(counts.blocks.values())
    note = f"documents, {size}" + (f" in {plural(blocks, 'block')}" if blocks else "")
    found = [Fact("Came in", f"{counts.read:,}", note)]
    if manifest.command == "clean":
        documents, characters = counts.documents, counts.characters
        kept, whole = documents.get("kept", 0), sum(characters.values())
        found.append(
            Fact("Kept", f"{kept:,}", f"documents, {share(kept, counts.read)} of what came in")
        )
        gone = sum(n for name, n in documents.items() if name != "kept") + counts.rejected
        found.append(Fact("Gone", f"{gone:,}", listed(_gone(manifest, BRIEFLY)) or "documents"))
        text = f"{characters.get('kept', 0):,} of {whole:,} characters"
        found.append(Fact("Text kept", share(characters.get("kept", 0), whole), text))
    elif counts.rejected:
        found.append(Fact("Rejected", f"{counts.rejected:,}", "could not be read"))
    for kind, n in sorted(counts.clusters.items(), reverse=True):
        members = f"with {plural(counts.members.get(kind, 0), 'member')}"
        found.append(Fact(f"{kind.capitalize()} clusters", f"{n:,}", members))
    for kind, n in sorted(counts.passages.items()):
        of = "blocks" if kind == "run" else "words"
        copies = f"with {plural(counts.copies.get(kind, 0), 'copy', 'copies')}"
        found.append(Fact(f"Repeated runs of {of}", f"{n:,}", copies))
    speed = rate(manifest.bytes_read, manifest.seconds)
    return [*found, Fact("Took", duration(manifest.seconds), speed)]


def headline(manifest: Manifest) -> str:
    """Say the result in one line."""
    counts = manifest.counts
    if manifest.command == "clean":
        return f"{counts.documents.get('kept', 0):,} of {plural(counts.read, 'document')} kept"
    clusters = [
        f"{plural(n, 'cluster')} of {kind}s"
        for kind, n in sorted(counts.clusters.items(), reverse=True)
    ]
    of = {"run": "blocks", "substring": "words"}
    passages = [
        plural(n, f"repeated run of {of[kind]}", f"repeated runs of {of[kind]}")
        for kind, n in sorted(counts.passages.items())
    ]
    found = clusters + passages
    return listed(found) if found else "No duplicates found"


def lede(manifest: Manifest) -> str:
    """Say what went and why, in one or two sentences."""
    counts = manifest.counts
    if not counts.read:
        return "There was nothing to read."
    if manifest.command == "find":
        read = f"{plural(counts.read, 'document')} compared; no text was changed."
        return f"{read} {counts.rejected:,} could not be read." if counts.rejected else read
    gone = _gone(manifest, IN_FULL)
    said = f"{listed(gone)}." if gone else "None was removed."
    whole = sum(counts.characters.values())
    if not whole:
        return said
    stays = share(counts.characters.get("kept", 0), whole)
    return f"{said} Of all their text {stays} stays; the rest is boilerplate, repetition or copies."


def _gone(manifest: Manifest, words: Words) -> list[str]:
    """Count what went, by the words for duplicates, for what has no body, and for rejected."""
    documents = manifest.counts.documents
    counts = (
        documents.get("duplicate", 0),
        documents.get("no body", 0),
        manifest.counts.rejected,
    )
    return [
        f"{n:,} {one if n == 1 else many}"
        for n, (one, many) in zip(counts, words, strict=True)
        if n
    ]


def shown(n: int, total: int, which: str) -> str:
    """Say how much of something stands on the page, if not all of it.

    Examples
    --------
    >>> shown(24, 871, "the largest clusters"), shown(3, 3, "the largest")
    (' Shown: the largest clusters, 24 of 871.', '')
    """
    return f" Shown: {which}, {n:,} of {total:,}." if n < total else ""


def listed(given: Iterable[str]) -> str:
    """Join parts of a sentence.

    Examples
    --------
    >>> listed(["3 pages", "2 blocks", "1 passage"])
    '3 pages, 2 blocks and 1 passage'
    """
    parts = list(given)
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
