"""From documents to pages: text, and blocks with the evidence for what they are."""

from dedup.segment.segment import segment

__all__ = ["segment"]
