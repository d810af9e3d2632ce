"""`report.html`: one page on which a person sees what came in, what is kept, what went and why."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from dedup import schema
from dedup.report import numbers, wording
from dedup.report.collect import collect
from dedup.report.manifest import Manifest
from dedup.report.views import Limits, ReportData
from dedup.report.visible import safe_link, visible

REPORT = "report.html"
MAX_BYTES = 5_000_000

OUTCOMES = ("kept", *schema.DOCUMENT_REASONS, "rejected")

Bar = tuple[str, list[tuple[str, int]]]


@dataclass(frozen=True)
class Section:
    """A section of the page: its anchor, title, and how many things it is about."""

    anchor: str
    title: str
    count: int | None


def write_report(folder: Path) -> None:
    """Write `folder/report.html` from the tables and the manifest in the folder.

    Raises
    ------
    BadInput: the folder holds no manifest of this version.
    """
    (folder / REPORT).write_bytes(render_within(folder, MAX_BYTES))


def render_within(folder: Path, max_bytes: int) -> bytes:
    """Render a report, showing less of the result until it fits."""
    limits = Limits()
    while True:
        page = render(collect(folder, limits)).encode("utf-8", "replace")
        if len(page) <= max_bytes or limits == _halved(limits):
            return page
        limits = _halved(limits)


def _halved(limits: Limits) -> Limits:
    return Limits(**{f.name: max(1, getattr(limits, f.name) // 2) for f in fields(Limits)})


def render(data: ReportData) -> str:
    """Render the report: self-contained HTML that needs neither network nor JavaScript."""
    environment = Environment(
        loader=PackageLoader("dedup.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=lambda n: f"{n:,}",
        share=numbers.share,
        size=numbers.byte_size,
        duration=numbers.duration,
        rate=numbers.rate,
        plural=numbers.plural,
        link=safe_link,
        visible=visible,
        setting=_setting,
        slug=lambda name: name.replace(" ", "-"),
        brief=lambda text: brief(text, data.limits.name),
    )
    manifest = data.manifest
    return environment.get_template("report.html").render(
        data=data,
        manifest=manifest,
        counts=manifest.counts,
        headline=wording.headline(manifest),
        lede=wording.lede(manifest),
        shown=wording.shown,
        compared="texts" if manifest.command == "find" else "bodies",
        bars=bars(manifest),
        sections=sections(data),
        inputs=", ".join(manifest.inputs),
        longest=max((stage.seconds for stage in manifest.stages), default=0) or 1,
        settings=asdict(manifest.settings),
    )


def brief(text: str, limit: int) -> str:
    """Cut a name to one that can stand in a line or two.

    Examples
    --------
    >>> brief("crawl/2026-10.warc.gz", 12)
    'crawl/2026-1…'
    """
    return visible(text[:limit]) + ("…" if len(text) > limit else "")


def bars(manifest: Manifest) -> list[Bar]:
    """Tell the bars of the picture at the top: for each its name and its parts in order.

    Returns
    -------
    (name, [(outcome, count), ...]) for documents, blocks and characters, without empty parts
    and without bars of which nothing is known.
    """
    counts = manifest.counts
    documents = {**counts.documents, "rejected": counts.rejected}
    order = ("kept", *schema.BLOCK_REASONS)
    found = [
        ("documents", [(name, documents.get(name, 0)) for name in OUTCOMES]),
        ("blocks", [(name, counts.blocks.get(name, 0)) for name in order]),
        ("characters", [(name, counts.characters.get(name, 0)) for name in order]),
    ]
    shown = [(name, [(part, n) for part, n in parts if n]) for name, parts in found]
    return [(name, parts) for name, parts in shown if parts]


def sections(data: ReportData) -> list[Section]:
    """List the sections that this report has, with their places and what they count."""
    counts = data.manifest.counts
    found = [
        Section("overview", "Overview", None),
        Section("sites", "Sites", len(data.manifest.sites)),
        Section("documents", "Duplicate documents", counts.clusters.get("document", 0)),
        Section("blocks", "Repeated blocks", counts.clusters.get("block", 0)),
        Section("passages", "Repeated passages", sum(counts.passages.values())),
        Section("pages", "Pages", len(data.pages)),
        Section("rejected", "Rejected records", counts.rejected),
        Section("run", "The run", None),
        Section("settings", "Settings", None),
    ]
    return [section for section in found if section.count != 0]


def _setting(value: object) -> str:
    if value is None or value == ():
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
