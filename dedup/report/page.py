"""`report.html`: one page on which a person sees what came in, what is kept, what went and why."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from dedup import schema
from dedup.errors import BadInput, BadSettings, OutputExists
from dedup.report import wording
from dedup.report.charts import draw_all
from dedup.report.collect import collect
from dedup.report.environment import content_policy, make_environment, static_text
from dedup.report.manifest import Counts, Manifest, read_manifest
from dedup.report.result import BY_DEFAULT, Reading
from dedup.report.single_file import open_file
from dedup.report.views import Limits, ReportData

REPORT = "report.html"
MAX_BYTES = 5_000_000

OUTCOMES = (*schema.DOCUMENT_OUTCOMES, "rejected")

Bar = tuple[str, list[tuple[str, int]]]


@dataclass(frozen=True)
class Section:
    """A section of the page: its anchor, title, and how many things it is about."""

    anchor: str
    title: str
    count: int | None


def write_report(folder: Path, how: Reading = BY_DEFAULT) -> None:
    """Write `folder/report.html` from its tables, read so, and its manifest.

    Raises
    ------
    BadInput: the folder holds no manifest of this version.
    """
    (folder / REPORT).write_bytes(render_within(folder, MAX_BYTES, how))


def build_report(folder: Path, place: Path | None = None, *, overwrite: bool = False) -> Path:
    """Build the report of a finished run again: whole, or what stood there stays.

    Parameters
    ----------
    place: the file; by default the one in the folder, which is replaced.
    overwrite: another file may be replaced, too.

    Returns
    -------
    The file.

    Raises
    ------
    BadInput: the folder is no result of this version, or not a whole one.
    BadSettings: the file cannot be written, or is another one of the result.
    OutputExists: the file is there and may not be replaced.
    """
    own = folder / REPORT
    place = own if place is None else place
    if place.is_dir():
        raise BadSettings(f"{place} is a folder; name a file")
    if place.resolve() != own.resolve():
        if place.resolve().is_relative_to(folder.resolve()):
            raise BadSettings(f"{place} lies in the result; name a file elsewhere")
        if place.exists() and not overwrite:
            raise OutputExists(f"{place} exists; --overwrite replaces it")
    check_whole(folder, read_manifest(folder).counts)
    page = render_within(folder, MAX_BYTES)
    with open_file(place) as file:
        file.write(page)
    return place


def check_whole(folder: Path, counts: Counts) -> None:
    """Check that every table is there of which the manifest counts rows.

    Raises
    ------
    BadInput: one is not.
    """
    rows = {
        "documents": counts.documents,
        "blocks": counts.blocks,
        "clusters": counts.members,
        "passages": counts.passages,
    }
    for name, counted in rows.items():
        if sum(counted.values()) and not any((folder / name).glob("part-*")):
            raise BadInput(str(folder), f"holds no {name}/, of which its manifest tells")


def render_within(folder: Path, max_bytes: int, how: Reading = BY_DEFAULT) -> bytes:
    """Render a report, showing less of the result until it fits."""
    limits = Limits()
    while True:
        page = render(collect(folder, limits, how)).encode("utf-8", "replace")
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
            inputs=", ".join(manifest.inputs),
            settings=given_settings(manifest),
        )
    )


def given_settings(manifest: Manifest) -> dict[str, dict[str, Any]]:
    """List the settings by stage, what `find` looks for first."""
    found = {"find": asdict(manifest.wanted)} if manifest.wanted else {}
    return found | asdict(manifest.settings)


def bars(manifest: Manifest) -> list[Bar]:
    """Tell the bars of the picture at the top: for each its name and its parts in order.

    Returns
    -------
    (name, [(outcome, count), ...]) for documents, blocks and characters, without empty parts
    and without bars of which nothing is known.
    """
    counts = manifest.counts
    documents = {**counts.documents, "rejected": counts.rejected}
    order = schema.BLOCK_OUTCOMES
    found = [
        ("documents", [(name, documents.get(name, 0)) for name in OUTCOMES]),
        ("blocks", [(name, counts.blocks.get(name, 0)) for name in order]),
        ("characters", [(name, counts.characters.get(name, 0)) for name in order]),
    ]
    if not counts.documents:
        return []  # of a run that only finds, nothing is kept or gone
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
