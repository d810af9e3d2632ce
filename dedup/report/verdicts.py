"""What became of a document or block and why, in a sentence."""

from dedup.report.explanation import Block, Cluster, Explanation, Record
from dedup.report.manifest import Manifest
from dedup.report.numbers import plural

_COMPARED = {
    "crawl": "no other document of the crawl is a near-duplicate of it",
    "site": "no other document of its site is a near-duplicate of it",
    "source": "no other document of its source is a near-duplicate of it",
    "page": "documents were not compared with each other (--scope page)",
}

CHANGES_NOTHING = "dedup find changes no text"


def measure(value: float) -> str:
    """Write a similarity or a probability, never as 1 or 0 where it is not that.

    Examples
    --------
    >>> measure(1.0), measure(0.9996), measure(0.766), measure(0.0), measure(0.00004)
    ('1', '0.999', '0.766', '0', '< 0.001')
    """
    if value in (0, 1):
        return f"{value:.0f}"
    if value < 0.001:
        return "< 0.001"
    # cut, not rounded: what does not reach a threshold must not look as if it did; a float32 that
    # was written as 0.973 may lie 1e-8 below it
    return f"{int(value * 1000 + 1e-4) / 1000:.3f}".rstrip("0")


def verdict(found: Explanation, manifest: Manifest) -> str:
    """Say what became of it, and why."""
    if found.rejected is not None:
        return f"It could not be read: {found.rejected.reason}."
    if found.sort == "document" and found.page is not None:
        return _document(found, found.page, manifest)
    if found.block is not None:
        return _block(found.block, found, manifest)
    if found.sort == "block":
        return f"{_alike(found.cluster)}; {CHANGES_NOTHING}."
    if found.sort == "passage":
        return _passage(found)
    return f"{_size(found.cluster)}." if found.cluster else ""


def notes(found: Explanation, manifest: Manifest) -> tuple[str, ...]:
    """Say how more is to be known, where that is so."""
    said = []
    blocks = (*found.blocks, *([found.block] if found.block else []))
    if blocks and not any(block.why for block in blocks):
        said.append(
            "Why the blocks got their labels was not asked for: give the command of the run again, "
            "with --reasons, and another folder."
        )
    if found.cluster and any(member.indexed for member in found.cluster.members):
        said.append(
            f"Members marked indexed stand in the index {manifest.against}, from an earlier run."
        )
    return tuple(said)


def _document(found: Explanation, page: Record, manifest: Manifest) -> str:
    if page.indexed:
        return f"An earlier run brought it: it stands in the index {manifest.against}."
    if page.keep is None:
        said = _alike(found.cluster) if found.cluster else _elsewhere(found)
        return f"{said}; {CHANGES_NOTHING}."
    return f"Kept: {_only_copy(found.cluster, manifest)}." if page.keep else _why(found, manifest)


def _why(found: Explanation, manifest: Manifest) -> str:
    """Say why a document went."""
    gone, page = _gone(manifest), found.page
    if page is not None and page.reason == "duplicate":
        enough = manifest.settings.documents.threshold
        like = _like(page.similarity)
        return f"{gone} as a duplicate of {page.keeper}: {like}, and {enough:g} is enough."
    return f"{gone}, as it has no body: of {plural(found.n_blocks, 'block')} none is kept."


def _gone(manifest: Manifest) -> str:
    return "Would be removed" if manifest.settings.resolve.annotate else "Removed"


def _like(similarity: float | None) -> str:
    return "unlike" if similarity is None else f"its similarity is {measure(similarity)}"


def _only_copy(cluster: Cluster | None, manifest: Manifest) -> str:
    resolve = manifest.settings.resolve
    if cluster is None:
        return _COMPARED[resolve.scope]
    if cluster.own is not None and not cluster.own.keeper:
        return (
            f"of {cluster.size:,} near-duplicates, none that is kept reaches the threshold with it"
        )
    return f"of {cluster.size:,} near-duplicates it is the one that stays (--keep {resolve.keep})"


def _alike(cluster: Cluster | None) -> str:
    """Tell a member of a cluster from its keeper."""
    if cluster is None:
        return "It stands nowhere else"
    if cluster.own is None or cluster.own.keeper:
        return f"It is the first of {cluster.size:,} near-duplicates"
    return f"It is a near-duplicate of {keepers(cluster)}: {_reaches(cluster)}"


def keepers(cluster: Cluster) -> str:
    """Name the keepers of a cluster among its listed members."""
    named = [
        m.document if m.block is None else f"{m.document}#{m.block}"
        for m in cluster.members
        if m.keeper
    ]
    return " and ".join(named) or "a member that is not listed"


def _reaches(cluster: Cluster) -> str:
    """Say which of two measures is enough."""
    own = cluster.own
    if own is None:
        return ""
    if own.similarity >= cluster.threshold or cluster.enough_contained is None:
        return f"its similarity is {measure(own.similarity)}, and {cluster.threshold:g} is enough"
    return (
        f"its similarity is {measure(own.similarity)}, but {measure(own.containment)} of the "
        f"shorter one stand in the longer one, and {cluster.enough_contained:g} is enough"
    )


def _elsewhere(found: Explanation) -> str:
    n = found.passages.n if found.passages else 0
    if n:
        return f"{plural(n, 'passage')} of it {'stands' if n == 1 else 'stand'} elsewhere, too"
    blocks = found.n_clustered_blocks
    stand = "stands" if blocks == 1 else "stand"
    return f"No near-duplicate of the whole; {plural(blocks, 'block')} of it {stand} elsewhere, too"


def _size(cluster: Cluster) -> str:
    of = "" if cluster.kind == "document" else f" in {plural(cluster.documents, 'document')}"
    return f"A cluster of {plural(cluster.size, f'{cluster.kind}')}{of}"


def _passage(found: Explanation) -> str:
    passages = found.passages
    if passages is None:
        return ""
    first = passages.copies[0]
    what = "A run of blocks" if first.kind == "run" else "The same words"
    places = plural(passages.n, "place")
    return f"{what} ({plural(first.n_words, 'word')}) at {places}; {CHANGES_NOTHING}."


def _block(block: Block, found: Explanation, manifest: Manifest) -> str:
    gone = _gone(manifest)
    body = f"its probability of being body is {measure(block.probability)}"
    asked = f"{manifest.settings.classify.body_threshold:g}"
    if block.keep:
        return f"Kept as body: {body}, and {_asked(block, asked)}."
    if block.reason == "duplicate document" and found.page is not None:
        like = _like(found.page.similarity)
        return f"{gone} with its document, a duplicate of {found.page.keeper}: {like}."
    if block.reason == "teaser of another document":
        return f"{gone} as a teaser: its words stand in the body of another document."
    if block.reason == "repeated in page":
        return f"{gone}, as its page has the same words before."
    if block.reason == "repeated in site":
        pages = plural(block.site_pages, "page")
        return f"{gone} as boilerplate that stands on {pages} of its site: {body}."
    return f"{gone} as {block.reason}: {body}, and {_asked(block, asked)}."


def _asked(block: Block, asked: str) -> str:
    """Say what is asked of a block; a page that leaves much open asks less, a rule may overrule."""
    least = f"{asked} is asked"
    if block.label == "body" and block.probability < float(asked):
        return f"{least}, of pages that leave much open less"
    if block.label != "body" and block.probability >= float(asked):
        return f"{least}, but its surroundings or its element speak against it"
    return least
