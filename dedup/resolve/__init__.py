"""Which blocks and which copies of a document stay."""

from dedup.resolve.blocks import in_order_of, resolve_blocks
from dedup.resolve.documents import ranks_sql

__all__ = ["in_order_of", "ranks_sql", "resolve_blocks"]
