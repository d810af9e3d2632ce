"""`report.html`: one page on which a person sees what came in, what is kept, what went and why."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path

from dedup import schema
from dedup.report import wording
from dedup.report.alarms import GIANT_DOCUMENTS, GIANT_SHARE
from dedup.report.charts import draw_all
from dedup.report.collect import collect
from dedup.report.environment import content_policy, make_environment, static_text
from dedup.report.manifest import Manifest
from dedup.report.removal import ALARM_DOCUMENTS
from dedup.report.views import Limits, ReportData

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
    """Render the report: self-contained HTML that needs no network.

    Without its script, and printed, all sections stand one below another; with it they are tabs.
    """
    manifest = data.manifest
    style, script = static_text("report.css"), static_text("report.js")
    return (
        make_environment(data.limits.name)
        .get_template("report.html")
        .render(
            data=data,
            manifest=manifest,
            counts=manifest.counts,
            policy=content_policy(style, script),
            style=style,
            script=script,
            headline=wording.headline(manifest),
            lede=wording.lede(manifest),
            facts=wording.facts(manifest),
            shown=wording.shown,
            compared="texts" if manifest.command == "find" else "bodies",
            bars=bars(manifest),
            pictures=draw_all(manifest, data.distributions),
            sections=sections(data),
            kinds=kinds(data),
            alarm_documents=ALARM_DOCUMENTS,
            giant_documents=GIANT_DOCUMENTS,
            giant_share=GIANT_SHARE,
            inputs=", ".join(manifest.inputs),
            settings=asdict(manifest.settings),
        )
    )


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
    counts, alarms = data.manifest.counts, data.alarms
    clusters = sum(counts.clusters.values()) + sum(counts.passages.values())
    warnings = len(data.manifest.warnings) + len(alarms.losses) + len(alarms.giants)
    found = [
        Section("overview", "Overview", None),
        Section("sites", "Sites", len(data.manifest.sites)),
        Section("clusters", "Clusters", clusters),
        Section("pages", "Pages", len(data.pages)),
        Section("warnings", "Warnings", warnings + counts.rejected or None),
        Section("settings", "Settings", None),
    ]
    return [section for section in found if section.count != 0]


def kinds(data: ReportData) -> list[tuple[str, str]]:
    """List the kinds of clusters that the report shows: name and title."""
    found = [
        ("document", "documents", data.document_clusters),
        ("block", "blocks", data.block_clusters),
        ("passage", "passages", data.passages),
    ]
    return [(kind, title) for kind, title, clusters in found if clusters]
