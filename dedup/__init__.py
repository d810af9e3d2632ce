"""Near-duplicate removal and body extraction for web crawls.

::

    import dedup

    cleaned = dedup.clean(["crawl.warc.gz"])       # tables of documents, blocks, clusters
    page = dedup.extract("<html>...</html>")       # title, text and blocks of one page
    pairs = dedup.find_duplicates(["a text", ...])  # clusters among texts

The heavy parts are imported when a function is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dedup.api import Block, Cleaned, Page, clean, extract, find_duplicates
    from dedup.errors import DedupError
    from dedup.pipeline.run import clean_to_folder, find_to_folder
    from dedup.settings import Against, MatchSettings, Settings

__version__ = "0.1.0"

_HOMES = {
    "Against": "dedup.settings",
    "Block": "dedup.api",
    "Cleaned": "dedup.api",
    "DedupError": "dedup.errors",
    "MatchSettings": "dedup.settings",
    "Page": "dedup.api",
    "Settings": "dedup.settings",
    "clean": "dedup.api",
    "clean_to_folder": "dedup.pipeline.run",
    "extract": "dedup.api",
    "find_duplicates": "dedup.api",
    "find_to_folder": "dedup.pipeline.run",
}

__all__ = [
    "Against",
    "Block",
    "Cleaned",
    "DedupError",
    "MatchSettings",
    "Page",
    "Settings",
    "clean",
    "clean_to_folder",
    "extract",
    "find_duplicates",
    "find_to_folder",
]


def __getattr__(name: str) -> object:
    """Import a public name from its home when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'dedup' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
