"""Which blocks and which copies of a document stay."""

from dedup.resolve.blocks import in_order_of, resolve_blocks

__all__ = ["in_order_of", "resolve_blocks"]
