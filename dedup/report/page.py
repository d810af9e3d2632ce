"""`report.html`: one page on which a person sees what came in, what is kept, what went and why."""

from dataclasses import asdict, fields
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from dedup import schema
from dedup.report import numbers
from dedup.report.collect import collect
from dedup.report.manifest import Manifest
from dedup.report.views import Limits, ReportData
from dedup.report.visible import excerpt, safe_link, visible

REPORT = "report.html"
MAX_BYTES = 5_000_000

OUTCOMES = ("kept", *schema.DOCUMENT_REASONS, "rejected")


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
        slug=lambda name: name.replace(" ", "-"),
        brief=lambda text: excerpt(text, len(text), data.limits.name).text,
    )
    return environment.get_template("report.html").render(
        data=data,
        manifest=data.manifest,
        counts=data.manifest.counts,
        limits=data.limits,
        bars=bars(data.manifest),
        settings=asdict(data.manifest.settings),
    )


def bars(manifest: Manifest) -> list[tuple[str, list[tuple[str, int]]]]:
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
