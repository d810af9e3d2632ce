"""Which blocks and which copies of a document stay."""

from dedup.resolve.blocks import resolve_blocks
from dedup.resolve.documents import bodies, ranks_sql

__all__ = ["bodies", "ranks_sql", "resolve_blocks"]
