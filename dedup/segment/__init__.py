"""From documents to pages: text, and blocks with the evidence for what they are."""

from dedup.segment.segment import page_texts, segment

__all__ = ["page_texts", "segment"]
