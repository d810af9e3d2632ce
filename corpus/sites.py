"""The four made-up sites: their templates, and the pages that they serve."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpus.parts import Page, Part, Section

TEXTS = Path(__file__).parent / "texts"
Article = dict[str, Any]

LAKEPOST, SEEBLATT, MINATO, KETTLE = (
    "https://www.lakepost.example",
    "https://seeblatt.example",
    "https://minato-shimbun.example",
    "https://kettle.example",
)


def read_texts(name: str) -> list[Article]:
    """Read the texts of one site."""
    texts: list[Article] = json.loads((TEXTS / f"{name}.json").read_text("utf-8"))
    return texts


def teaser_of(article: Article, length: int) -> str:
    """Cut an article's lead off in the middle of a sentence, as teasers are."""
    lead = article["lead"]
    if len(lead) <= length:
        return str(lead)
    cut = lead[:length]
    return (cut[: cut.rindex(" ")] if " " in cut else cut) + "…"


def links(names: Sequence[str], kind: str = "menu") -> tuple[Part, ...]:
    """Make a list of links."""
    return tuple(
        Part(name, kind, f'<li><a href="/{number}">{{}}</a></li>')
        for number, name in enumerate(names)
    )


def list_section(css: str, names: Sequence[str], element: str = "nav") -> Section:
    """Make a list of links in its own element."""
    return Section(f'<{element} class="{css}"><ul>', f"</ul></{element}>", links(names))


def lakepost(article: Article, others: Sequence[Article], *, path: str | None = None) -> Page:
    """English news: a doubled headline, related articles, and a list of the most read."""
    menu = ["Home", "Region", "Town", "Transport", "Digital", "Weather", "Subscribe", "Log in"]
    card = '<div class="card"><a href="/a">{}</a></div>'
    return Page(
        f"{LAKEPOST}/{path or article['slug']}",
        "Ostrand Lake Post",
        "en",
        article["title"],
        article["author"],
        "article",
        (
            Section(
                '<div id="cookie-banner" role="dialog">',
                "</div>",
                (
                    Part(
                        "We and our 214 partners use cookies to show you articles that you have "
                        "already read. You can change your mind at any time.",
                        "cookie",
                    ),
                    Part("Accept all", "cookie", "<button>{}</button>"),
                    Part("Settings", "cookie", "<button>{}</button>"),
                ),
            ),
            list_section("site-nav", menu),
            Section(
                '<div class="breadcrumb">',
                "</div>",
                (
                    Part(article["section"], "breadcrumb", '<div><a href="/s">{}</a></div>'),
                    Part(article["title"], "doubled headline", "<div>{}</div>"),
                ),
            ),
            Section(
                '<main><article class="story">',
                "</article></main>",
                (
                    Part(article["title"], "title", "<h1>{}</h1>"),
                    Part(f"By {article['author']}, {article['date']}", "byline",
                         '<p class="byline">{}</p>'),
                    Part(article["lead"], "lead", '<p class="teaser">{}</p>'),
                    *(Part(text, "paragraph") for text in article["paragraphs"]),
                ),
            ),
            list_section("share-bar", ["Share", "Post", "Mail", "Print"], "div"),
            Section(
                '<aside class="related"><h3>Related articles</h3>',
                "</aside>",
                tuple(
                    part
                    for other in others[:3]
                    for part in (
                        Part(other["title"], "teaser title", f"<h4>{card}</h4>"),
                        Part(teaser_of(other, 110), "teaser", card),
                    )
                ),
            ),
            Section(
                '<aside class="popular"><h3>Most read</h3><ol>',
                "</ol></aside>",
                tuple(
                    Part(o["title"], "teaser title", '<li><a href="/p">{}</a></li>')
                    for o in others[:4]
                ),
            ),
            Section(
                '<footer class="site-footer">',
                "</footer>",
                (
                    Part("© 2026 Ostrand Lake Post. All rights reserved. No part of this site may "
                         "be reproduced without permission of the publisher.", "footer"),
                    *(Part(n, "footer", '<span><a href="/f">{}</a></span> ')
                      for n in ()),
                ),
            ),
        ),
    )  # fmt: skip


