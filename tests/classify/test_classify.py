"""Judging pages: what a user relies on, whatever the model."""

import json
import sys
from dataclasses import replace
from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import schema
from dedup.classify import captures, classify, load_model, write_model
from dedup.classify.decode import page_cut
from dedup.classify.model_file import MAGIC, model_bytes
from dedup.errors import BadModel
from dedup.match.repetition import alone
from dedup.read import from_content
from dedup.segment import segment
from dedup.settings import ClassifySettings, ReadSettings, SegmentSettings
from dedup.sketch import block_keys

STORIES = {
    "English": [
        "The harbour of Lindau froze over last night, for the first time in more than forty years, "
        "and the ferries that cross the lake every morning stayed where they were.",
        "Fishermen walked out on the ice before sunrise to free their nets, and by noon half "
        "of the town had followed them with sledges, skates and thermos flasks full of hot tea.",
        "The harbour master expects the thaw to begin on Thursday, when the wind turns south.",
    ],
    "German": [
        "Der Hafen von Lindau ist in der Nacht zum ersten Mal seit mehr als vierzig Jahren "
        "zugefroren, und die Fähren, die jeden Morgen den See überqueren, blieben liegen.",
        "Noch vor Sonnenaufgang gingen Fischer auf das Eis, um ihre Netze zu befreien, und bis zum "
        "Mittag war ihnen die halbe Stadt mit Schlitten, Schlittschuhen und heißem Tee gefolgt.",
        "Der Hafenmeister rechnet damit, dass am Donnerstag Tauwetter einsetzt, wenn der Wind auf "
        "Süd dreht.",
    ],
    "Japanese": [
        "昨夜、リンダウの港が四十数年ぶりに凍りつき、毎朝湖を渡る連絡船はその場に停まったままだった。",
        "漁師たちは夜明け前に氷の上へ出て網を引き上げ、昼までには町の人々の半分が、そりやスケート靴、"
        "熱いお茶を入れた水筒を持ってその後に続いた。",
        "港長は、風が南に変わる木曜日に雪解けが始まると見ており、それまで防波堤に近づかないよう呼びかけている。",
    ],
}
MENUS = {
    "English": ["Home", "News", "Sports", "Weather", "Contact", "Imprint", "Log in"],
    "German": ["Start", "Nachrichten", "Sport", "Wetter", "Kontakt", "Impressum", "Anmelden"],
    "Japanese": ["ホーム", "ニュース", "スポーツ", "天気", "お問い合わせ", "会社概要", "ログイン"],
}


def html_page(language):
    menu = "".join(f'<li><a href="/{i}">{name}</a></li>' for i, name in enumerate(MENUS[language]))
    story = "".join(f"<p>{line}</p>" for line in STORIES[language])
    return (
        f"<html><body><nav class='menu'><ul>{menu}</ul></nav><article>{story}</article>"
        f"<footer class='site-footer'><ul>{menu}</ul></footer></body></html>"
    )


def pages_of(*contents):
    batches = []
    for number, content in enumerate(contents):
        batch = from_content(content, ReadSettings())
        numbers = pa.array([number], pa.int64())
        batches.append(batch.set_column(0, schema.DOCUMENTS.field("document"), numbers))
    table = pa.Table.from_batches(batches, schema.DOCUMENTS).combine_chunks()
    return segment(table.to_batches()[0], SegmentSettings())


def judge(pages, model=None, **options):
    repetition = alone(pages.column("document"), block_keys(pages))
    settings = ClassifySettings(**options)
    return classify(pages, repetition, model=model or load_model(None), settings=settings)


def split(pages, labels):
    """Texts of body and of boilerplate of the first page."""
    text = pages.column("text")[0].as_py().encode()
    found = {True: [], False: []}
    spans = pages.column("blocks")[0].as_py()
    for block, body in zip(spans, labels.column("body")[0].as_py(), strict=True):
        found[body].append(text[block["start"] : block["end"]].decode())
    return found[True], found[False]


@pytest.mark.parametrize("language", STORIES)
def test_article_is_body_and_menu_is_not(language):
    pages = pages_of(html_page(language))
    body, boilerplate = split(pages, judge(pages))
    assert set(STORIES[language]) <= set(body)
    assert set(MENUS[language]) <= set(boilerplate)


@pytest.mark.parametrize("language", STORIES)
def test_text_that_is_nothing_but_an_article_is_all_body(language):
    pages = pages_of("\n".join(STORIES[language]))
    body, _ = split(pages, judge(pages))
    assert body == STORIES[language]


def test_a_page_is_judged_the_same_in_any_company():
    contents = [html_page(language) for language in STORIES] + [
        "\n".join(STORIES["English"]),
        "",
        "*",
    ]
    pages = pages_of(*contents)
    together = judge(pages)
    order = pa.array([3, 5, 0, 4, 2, 1])
    assert judge(pages.take(order)) == together.take(order)
    for row in range(pages.num_rows):
        assert judge(pages.slice(row, 1)) == together.slice(row, 1)


