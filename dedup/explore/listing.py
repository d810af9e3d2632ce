"""A page of a list, and how the list goes on."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from dedup.explore.scan import Found
from dedup.report.result import Row

T = TypeVar("T")


@dataclass(frozen=True)
class Listing(Generic[T]):
    """Some rows of a list.

    following: `start` of the next page; None if this is the last.
    searched, total: rows of the table that were looked at so far, and all; both None where
        nothing had to be searched.
    full: whether the page is; a search whose time was over shows what it has.
    """

    rows: tuple[T, ...]
    following: int | None = None
    searched: int | None = None
    total: int | None = None
    full: bool = True


def listed(rows: tuple[T, ...], found: Found) -> Listing[T]:
    """Make a page of what a scan found."""
    return Listing(rows, found.following, found.searched, found.total, found.full)


def paged(rows: list[Row], start: int, limit: int) -> tuple[list[Row], int | None]:
    """Cut the one row off that tells whether there is a next page, and tell where it begins."""
    return rows[:limit], start + limit if len(rows) > limit else None
