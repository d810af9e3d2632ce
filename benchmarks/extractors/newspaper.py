"""newspaper4k: its article, of which the text is taken."""

import newspaper

from benchmarks.extractors.exchange import Extract, PageByPage


def load(variant: str) -> Extract:
    """Give the extraction; there is one `variant`, `parse`."""
    assert variant == "parse"

    def extract(page: str) -> str:
        # an address is asked for; nothing is fetched where a page is given
        article = newspaper.Article("https://page.example/", fetch_images=False, language="en")
        article.download(input_html=page)
        article.parse()
        return article.text

    return PageByPage(extract)