def lakepost_section(name: str, articles: Sequence[Article]) -> Page:
    """Make a page that is nothing but teasers."""
    first = lakepost(articles[0], articles[1:])
    cards = tuple(
        part
        for article in articles
        for part in (
            Part(article["title"], "section teaser", '<h2><a href="/a">{}</a></h2>'),
            Part(teaser_of(article, 140), "section teaser", '<p class="summary">{}</p>'),
        )
    )
    head = Part(name, "section title", "<h1>{}</h1>")
    main = Section('<main class="listing">', "</main>", (head, *cards))
    sections = (*first.sections[:2], main, first.sections[-1])
    return replace(
        first,
        url=f"{LAKEPOST}/section/{name.lower()}",
        title=name,
        author="",
        page_type="listing",
        sections=sections,
    )


def seeblatt(article: Article, others: Sequence[Article], *, path: str | None = None) -> Page:
    """German news, in latin-1: layout by tables, a newsletter box, the same links twice."""
    menu = ["Start", "Region", "Stadt", "Sport", "Kultur", "Anzeigen", "Abo", "Impressum"]
    return Page(
        f"{SEEBLATT}/{path or article['slug']}.html",
        "Seeblatt",
        "de",
        article["title"],
        article["author"],
        "article",
        (
            Section('<table width="100%"><tr><td class="menue"><ul>', "</ul></td><td>",
                    links(menu)),
            Section(
                '<div class="artikel">',
                "</div>",
                (
                    Part(article["title"], "title", "<h1>{}</h1>"),
                    Part(article["lead"], "lead", '<p class="vorspann"><b>{}</b></p>'),
                    *(Part(text, "paragraph") for text in article["paragraphs"]),
                    Part(f"Von {article['author']}", "byline", '<p class="autor">{}</p>'),
                ),
            ),
            Section(
                '<div class="newsletter">',
                "</div>",
                (
                    Part("Der Morgen am See", "newsletter", "<h3>{}</h3>"),
                    Part("Jeden Werktag um sechs Uhr die wichtigsten Nachrichten aus der Region, "
                         "kostenlos in Ihrem Postfach. Abmelden können Sie sich jederzeit.",
                         "newsletter"),
                ),
            ),
            Section(
                '<div class="mehr"><h3>Mehr zum Thema</h3>',
                "</div></td></tr></table>",
                tuple(
                    part
                    for other in others[:2]
                    for part in (
                        Part(other["title"], "teaser title", '<h4><a href="/m">{}</a></h4>'),
                        Part(teaser_of(other, 120), "teaser", '<p class="anriss">{}</p>'),
                    )
                ),
            ),
            Section(
                '<div class="fuss">',
                "</div>",
                (
                    Part("Seeblatt Verlag, Uferweg 3. Alle Rechte vorbehalten. Nachdruck nur mit "
                         "Genehmigung des Verlags.", "footer"),
                    *(Part(n, "footer", '<p><a href="/m">{}</a></p>') for n in menu[5:]),
                ),
            ),
        ),
        charset="iso-8859-1",
    )  # fmt: skip


def minato(article: Article, others: Sequence[Article], *, path: str | None = None) -> Page:
    """Japanese news, in Shift_JIS: a ranking, and calls to install an app."""
    menu = ["トップ", "地域", "くらし", "交通", "文化", "科学", "天気", "会員登録"]
    return Page(
        f"{MINATO}/kiji/{path or article['slug']}",
        "みなと新聞",
        "ja",
        article["title"],
        article["author"],
        "article",
        (
            list_section("gnav", menu, "div"),
            Section(
                '<div id="kiji">',
                "</div>",
                (
                    Part(article["title"], "title", "<h1>{}</h1>"),
                    Part(f"{article['date']} 記者 {article['author']}", "byline",
                         '<div class="hizuke">{}</div>'),
                    Part(article["lead"], "lead"),
                    *(Part(text, "paragraph") for text in article["paragraphs"]),
                ),
            ),
            Section(
                '<div class="app">',
                "</div>",
                (Part("アプリなら速報がいちばん早く届きます。いますぐ無料でダウンロード。",
                      "advertisement"),),
            ),
            Section(
                '<div class="ranking"><h2>アクセスランキング</h2><ol>',
                "</ol></div>",
                tuple(
                    Part(o["title"], "teaser title", '<li><a href="/r">{}</a></li>')
                    for o in others[:4]
                ),
            ),
            Section(
                '<div class="kanren"><h2>関連記事</h2>',
                "</div>",
                tuple(
                    Part(teaser_of(o, 40), "teaser", '<div class="box"><a href="/k">{}</a></div>')
                    for o in others[:3]
                ),
            ),
            Section(
                '<div class="footer">',
                "</div>",
                (Part("掲載の記事・写真の無断転載を禁じます。著作権はみなと新聞社に帰属します。",
                      "footer"),),
            ),
        ),
        charset="shift_jis",
    )  # fmt: skip


