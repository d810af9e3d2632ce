"""readability-lxml: it gives HTML, which resiliparse turns to text."""

from readability import Document
from resiliparse.extract.html2text import extract_plain_text

from benchmarks.extractors.exchange import Extract, PageByPage


def load(variant: str) -> Extract:
    """Give the extraction; there is one `variant`, `summary`."""
    assert variant == "summary"
    return PageByPage(lambda page: extract_plain_text(Document(page).summary(html_partial=True)))
