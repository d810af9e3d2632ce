"""A made-up result with the shape of a real one, to be written and shown."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from dedup import schema
from dedup.report.manifest import (
    Manifest,
    Removal,
    StageTiming,
    count_result,
    write_manifest,
)
from dedup.report.page import write_report
from dedup.report.rejected import write_rejected
from dedup.report.rows import REJECTED_RECORDS
from dedup.report.tables import write_table
from dedup.settings import Settings

PARAGRAPHS = {
    "harbour-gazette.example": [
        "The harbour board voted on Tuesday to dredge the western channel before the winter storms,"
        " a job that was put off twice since the ferry company complained about the noise.",
        "Engineers measured the silt at eleven places. At the old lock it stands almost two metres"
        " higher than in the survey of nine years ago, and the pilots have been asking for a new"
        " chart ever since.",
        "“We are not against the dredging,” said Marta Lindqvist, who has run the ticket office for"
        " thirty years. “We are against dredging at four in the morning under people’s windows.”",
        "The work will cost 2.4 million and take eleven weeks. Two thirds of the money comes from"
        " the region; the rest will be raised by the berth fees, which go up in spring.",
        "Anglers have been promised that the spawning grounds south of the breakwater stay"
        " untouched. A biologist will be on board the dredger for the first ten days.",
        "Until then the deep berths are reserved for the pilot boats, and yachts that draw more"
        " than three metres have to wait outside for the tide.",
    ],
    "gartenblatt.example": [
        "Wer seine Tomaten im August noch ausgeizt, sollte es am frühen Morgen tun: Dann heilen die"
        " Wunden bis zum Abend ab, und die Braunfäule hat es schwerer.",
        "Auf dem Versuchsfeld wurden im vergangenen Sommer vierzehn alte Sorten nebeneinander"
        " angebaut. Am besten hielt sich eine kleine gelbe, deren Namen niemand mehr kennt.",
        "Gegossen wird selten, aber gründlich, und immer an die Wurzel. Ein Topf ohne Boden, neben"
        " der Pflanze eingegraben, leistet dabei gute Dienste.",
        "Der Kompost braucht vor allem eines: Abwechslung. Zwei Teile Braunes, ein Teil Grünes, und"
        " alle drei Wochen wird umgesetzt.",
        "Im Herbst bleibt das Laub unter den Sträuchern liegen. Igel, Asseln und die Erdkröte sind"
        " dankbare Abnehmer.",
    ],
    "machi-dayori.example": [
        "商店街の時計塔が三十年ぶりに動き出した。修理を引き受けたのは、隣町で時計店を営む七十二歳の職人である。",
        "部品の多くはすでに作られておらず、歯車は一枚ずつ真鍮の板から削り出したという。作業は半年に及んだ。",
        "除幕式には近くの小学校の児童が集まり、正午の鐘が鳴ると大きな拍手が起こった。",
        "町内会では今後、毎月一日に塔の内部を公開する予定で、見学には事前の申し込みが必要となる。",
    ],
    "nahr.example": [
        "أعلنت بلدية المدينة القديمة بدء ترميم الجسر الحجري الذي يعود إلى أكثر من أربعة قرون.",
        "ويقول المهندس المشرف إن الأعمال ستستمر ثمانية أشهر، وإن"
        " الحركة على الجسر ستقتصر على المشاة.",
        "وكان سكان الضفة الشرقية قد طالبوا بالترميم منذ فيضان الربيع الماضي.",
    ],
}
TEMPLATES = {
    "harbour-gazette.example": [
        "Home · Local · Shipping · Weather · Tides · Archive",
        "We use cookies to remember your berth. Accept all | Only necessary | Settings",
        "Editor’s choice: Ten lighthouses to see before the season ends",
        "Related articles",
        "© Harbour Gazette. All rights reserved. Imprint · Privacy · Contact",
    ],
    "gartenblatt.example": [
        "Startseite Gemüse Obst Balkon Werkzeug Leserbriefe",
        "Newsletter: Jeden Freitag die besten Tipps für Ihren Garten. Jetzt anmelden",
        "Das könnte Sie auch interessieren",
        "Impressum Datenschutz AGB Mediadaten",
    ],
    "machi-dayori.example": [
        "トップ 地域 暮らし イベント 写真館 お問い合わせ",
        "この記事をシェアする",
        "Copyright 町だより編集室 無断転載を禁じます",
    ],
    "nahr.example": ["الرئيسية أخبار ثقافة رياضة اتصل بنا", "جميع الحقوق محفوظة"],
}
TITLES = {
    "harbour-gazette.example": "Channel to be dredged before winter",
    "gartenblatt.example": "Tomaten im August",
    "machi-dayori.example": "時計塔、ふたたび時を刻む",
    "nahr.example": "ترميم الجسر القديم",
}


@dataclass
class Rows:
    """The rows of the three tables, as they will be written."""

    documents: list[dict[str, object]] = field(default_factory=list)
    blocks: list[dict[str, object]] = field(default_factory=list)
    clusters: list[dict[str, object]] = field(default_factory=list)

    def tables(self) -> dict[str, pa.Table]:
        orders = {"documents": ["id"], "blocks": ["document", "index"]}
        orders["clusters"] = ["kind", "cluster", "order", "document", "block"]
        made = {}
        for name, columns in (
            ("documents", schema.DOCUMENTS_OUT),
            ("blocks", schema.BLOCKS_OUT),
            ("clusters", schema.CLUSTERS_OUT),
        ):
            rows = sorted(getattr(self, name), key=lambda r: _order(r, orders[r["_table"]]))
            made[name] = pa.Table.from_pylist(rows, schema=columns)
        return made


def _order(row: dict[str, object], names: list[str]) -> tuple[object, ...]:
    values = {**row, "order": not row.get("keeper")}
    return tuple(-1 if values[name] is None else values[name] for name in names)


def make_rows(pages: int = 24, seed: int = 7) -> Rows:
    """Make `pages` pages for each of four sites, with reprints, menus and teasers."""
    random_, rows = random.Random(seed), Rows()
    places: dict[str, list[tuple[str, int]]] = {}
    for site, paragraphs in PARAGRAPHS.items():
        articles: list[tuple[str, list[str]]] = []
        for number in range(pages):
            url = f"https://www.{site}/2026/{number:03d}-story"
            id_ = hashlib.sha256(url.encode()).hexdigest()[:16]
            reprint = bool(articles) and random_.random() < 0.4
            if reprint:
                keeper, body = random_.choice(articles)
            else:
                keeper, body = id_, random_.sample(paragraphs, k=min(len(paragraphs), 4))
                body = [f"{text} ({site}, {number})" for text in body]
                articles.append((id_, body))
            _add_page(rows, places, (site, url, id_, number), (keeper, body))
    _add_clusters(rows, places)
    return rows


def _add_page(rows, places, page, article):
    site, url, id_, number = page
    keeper, body = article
    menu = TEMPLATES[site]
    reprint, empty = keeper != id_, number % 11 == 10
    title = f"{TITLES[site]} ({number})"
    texts = [(menu[0], "boilerplate", 0.01), (menu[1], "boilerplate", 0.04), (title, None, 0.97)]
    texts += [] if empty else [(text, None, 0.94 - 0.01 * i) for i, text in enumerate(body)]
    texts += [(body[0][:60] + "…", "teaser of another document", 0.41)] if number % 3 else []
    texts += [(title, "repeated in page", 0.52)] if number % 4 == 0 else []
    texts += [(text, "boilerplate", 0.03) for text in menu[2:]]
    at = 0
    for index, (text, reason, probability) in enumerate(texts):
        if reason is None and empty:
            reason, probability = "boilerplate", 0.32  # noqa: PLW2901
        shown = "duplicate document" if reprint and reason is None else reason
        cluster = "b-" + hashlib.sha256(f"{site}{text}".encode()).hexdigest()[:10]
        repeated = text in menu
        if repeated:
            places.setdefault(cluster, []).append((id_, index))
        rows.blocks.append(
            {
                "_table": "blocks",
                "document": id_,
                "index": index,
                "start": at,
                "end": at + len(text),
                "text": text,
                "label": "body" if reason is None else "boilerplate",
                "probability": probability,
                "keep": shown is None,
                "reason": shown,
                "cluster": cluster if repeated else None,
                "site_pages": 24 if repeated else 1,
                "crawl_pages": 24 if repeated else 1,
            }
        )
        at += len(text) + 2
    clean = "\n\n".join([title, *body])
    reason = "no body" if empty else "duplicate" if reprint else None
    rows.documents.append(
        {
            "_table": "documents",
            "_site": site,
            "id": id_,
            "source": "crawl/2026-10.warc.gz",
            "url": url,
            "title": title,
            "text": None if reason else clean,
            "keep": reason is None,
            "reason": reason,
            "cluster": "d-" + keeper if reason != "no body" else None,
            "keeper": keeper if reason != "no body" else None,
            "similarity": (0.81 + number % 17 / 100 if reprint else 1.0)
            if reason != "no body"
            else None,
            "offset": number * 1000,
            "site": site,
            "date": None,
            "n_characters": 0 if empty else len(clean),
        }
    )


def _add_clusters(rows, places):
    sizes: dict[object, int] = {}
    for row in rows.documents:
        sizes[row["cluster"]] = sizes.get(row["cluster"], 0) + 1
    for row in rows.documents:
        if row["cluster"] is None or sizes[row["cluster"]] < 2:
            row["cluster"] = row["keeper"] = row["similarity"] = None
            continue
        rows.clusters.append(
            {
                "_table": "clusters",
                "cluster": row["cluster"],
                "kind": "document",
                "document": row["id"],
                "block": None,
                "keeper": row["id"] == row["keeper"],
                "similarity": row["similarity"],
                "containment": 1.0,
                "indexed": False,
            }
        )
    for cluster, found in places.items():
        for place, (document, index) in enumerate(sorted(found)):
            rows.clusters.append(
                {
                    "_table": "clusters",
                    "cluster": cluster,
                    "kind": "block",
                    "document": document,
                    "block": index,
                    "keeper": place == 0,
                    "similarity": 1.0,
                    "containment": 1.0,
                    "indexed": False,
                }
            )


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "</style></title><svg onload=alert(1)>",
    "\u202eright to left override\u202d",
    "null \x00 bell \x07 escape \x1b[31m",
    "word " * 200_000,
    "x" * 1_000_000,
    "שלום 😀👩‍👩‍👧‍👦",
]
LINKS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://a.example",
    "data:text/html,<script>alert(1)</script>",
    'https://a.example/"onmouseover="alert(1)',
    "https://a.example/" + "p" * 5_000,
    "//a.example/x",
    "https://[broken",
]

REJECTED = [
    {
        "source": "crawl/2026-10.warc.gz",
        "offset": 1048211,
        "url": "https://www.harbour-gazette.example/tides.pdf",
        "reason": "the gzip stream is cut off",
    },
    {"source": "crawl/notes.jsonl", "offset": 88, "url": None, "reason": "line is not JSON"},
]

STAGES = [
    ("segment", 21.4, 98_100_000),
    ("sketch blocks", 9.2, 45_000_000),
    ("verify blocks", 3.1, 12_000_000),
    ("classify", 14.8, 45_000_000),
    ("sketch bodies", 4.0, 21_000_000),
    ("list blocks", 6.3, 45_000_000),
]


def write_result(
    folder: Path, rows: Rows, *, rejected: list[dict[str, object]], format_: str = "parquet"
) -> Manifest:
    """Write a result, all but its report."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in rows.tables().items():
        write_table(table.to_batches(), table.schema, folder / name, format_)
    lost = pa.Table.from_pylist(rejected, schema=REJECTED_RECORDS)
    write_rejected(lost.to_batches(), folder / "rejected.jsonl")
    n = len(rows.documents)
    manifest = Manifest(
        dedup="0.1.0",
        command="clean",
        format=format_,
        started="2026-11-24T09:30:00+00:00",
        seconds=63.8,
        bytes_read=98_100_000,
        inputs=("crawl",),
        settings=Settings(),
        counts=count_result(
            folder,
            read=n + len(rejected),
            rejected=len(rejected),
            pairs={"candidate bodies": 4 * n, "verified bodies": n},
        ),
        versions={"python": "3.12.1", "duckdb": "2.0.0", "numpy": "2.3.0"},
        stages=tuple(StageTiming(name, s, n, n, b) for name, s, b in STAGES),
        sources=(_removal("crawl/2026-10.warc.gz", rows.documents, rows.blocks),),
        sites=tuple(_site_removals(rows)),
        warnings=(),
    )
    write_manifest(folder, manifest)
    return manifest


