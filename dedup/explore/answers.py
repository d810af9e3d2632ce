"""From an address to a page: which view it asks, and what is said where none can be shown."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb
from jinja2 import Environment

from dedup.explore import asked, pages
from dedup.explore.blocks import find_blocks
from dedup.explore.clusters import find_clusters, show_cluster
from dedup.explore.counted import Counting, NotCounted
from dedup.explore.documents import NotFound, find_documents, show_document
from dedup.explore.links import TOO_LONG, VIEWS
from dedup.explore.passages import find_passages, show_passage
from dedup.explore.rejected import find_rejected
from dedup.explore.scan import time_limit
from dedup.explore.sites import find_sites, show_site
from dedup.explore.tables import Result
from dedup.report.charts import draw_all

AT_ONCE = 4
"""Requests that ask DuckDB at once; others wait for their turn."""

PATIENCE = 8.0
"""Seconds beyond those of a search after which a query is broken off."""


@dataclass
class Explorer:
    """A result that is shown: what answers need. `active` are the cursors that work now."""

    result: Result
    counting: Counting
    environment: Environment = field(default_factory=pages.open_pages)
    active: set[duckdb.DuckDBPyConnection] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    turns: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(AT_ONCE))

    def stop(self) -> None:
        """Break off whatever is being asked and counted."""
        with self.lock:
            for cursor in self.active:
                cursor.interrupt()
        self.counting.stop()


@dataclass(frozen=True)
class Answer:
    """A page and its status."""

    html: str
    status: int = 200


View = Callable[[Explorer, duckdb.DuckDBPyConnection, Any], Mapping[str, Any]]


def answer(explorer: Explorer, view: str, parameters: Mapping[str, str]) -> Answer:
    """Show a view, or say why it cannot be shown."""
    try:
        request = asked.read_asked(VIEWS.get(view, asked.Nothing), parameters)
        with _cursor(explorer, getattr(request, "seconds", 0) + PATIENCE) as cursor:
            values = SHOWN[view](explorer, cursor, request)
        return Answer(pages.render(explorer.environment, explorer.result, view, values))
    except tuple(REFUSED) as error:
        return _refused(explorer, error)


REFUSED: dict[type[Exception], tuple[int, str, str]] = {
    asked.BadRequest: (400, "The address asks for something impossible", "{}."),
    NotFound: (404, "Not found", "{}."),
    NotCounted: (500, "This could not be counted", "{}."),
    duckdb.InterruptException: (
        503,
        "This took too long",
        "It was broken off. A search that asks for less takes less.",
    ),
    duckdb.Error: (500, "This cannot be shown", "A file of the result could not be read: {}."),
}
"""What is said of each error: status, title and sentence. The first that fits counts."""


def _refused(explorer: Explorer, error: Exception) -> Answer:
    reason = str(error).partition("\n")[0]
    if isinstance(error, NotCounted) and not reason:
        return _message(explorer, 202, "This is being counted", again=True)
    status, title, said = next(told for kind, told in REFUSED.items() if isinstance(error, kind))
    return refuse(explorer, status, title, said.format(reason))


def refuse(explorer: Explorer, status: int, title: str, said: str) -> Answer:
    """Make the page that says why there is nothing else to see."""
    return _message(explorer, status, title, said=said[:1].upper() + said[1:])


def _message(
    explorer: Explorer, status: int, title: str, *, said: str = "", again: bool = False
) -> Answer:
    values = {"title": title, "said": said, "again": again}
    return Answer(pages.render(explorer.environment, explorer.result, "message", values), status)


@contextmanager
def _cursor(explorer: Explorer, seconds: float) -> Iterator[duckdb.DuckDBPyConnection]:
    with explorer.turns, explorer.result.connection.cursor() as cursor:
        with explorer.lock:
            explorer.active.add(cursor)
        try:
            with time_limit(cursor, seconds):
                yield cursor
        finally:
            with explorer.lock:
                explorer.active.discard(cursor)


def _overview(explorer: Explorer, _cursor: object, _request: object) -> dict[str, Any]:
    found = explorer.counting.values.get("distributions")
    pictures = draw_all(explorer.result.manifest, found) if found else None
    return {**pages.overview_values(explorer.result), "pictures": pictures}


def _warnings(explorer: Explorer, _cursor: object, _request: object) -> dict[str, Any]:
    explorer.counting.need("alarms")
    return {
        "title": "Warnings",
        "alarms": explorer.counting.values["alarms"],
    }


def _listing(title: str, find: Callable[..., object]) -> View:
    def view(
        explorer: Explorer, cursor: duckdb.DuckDBPyConnection, request: object
    ) -> dict[str, Any]:
        return {"title": title, "asked": request, "listing": find(explorer, cursor, request)}

    return view


def _one(show: Callable[..., object], title: Callable[[Any], str]) -> View:
    def view(
        explorer: Explorer, cursor: duckdb.DuckDBPyConnection, request: object
    ) -> dict[str, Any]:
        shown = show(explorer, cursor, request)
        return {"title": title(shown), "asked": request, "shown": shown}

    return view


def _too_long(_explorer: Explorer, _cursor: object, _request: object) -> dict[str, Any]:
    return {
        "title": "This name is too long for an address",
        "said": f"It has more than {asked.MAX_NAME:,} characters. `dedup explain` shows what it "
        "stands for.",
        "again": False,
    }


SHOWN: dict[str, View] = {
    "overview": _overview,
    "sites": _listing("Sites", lambda e, c, r: find_sites(c, e.counting, r)),
    "site": _one(lambda e, c, r: show_site(c, e.counting, r), lambda s: s.site.removal.name),
    "clusters": _listing("Clusters", lambda e, c, r: find_clusters(c, e.result, e.counting, r)),
    "cluster": _one(
        lambda e, c, r: show_cluster(c, e.counting, r), lambda s: f"Cluster of {s.kind}s"
    ),
    "documents": _listing("Pages", lambda e, c, r: find_documents(c, e.result, r)),
    "document": _one(lambda _, c, r: show_document(c, r), lambda s: s.title or s.id),
    "blocks": _listing("Blocks", lambda e, c, r: find_blocks(c, e.result, r)),
    "passages": _listing("Passages", lambda e, c, r: find_passages(c, e.counting, r)),
    "passage": _one(lambda _, c, r: show_passage(c, r), lambda _: "Repeated passage"),
    "rejected": _listing("Rejected records", lambda e, c, r: find_rejected(c, e.result, r)),
    "warnings": _warnings,
    "settings": lambda e, _cursor, _request: pages.settings_values(e.result),
    TOO_LONG: _too_long,
}
"""What makes the values of each view."""
