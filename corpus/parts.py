"""Pages as lists of labelled parts, from which HTML, plain text and labels all follow."""

from dataclasses import dataclass
from html import escape

BODY_KINDS = frozenset(
    ["title", "lead", "paragraph", "code", "post", "fact", "section teaser", "section title"]
)


@dataclass(frozen=True)
class Part:
    """One block: its text, what it is, and its markup with {} where the text stands."""

    text: str
    kind: str
    markup: str = "<p>{}</p>"

    @property
    def is_body(self) -> bool:
        """Tell whether the block belongs to what the page is about."""
        return self.kind in BODY_KINDS


@dataclass(frozen=True)
class Section:
    """Blocks between an opening and a closing piece of markup."""

    opening: str
    closing: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Page:
    """One page of a site."""

    url: str
    site: str
    language: str
    title: str
    author: str
    page_type: str
    sections: tuple[Section, ...]
    charset: str = "utf-8"

    @property
    def parts(self) -> tuple[Part, ...]:
        """List all blocks in reading order."""
        return tuple(part for section in self.sections for part in section.parts)

    @property
    def body(self) -> str:
        """Join the blocks that belong to what the page is about."""
        return "\n".join(part.text for part in self.parts if part.is_body)


def to_html(page: Page) -> str:
    """Write a page as its site serves it."""
    inner = "\n".join(
        section.opening
        + "".join(p.markup.replace("{}", escape(p.text, quote=False)) for p in section.parts)
        + section.closing
        for section in page.sections
    )
    title = escape(f"{page.title} – {page.site}", quote=False)
    return (
        f'<!DOCTYPE html>\n<html lang="{page.language}">\n<head>\n'
        f'<meta charset="{page.charset}">\n<title>{title}</title>\n'
        f'<link rel="stylesheet" href="/style.css">\n<script>window.visits = 1;</script>\n'
        f"</head>\n<body>\n{inner}\n</body>\n</html>\n"
    )


def to_text(page: Page) -> str:
    """Write a page as a tool does that keeps every line and no markup."""
    return "\n".join([f"{page.title} – {page.site}", *(part.text for part in page.parts)]) + "\n"