@pytest.mark.parametrize("at_once", [1, 20, 50])
def test_a_batch_is_judged_the_same_in_pieces(monkeypatch, at_once):
    pages = pages_of(*(html_page(language) for language in STORIES), "", "*")
    together = judge(pages)
    monkeypatch.setattr(sys.modules["dedup.classify.classify"], "BLOCKS_AT_ONCE", at_once)
    assert judge(pages) == together


def test_threshold_decides_what_is_body():
    pages = pages_of(html_page("English"))
    everything, nothing = judge(pages, body_threshold=0.0), judge(pages, body_threshold=1.0)
    assert all(everything.column("body")[0].as_py())
    assert sum(nothing.column("body")[0].as_py()) <= len(STORIES["English"])
    assert everything.column("probability") == nothing.column("probability")


@given(st.lists(st.tuples(st.floats(0, 1, width=32), st.integers(1, 50)), min_size=1, max_size=7))
def test_no_choice_of_blocks_promises_a_better_f1_than_half_of_it_cuts_off(blocks):
    probability, words = np.array(blocks, np.float32).T
    hits = probability * words

    def promised(chosen):
        return 2 * hits[chosen].sum() / max(words[chosen].sum() + hits.sum(), 1e-9)

    every = [np.array(flags, bool) for flags in product([False, True], repeat=len(blocks))]
    best = max(promised(chosen) for chosen in every)
    cut = page_cut(probability, words, 0.5)
    assert cut == pytest.approx(best / 2 if best > 0 else 0.5, rel=1e-5)
    assert promised(probability >= cut * (1 - 1e-6)) == pytest.approx(best, rel=1e-4, abs=1e-6)


def test_pages_without_blocks_have_labels_without_items():
    labels = judge(pages_of("", "***"))
    assert labels.schema == schema.LABELS
    assert [len(row) for row in labels.column("body").to_pylist()] == [0, 1]


def test_text_takes_the_labels_of_the_same_words_in_html():
    labels = pa.RecordBatch.from_pylist(
        [
            {
                "document": 1,
                "probability": [0.1, 0.9],
                "body": [False, True],
                "why": [None, "no links"],
            },
            {"document": 2, "probability": [], "body": [], "why": []},
        ],
        schema.LABELS,
    )
    assert captures.label_rows(labels).to_pylist() == [
        {"document": 1, "index": 0, "probability": pytest.approx(0.1), "body": False, "why": None},
        {
            "document": 1,
            "index": 1,
            "probability": pytest.approx(0.9),
            "body": True,
            "why": "no links",
        },
    ]
    assert captures.label_rows(labels.slice(1)).num_rows == 0


# --- the file


def test_model_is_written_and_read_bit_for_bit(tmp_path):
    model = load_model(None)
    write_model(model, str(tmp_path / "copy.model"))
    copy = load_model(str(tmp_path / "copy.model"))
    assert model_bytes(copy) == model_bytes(model)
    assert [path.name for path in tmp_path.iterdir()] == ["copy.model"]


def test_shipped_model_tells_where_it_comes_from():
    card = load_model(None).card
    assert "WCXB" in card["data"]["name"]
    assert card["data"]["licence"].startswith("CC-BY-4.0")
    assert set(card["cross-validated"]) == {"html", "text"}


def test_quality_has_a_floor():
    """The cross-validated scores of the shipped model; raise these figures, never lower them."""
    told = load_model(None).card["cross-validated"]
    assert told["html"]["F1"] >= 0.85
    assert told["text"]["F1"] >= 0.80


def damaged(data):
    return data[:-5] + bytes([data[-5] ^ 1]) + data[-4:]


def of_another_version(data):
    head, line, rest = data.split(b"\n", 2)
    return b"\n".join([head, json.dumps(json.loads(line) | {"version": 99}).encode(), rest])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (damaged, "damaged"),
        (of_another_version, "format 99"),
        (lambda data: data[:1000], "model"),
        (lambda _: b"", "no dedup model"),
        (lambda _: b"\x80\x04\x95", "no dedup model"),
        (lambda _: MAGIC + b"[" * 100_000, "no dedup model"),
        (lambda data: data + b"more", "damaged"),
    ],
)
def test_file_that_is_no_whole_model_is_refused(tmp_path, change, message):
    (tmp_path / "some.model").write_bytes(change(model_bytes(load_model(None))))
    with pytest.raises(BadModel, match=message):
        load_model(str(tmp_path / "some.model"))


@pytest.mark.parametrize("more", [[], ["an invented feature"]])
def test_model_that_asks_for_other_features_is_refused(tmp_path, more):
    model = load_model(None)
    features = dict(model.card["features"])
    features["text"] = features["text"][1:] + more
    altered = replace(model, card={**model.card, "features": features})
    write_model(altered, str(tmp_path / "other.model"))
    with pytest.raises(BadModel, match="trained on other features"):
        load_model(str(tmp_path / "other.model"))


def test_missing_model_is_said(tmp_path):
    with pytest.raises(BadModel, match="cannot be read"):
        load_model(str(tmp_path / "none.model"))


def test_judgements_are_probabilities():
    pages = pages_of(html_page("German"))
    probability = np.array(judge(pages).column("probability")[0].as_py())
    assert ((probability >= 0) & (probability <= 1)).all()
