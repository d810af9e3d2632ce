"""goose3: its article, of which the cleaned text is taken."""

from goose3 import Goose

from benchmarks.extractors.exchange import Extract, PageByPage


def load(variant: str) -> Extract:
    """Give the extraction; there is one `variant`, `lxml`."""
    goose = Goose({"parser_class": variant, "enable_image_fetching": False})
    return PageByPage(lambda page: goose.extract(raw_html=page).cleaned_text)
