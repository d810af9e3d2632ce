"""An explanation as lines of text."""

from dedup.cli.terminal import facts, one_line, paragraph, table, width
from dedup.report.explanation import Block, Cluster, Explanation, Member, Passages, Record
from dedup.report.numbers import plural
from dedup.report.verdicts import measure
from dedup.report.visible import spelled

LONGEST_NAME = 500


def render(found: Explanation) -> str:
    """Say what became of it first, then all that is known."""
    name = spelled(found.name, 200)
    parts = [paragraph(f"{found.sort.capitalize()} {name}") + paragraph(spelled(found.verdict))]
    if found.rejected is not None:
        rejected = found.rejected
        where = _where(rejected.source, rejected.offset)
        parts.append(facts([("url", spelled(rejected.url or "")), ("source", where)]))
    if found.block is not None:
        parts.append(_text(found.block))
    if found.page is not None:
        parts.append(_record(found.page))
    if found.block is not None:
        parts.append(_judged(found.block))
    if found.cluster is not None:
        parts.append(_cluster(found.cluster))
    if found.blocks:
        parts.append(_blocks(found))
    if found.passages is not None:
        parts.append(_passages(found.passages, of_document=found.sort == "document"))
    parts += [paragraph(spelled(note)) for note in found.notes]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _record(page: Record) -> list[str]:
    where = None if page.source is None else _where(page.source, page.offset)
    body = None if page.n_characters is None else plural(page.n_characters, "character")
    return facts(
        [
            ("document", spelled(page.id)),
            ("url", spelled(page.url or "")),
            ("title", one_line(page.title, width() - 14)),
            ("source", where),
            ("date", None if page.date is None else f"{page.date:%Y-%m-%d %H:%M} UTC"),
            ("body", body),
            ("reason", page.reason),
        ]
    )


def _where(source: str, offset: int | None) -> str:
    return f"{spelled(source)}, offset {offset:,}"


def _text(block: Block) -> list[str]:
    more = block.length - len(block.text)
    lines = paragraph(one_line(block.text), "  | ")
    return [*lines, f"  | ({more:,} characters more)"] if more > 0 else lines


def _judged(block: Block) -> list[str]:
    stands = f"{plural(block.site_pages, 'page')} of its site, {block.crawl_pages:,} of the crawl"
    return facts(
        [
            ("characters", f"{block.start:,} to {block.end:,} of the document's text"),
            ("label", f"{block.label}, probability of body {measure(block.probability)}"),
            ("reason", block.reason),
            ("why", spelled(block.why or "")),
            ("stands on", stands),
        ]
    )


def _cluster(cluster: Cluster) -> list[str]:
    name = spelled(cluster.name)
    size = plural(cluster.size, cluster.kind)
    pages = "" if cluster.kind == "document" else f" in {plural(cluster.documents, 'document')}"
    enough = f"similarity {cluster.threshold:g}"
    if cluster.enough_contained is not None:
        enough += f" or containment {cluster.enough_contained:g}"
    lines = paragraph(f"Cluster {name}: {size}{pages}; {enough} is enough to belong to it.")
    if cluster.own is not None:
        own = cluster.own
        lines.append(
            "  This one is the keeper."
            if own.keeper
            else f"  This one: similarity {measure(own.similarity)}, "
            f"containment {measure(own.containment)}."
        )
    if cluster.members:
        rows = [_member(member) for member in cluster.members]
        what = "member" if cluster.own is None else "also at"
        lines += table([" similarity", " containment", "", what, "url"], rows)
    n_others = cluster.size - (cluster.own is not None)
    return lines + _more(n_others - len(cluster.members), "other place")


def _member(member: Member) -> list[str]:
    place = member.document if member.block is None else f"{member.document}#{member.block}"
    said = [word for word, yes in (("keeper", member.keeper), ("indexed", member.indexed)) if yes]
    return [
        measure(member.similarity),
        measure(member.containment),
        ", ".join(said),
        spelled(place, LONGEST_NAME),
        member.url or "",
    ]


def _blocks(found: Explanation) -> list[str]:
    counted = ", ".join(f"{n:,} {outcome}" for outcome, n in found.outcomes.items())
    lines = paragraph(f"{plural(found.n_blocks, 'block')}: {spelled(counted)}")
    rows = [
        [
            str(block.index),
            "kept" if block.keep else block.reason or "",
            measure(block.probability),
            block.text,
        ]
        for block in found.blocks
    ]
    head, *told = table([" #", "verdict", " p", "text"], rows)
    lines.append(head)
    for block, line in zip(found.blocks, told, strict=True):
        lines.append(line)
        if block.why:
            lines += paragraph(f"why: {spelled(block.why)}", " " * 10)
    return lines + _more(found.n_blocks - len(found.blocks), "block")


def _passages(passages: Passages, *, of_document: bool) -> list[str]:
    lines = [] if not passages.excerpt else [*paragraph(one_line(passages.excerpt), "  | "), ""]
    rows = [
        [
            copy.kind,
            f"{copy.n_words:,}",
            measure(copy.similarity),
            "kept" if copy.keep else "copy",
            f"{copy.start:,}-{copy.end:,}",
            copy.passage if of_document else copy.document,
        ]
        for copy in passages.copies
    ]
    last = "passage" if of_document else "document"
    lines += table(["kind", " words", " similarity", "", " characters", last], rows)
    return lines + _more(passages.n - len(passages.copies), "place")


def _more(n: int, one: str) -> list[str]:
    return [f"  and {plural(n, one)} more (--all)"] if n > 0 else []
