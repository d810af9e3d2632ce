"""jusText: paragraphs by length, links and stop words."""

import justext

from benchmarks.extractors.exchange import Extract, PageByPage


def load(variant: str) -> Extract:
    """Give the extraction; there is one `variant`, `english`."""
    words = {"english": justext.get_stoplist("English")}[variant]

    def extract(page: str) -> str:
        paragraphs = justext.justext(page, words)
        return "\n".join(part.text for part in paragraphs if not part.is_boilerplate)

    return PageByPage(extract)