def _site_removals(rows: Rows) -> Iterator[Removal]:
    for site in sorted({str(row["_site"]) for row in rows.documents}):
        documents = [row for row in rows.documents if row["_site"] == site]
        ids = {row["id"] for row in documents}
        yield _removal(site, documents, [b for b in rows.blocks if b["document"] in ids])


def _removal(name, documents, blocks):
    return Removal(
        name,
        len(documents),
        sum(row["keep"] for row in documents),
        sum(len(b["text"]) for b in blocks),
        sum(len(b["text"]) for b in blocks if b["keep"]),
    )


def poison(rows, texts, urls):
    """Put hostile text into every column that comes from a crawl."""
    for i, row in enumerate(rows.documents):
        row["title"] = texts[i % len(texts)][:5_000]
        row["url"] = urls[i % len(urls)]
        row["source"] = texts[i % len(texts)][:5_000]
        row["_site"] = row["site"] = texts[i % len(texts)][:99]
        row["text"] = texts[i % len(texts)] if row["keep"] else None
    for i, row in enumerate(rows.blocks):
        row["text"] = texts[i % len(texts)][: 1_000_000 if i < 20 else 2_000]
    return rows


def write_whole(
    folder: Path,
    rows: Rows | None = None,
    *,
    rejected: list[dict[str, object]] | None = None,
    format_: str = "parquet",
) -> Path:
    """Write a result with its report."""
    write_result(
        folder,
        make_rows() if rows is None else rows,
        rejected=REJECTED if rejected is None else rejected,
        format_=format_,
    )
    write_report(folder)
    return folder


def write_hostile(folder: Path) -> Path:
    """Write a result whose pages say what should break a report, with it."""
    rejected = [{"source": t[:99], "offset": 1, "url": LINKS[0], "reason": t} for t in HOSTILE]
    return write_whole(folder, poison(make_rows(pages=12), HOSTILE, LINKS), rejected=rejected)
