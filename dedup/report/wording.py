"""The sentences of the report that depend on its numbers."""

from dedup.report.manifest import Manifest
from dedup.report.numbers import plural, share


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
    return _listed(found) if found else "No duplicates found"


def lede(manifest: Manifest) -> str:
    """Say what went and why, in one or two sentences."""
    counts = manifest.counts
    if not counts.read:
        return "There was nothing to read."
    if manifest.command == "find":
        read = f"{plural(counts.read, 'document')} compared; no text was changed."
        return f"{read} {counts.rejected:,} could not be read." if counts.rejected else read
    gone = _gone(manifest)
    said = f"{_listed(gone)}." if gone else "None was removed."
    whole = sum(counts.characters.values())
    if not whole:
        return said
    stays = share(counts.characters.get("kept", 0), whole)
    return f"{said} Of all their text {stays} stays; the rest is boilerplate, repetition or copies."


def _gone(manifest: Manifest) -> list[str]:
    documents = manifest.counts.documents
    duplicate, empty = documents.get("duplicate", 0), documents.get("no body", 0)
    rejected = manifest.counts.rejected
    said = [
        (duplicate, "is a near-duplicate of another", "are near-duplicates of another"),
        (empty, "has no body text", "have no body text"),
        (rejected, "could not be read", "could not be read"),
    ]
    return [f"{n:,} {one if n == 1 else many}" for n, one, many in said if n]


def shown(n: int, total: int, which: str) -> str:
    """Say how much of something stands on the page, if not all of it.

    Examples
    --------
    >>> shown(24, 871, "the largest clusters"), shown(3, 3, "the largest")
    (' Shown: the largest clusters, 24 of 871.', '')
    """
    return f" Shown: {which}, {n:,} of {total:,}." if n < total else ""


def _listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
