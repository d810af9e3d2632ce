"""All that are compared: what each is, and in which use."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Extractor:
    """One use of one library, run in a process of its own."""

    # as in the tables and on the command line
    name: str
    # distribution whose version is told
    package: str
    # file in benchmarks/extractors/ and the variant that it is asked for
    module: str
    variant: str
    how: str
    # the page as it is, or as text that resiliparse made of it, which is not timed
    reads: Literal["html", "text"] = "html"


EXTRACTORS = (
    Extractor("dedup", "dedup", "ours", "html", "pages in batches, each as if it stood alone"),
    Extractor(
        "dedup, plain text",
        "dedup",
        "ours",
        "text",
        "the same on the text that resiliparse makes of a page, all of it",
        reads="text",
    ),
    Extractor("trafilatura", "trafilatura", "trafilatura", "default", "extract, as it comes"),
    Extractor("trafilatura, fast", "trafilatura", "trafilatura", "fast", "extract(fast=True)"),
    Extractor(
        "resiliparse", "resiliparse", "resiliparse", "main", "extract_plain_text(main_content=True)"
    ),
    Extractor("jusText", "justext", "justext", "english", "with its English stop words"),
    Extractor(
        "readability-lxml",
        "readability-lxml",
        "readability",
        "summary",
        "Document(page).summary(), turned to text by resiliparse",
    ),
    Extractor("boilerpy3", "boilerpy3", "boilerpy3", "article", "ArticleExtractor"),
    Extractor(
        "newspaper4k",
        "newspaper4k",
        "newspaper",
        "parse",
        "Article.parse of a given page, no images fetched, English",
    ),
    Extractor("goose3", "goose3", "goose3", "lxml", "extract(raw_html=page), no images fetched"),
)
