"""Addresses within the server: of views, and of what goes on from one."""

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from dedup.explore import asked

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

VIEWS: dict[str, Any] = {
    "sites": asked.Sites,
    "site": asked.Site,
    "clusters": asked.Clusters,
    "cluster": asked.Cluster,
    "documents": asked.Documents,
    "document": asked.Document,
    "blocks": asked.Blocks,
    "passages": asked.Passages,
    "passage": asked.Passage,
    "rejected": asked.Rejected,
}
"""The views that are asked something, and what."""

TOO_LONG = "long"
"""The view that says why a name of more than asked.MAX_NAME characters has no address."""


def link(view: str, /, **values: object) -> str:
    """Write the address of a view.

    Examples
    --------
    >>> link("cluster", kind="block", name="b&1")
    '/cluster?kind=block&name=b%261'
    >>> link("documents")
    '/documents'
    """
    return address(VIEWS[view](**values)) if view in VIEWS else f"/{view}"


def address(request: "DataclassInstance") -> str:
    """Write the address that asks this, or TOO_LONG's where none can."""
    if any(len(text) > asked.MAX_NAME for text in vars(request).values() if isinstance(text, str)):
        return f"/{TOO_LONG}"
    view = type(request).__name__.lower()
    given = [(each.name, getattr(request, each.name), each.default) for each in fields(request)]
    query = urlencode({name: value for name, value, default in given if value != default})
    return f"/{view}?{query}" if query else f"/{view}"


def further(request: "DataclassInstance", **values: object) -> str:
    """Write the address that asks the same, but for some values."""
    return address(replace(request, **values))
