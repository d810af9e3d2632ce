"""trafilatura: rules, with other extractors to fall back on unless it shall be `fast`."""

import trafilatura

from benchmarks.extractors.exchange import Extract, PageByPage


def load(variant: str) -> Extract:
    """Give the extraction as it comes (`default`), or `fast`."""
    fast = {"default": False, "fast": True}[variant]
    return PageByPage(lambda page: trafilatura.extract(page, fast=fast))
