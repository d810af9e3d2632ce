"""What the terminal says at the end of a run."""

from pathlib import Path

from dedup.report.manifest import Manifest
from dedup.report.numbers import byte_size, duration, plural, rate, share

COPIES = ("copy", "copies")


def summary(manifest: Manifest, place: Path | str) -> str:
    """Say in a few aligned lines what came in, what became of it, and where it lies.

    Returns
    -------
    Plain text without a line break at its end.
    """
    lines = [("read", _read(manifest))]
    lines += _documents(manifest) if manifest.counts.documents else []
    lines += _rejected(manifest) if manifest.counts.rejected else []
    lines += _text(manifest) if manifest.counts.characters else []
    lines += _clusters(manifest) if manifest.command == "find" else []
    lines += [("warning", text) for text in manifest.warnings]
    lines.append(("written to", f"{place} (open report.html there)"))
    width = max(len(name) for name, _ in lines)
    return "\n".join(f"{name:<{width}}  {text}" for name, text in lines)


def _read(manifest: Manifest) -> str:
    return (
        f"{plural(manifest.counts.read, 'document')}, {byte_size(manifest.bytes_read)}"
        f" in {duration(manifest.seconds)} ({rate(manifest.bytes_read, manifest.seconds)})"
    )


def _documents(manifest: Manifest) -> list[tuple[str, str]]:
    outcomes = manifest.counts.documents
    return [
        (name, _number(manifest, n))
        for name in ("kept", "duplicate", "no body")
        if (n := outcomes.get(name, 0)) or name == "kept"
    ]


def _rejected(manifest: Manifest) -> list[tuple[str, str]]:
    return [("rejected", f"{_number(manifest, manifest.counts.rejected)}, see rejected.jsonl")]


def _text(manifest: Manifest) -> list[tuple[str, str]]:
    characters = manifest.counts.characters
    kept, whole = characters.get("kept", 0), sum(characters.values())
    return [("text", f"{share(kept, whole)} of {whole:,} characters kept")] if whole else []


def _number(manifest: Manifest, n: int) -> str:
    """Write a number of documents under the others, and its share of all that were read."""
    counts = manifest.counts
    width = max(len(f"{each:,}") for each in (counts.rejected, *counts.documents.values()))
    return f"{n:>{width},}  {share(n, counts.read)}"


def _clusters(manifest: Manifest) -> list[tuple[str, str]]:
    counts = manifest.counts
    return [
        (f"{kind}s", f"{plural(n, 'cluster')} with {counts.members.get(kind, 0):,} members")
        for kind, n in sorted(counts.clusters.items(), reverse=True)
    ] + [
        (f"{kind}s", f"{plural(n, 'passage')} with {plural(counts.copies.get(kind, 0), *COPIES)}")
        for kind, n in sorted(counts.passages.items())
    ]
