"""HTML of the views; every value that is no Markup of ours is escaped."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader

from dedup import schema
from dedup.explore import asked
from dedup.explore.links import further, link
from dedup.explore.tables import Result
from dedup.report import wording
from dedup.report.environment import make_environment
from dedup.report.manifest import Manifest
from dedup.report.page import bars, given_settings

NAME = 200
"""Characters of a name or address that stand in a line."""


@dataclass(frozen=True)
class Section:
    """A view in the navigation: its name in addresses, its title, and how much it holds."""

    view: str
    title: str
    count: int | None


def open_pages() -> Environment:
    """Open the templates: those of the report, and ours."""
    environment = make_environment(NAME)
    assert environment.loader is not None
    environment.loader = ChoiceLoader([PackageLoader("dedup.explore"), environment.loader])
    environment.filters["zipped"] = lambda names: [(name, name) for name in names]
    environment.globals.update(
        link=link,
        further=further,
        shown=wording.shown,
        OUTCOMES=schema.DOCUMENT_OUTCOMES,
        BLOCK_OUTCOMES=schema.BLOCK_OUTCOMES,
        SITE_ORDERS=asked.SITE_ORDERS,
    )
    return environment


def style_sheet() -> str:
    """Join the report's style sheet and what our pages have beside it."""
    sheets = (("dedup.report", "report.css"), ("dedup.explore", "explore.css"))
    return "\n".join(
        (files(package) / "templates" / name).read_text(encoding="utf-8")
        for package, name in sheets
    )


def sections(result: Result) -> tuple[Section, ...]:
    """List the views of which there is something to show."""
    counts = result.manifest.counts
    rows = {name: table.rows for name, table in result.tables.items()}
    found = [
        Section("overview", "Overview", None),
        Section("sites", "Sites", None if rows["documents"] else 0),
        Section("clusters", "Clusters", sum(counts.clusters.values())),
        Section("documents", "Pages", rows["documents"]),
        Section("blocks", "Blocks", rows["blocks"]),
        Section("passages", "Passages", sum(counts.passages.values())),
        Section("rejected", "Rejected", rows["rejected"]),
        Section("warnings", "Warnings", len(result.manifest.warnings) or None),
        Section("settings", "Settings", None),
    ]
    return tuple(section for section in found if section.count != 0)


def render(environment: Environment, result: Result, view: str, values: Mapping[str, Any]) -> str:
    """Render a view.

    Parameters
    ----------
    values: what the view's template shows; `title` is that of the page.
    """
    manifest: Manifest = result.manifest
    return environment.get_template(f"{view}.html").render(
        view=view,
        manifest=manifest,
        counts=manifest.counts,
        sections=sections(result),
        inputs=", ".join(manifest.inputs),
        **values,
    )


def overview_values(result: Result) -> dict[str, Any]:
    """Tell what the overview shows of the manifest."""
    manifest = result.manifest
    return {
        "title": wording.headline(manifest),
        "lede": wording.lede(manifest),
        "facts": wording.facts(manifest),
        "bars": bars(manifest),
    }


def settings_values(result: Result) -> dict[str, Any]:
    """Tell what the settings show."""
    return {"title": "Settings", "settings": given_settings(result.manifest)}
