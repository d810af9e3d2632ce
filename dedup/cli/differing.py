"""What differs between two results as lines of text."""

from collections.abc import Callable, Sequence

from dedup.cli.terminal import facts, paragraph, table
from dedup.report.changes import GONE, Change, Changes, Clusters, Parted, Presence, Sample
from dedup.report.numbers import plural
from dedup.report.verdicts import measure
from dedup.report.visible import spelled

SAMPLES = 6
"""Columns by which samples are indented."""

Rows = Callable[[Change], list[str]]


def render(found: Changes, a: str, b: str) -> str:
    """Say what the results are, which settings and inputs differ, then what became otherwise."""
    parts = [facts([("A", spelled(a)), ("B", spelled(b))]), _settings(found), _inputs(found)]
    if found.presence is not None:
        judged, alone = _parted_by_presence(found.documents)
        which = "Documents in both" if alone else "Documents"
        parts.append(_changed(which, "document", judged, _documents))
        parts.append(_presence(found.presence, alone))
        parts.append(_changed("Blocks", "block", found.blocks, _blocks))
        parts.append(_text(found))
    elif found.passages:
        parts.append(_changed("Passages", "place", found.passages, _passages))
    parts += [_clusters(each) for each in found.clusters]
    if not found.clusters and found.presence is None and not found.passages:
        parts.append(["Both found the same."])
    return "\n\n".join("\n".join(part) for part in parts if part)


def _settings(found: Changes) -> list[str]:
    if not found.settings:
        return ["The settings are the same."]
    lines = [
        (setting.name, f"{spelled(setting.a)} → {spelled(setting.b)}") for setting in found.settings
    ]
    return ["Settings that differ:", *facts(lines)]


def _inputs(found: Changes) -> list[str]:
    inputs = found.inputs
    if not inputs.only_a and not inputs.only_b:
        return []
    names = [("only A", name) for name in inputs.only_a] + [("only B", n) for n in inputs.only_b]
    told = facts((which, spelled(name)) for which, name in names)
    hint = "Documents that bring no id are named by their source, too: of other names they differ."
    return ["Inputs that differ:", *told, *paragraph(hint, "  ")]


def _parted_by_presence(changes: Sequence[Change]) -> tuple[list[Change], list[Change]]:
    """Part what is judged otherwise from what one of the results has not."""
    alone = [change for change in changes if GONE in (change.a, change.b)]
    return [change for change in changes if change not in alone], alone


def _presence(presence: Presence, changes: Sequence[Change]) -> list[str]:
    if not presence.only_a and not presence.only_b:
        return []
    alone = [
        f"{plural(n, 'document')} only in {which} ({characters:,} characters kept)"
        for which, n, characters in (
            ("A", presence.only_a, presence.characters_only_a),
            ("B", presence.only_b, presence.characters_only_b),
        )
        if n
    ]
    both = plural(presence.both, "document")
    lines = paragraph(f"{' and '.join(alone)}; blocks are compared in the {both} of both.")
    return lines + _told(changes, _documents)


def _changed(title: str, one: str, changes: Sequence[Change], rows: Rows) -> list[str]:
    if not changes:
        return [f"{title}: judged the same."]
    n = sum(change.n for change in changes)
    return [f"{title}: {plural(n, one)} judged otherwise", *_told(changes, rows)]


def _told(changes: Sequence[Change], rows: Rows) -> list[str]:
    lines = []
    for change in changes:
        lines.append(
            f"  {change.a} → {change.b}: {change.n:,} ({plural(change.characters, 'character')})"
        )
        if change.samples:
            lines += rows(change)
    return lines


def _documents(change: Change) -> list[str]:
    heads = ["id", " like its keeper in A", " in B", "url or title"]
    cells = [
        [
            spelled(sample.place),
            _kept_by(sample.similarity_a, sample.keeper_a, sample.place),
            _kept_by(sample.similarity_b, sample.keeper_b, sample.place),
            sample.url or sample.text or "",
        ]
        for sample in change.samples
    ]
    return table(heads, cells, indent=SAMPLES)


def _kept_by(similarity: float | None, keeper: str | None, id_: str) -> str:
    if similarity is None:
        return "–"
    return "keeper" if keeper == id_ else measure(similarity)


def _blocks(change: Change) -> list[str]:
    cells = [
        [
            spelled(_block_place(sample)),
            _known(sample.probability_a),
            _known(sample.probability_b),
            sample.text or "",
        ]
        for sample in change.samples
    ]
    return table(["block", " p in A", " in B", "text"], cells, indent=SAMPLES)


def _block_place(sample: Sample) -> str:
    """Give the name by which `dedup explain` knows it in both results, else the span."""
    if sample.index_a is None or sample.index_a != sample.index_b:
        return sample.place
    return f"{sample.place.rpartition('@')[0]}#{sample.index_a}"


def _known(probability: float | None) -> str:
    return "–" if probability is None else measure(probability)


def _passages(change: Change) -> list[str]:
    return [f"      {sample.text}  {spelled(sample.place)}" for sample in change.samples]


def _text(found: Changes) -> list[str]:
    text = found.text
    if text is None:
        return []
    kept = f"Text kept: {text.a:,} characters in A, {text.b:,} in B"
    where = " where both have the document" if found.presence and _partial(found.presence) else ""
    return paragraph(f"{kept}; {text.gained:,} gained and {text.lost:,} lost{where}.")


def _partial(presence: Presence) -> bool:
    return bool(presence.only_a or presence.only_b)


def _clusters(clusters: Clusters) -> list[str]:
    lines = paragraph(
        f"Clusters of {clusters.kind}s: {clusters.a:,} in A, {clusters.b:,} in B; "
        f"{clusters.same:,} with the same members."
    )
    if clusters.split:
        lines += paragraph(
            f"Split: {clusters.split:,} of A are not all together in B, {clusters.dissolved:,} "
            f"of them not at all ({plural(clusters.pairs_only_a, 'pair')} together only in A).",
            "  ",
        )
        lines += _parted(clusters.samples_split, "B")
    if clusters.merged:
        lines += paragraph(
            f"Merged: {clusters.merged:,} of B were not all together in A, {clusters.new:,} "
            f"of them not at all ({plural(clusters.pairs_only_b, 'pair')} together only in B).",
            "  ",
        )
        lines += _parted(clusters.samples_merged, "A")
    return lines


def _parted(samples: Sequence[Parted], other: str) -> list[str]:
    cells = [
        [f"{each.size:,}", f"{each.pieces:,}", f"{each.largest:,}", f"{each.alone:,}", each.name]
        for each in samples
    ]
    heads = [" members", f" clusters in {other}", " largest share", " in none", "cluster"]
    return table(heads, cells, indent=SAMPLES) if cells else []