def kettle(entry: Article, others: Sequence[Article]) -> Page:
    """Documentation, forum and shop of a tool: a table of contents, posts, facts."""
    contents = [other["title"] for other in others]
    return Page(
        f"{KETTLE}/{entry['slug']}",
        "Kettle",
        "en",
        entry["title"],
        "",
        entry["kind"],
        (
            list_section("topbar", ["Docs", "Forum", "Shop", "Download", "Source"], "header"),
            list_section("sidebar toc", contents, "aside"),
            Section(
                f'<main class="content {entry["kind"]}">',
                "</main>",
                (Part(entry["title"], "title", "<h1>{}</h1>"), *_kettle_body(entry)),
            ),
            Section(
                "<footer>",
                "</footer>",
                (
                    Part("Kettle is free software. These pages may be copied.", "footer"),
                    Part("Edit this page", "footer", '<div><a href="/edit">{}</a></div>'),
                ),
            ),
        ),
    )


def _kettle_body(entry: Article) -> tuple[Part, ...]:
    parts = [Part(text, "paragraph") for text in entry.get("paragraphs", ())]
    if "code" in entry:
        parts.insert(2, Part(entry["code"], "code", "<pre>{}</pre>"))
    for name, text in entry.get("posts", ()):
        parts.append(Part(name, "post author", '<div class="author">{}</div>'))
        parts.append(Part(text, "post", '<div class="post">{}</div>'))
    for name, value in entry.get("facts", ()):
        parts.append(Part(f"{name}: {value}", "fact", "<li>{}</li>"))
    if "price" in entry:
        parts.append(Part("Add to basket", "button", "<button>{}</button>"))
    return tuple(parts)


CORRECTIONS = {
    "en": "This article has been corrected: an earlier version named the wrong day.",
    "de": "In einer früheren Fassung stand eine falsche Zahl. Wir haben sie berichtigt.",
    "ja": "初出時の数字に誤りがあったため、記事を訂正しました。",
}


def updated(article: Article, language: str) -> Article:
    """Give an article as it stands a day later, with a correction at its end."""
    return article | {"paragraphs": [*article["paragraphs"], CORRECTIONS[language]]}


def all_pages() -> list[Page]:
    """List the pages of all sites, in the order in which they were captured."""
    news, german, japanese, tool = (
        read_texts(name) for name in ("lakepost", "seeblatt", "minato", "kettle")
    )
    pages = [lakepost(a, _others(news, a)) for a in news]
    pages += [lakepost_section("Town", news[1:5]), lakepost_section("Transport", news[::2])]
    pages += [
        lakepost(updated(a, "en"), _others(news, a), path=f"{a['slug']}-update") for a in news[:2]
    ]
    pages += [lakepost(a, _others(news, a), path=f"print/{a['slug']}") for a in news[2:4]]
    pages += [seeblatt(a, _others(german, a)) for a in german]
    pages += [seeblatt(updated(german[0], "de"), _others(german, german[0]), path="seilbahn-2")]
    # the same story in another paper, with that paper's template
    pages += [seeblatt(a, _others(german, german[0]), path=f"en/{a['slug']}") for a in news[4:6]]
    pages += [minato(a, _others(japanese, a)) for a in japanese]
    pages += [minato(updated(japanese[1], "ja"), _others(japanese, japanese[1]), path="asaichi-2")]
    pages += [kettle(e, _others([o for o in tool if o["kind"] == e["kind"]], e)) for e in tool]
    return pages


def _others(articles: Sequence[Article], article: Article) -> list[Article]:
    place = next(i for i, a in enumerate(articles) if a["slug"] == article["slug"])
    return [*articles[place + 1 :], *articles[:place]]
