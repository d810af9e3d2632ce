"""boilerpy3: boilerpipe's rules for articles, in Python."""

from boilerpy3.extractors import ArticleExtractor

from benchmarks.extractors.exchange import Extract, PageByPage


def load(variant: str) -> Extract:
    """Give the extraction; there is one `variant`, `article`."""
    assert variant == "article"
    return PageByPage(ArticleExtractor().get_content)
