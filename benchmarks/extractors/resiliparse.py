"""resiliparse: its plain text of the main content."""

from resiliparse.extract.html2text import extract_plain_text

from benchmarks.extractors.exchange import Extract, PageByPage


def load(variant: str) -> Extract:
    """Give the extraction; there is one `variant`, `main`."""
    assert variant == "main"
    return PageByPage(lambda page: extract_plain_text(page, main_content=True))
