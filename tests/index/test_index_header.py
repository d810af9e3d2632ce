"""What an index says of itself, and what is refused."""

import json
from dataclasses import replace

import pytest

from dedup import schema
from dedup.errors import BadIndex, BadSettings
from dedup.index import Index, check_same, deciding, open_index, write_header
from dedup.settings import (
    ClassifySettings,
    MatchSettings,
    ReadSettings,
    ResolveSettings,
    RunSettings,
    SegmentSettings,
    Settings,
)

MODEL = b"a model"
DOCUMENTS = Settings().documents
BLOCKS = Settings().blocks


@pytest.fixture
def index(tmp_path):
    """An index whose parts hold a few bytes each."""
    for table in schema.HELD:
        (tmp_path / table).mkdir()
        (tmp_path / table / "part-00000.parquet").write_bytes(b"PAR1")
    made = Index(tmp_path, deciding(Settings(), MODEL), documents=7, texts=5, generation=2)
    write_header(tmp_path, made)
    return tmp_path


def test_what_was_written_is_read_again(index):
    opened = open_index(index)
    assert (opened.documents, opened.texts, opened.generation) == (7, 5, 2)
    assert opened.match == MatchSettings()
    check_same(opened, deciding(Settings(), MODEL))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(documents=replace(DOCUMENTS, threshold=0.7)), "--threshold 0.8, and this run"),
        (Settings(documents=replace(DOCUMENTS, ngram=4)), "--ngram 5, and this run has 4"),
        (Settings(documents=replace(DOCUMENTS, num_perm=64)), "--num-perm 128, and"),
        (Settings(documents=replace(DOCUMENTS, seed=2)), "--seed 1, and this run has 2"),
        (Settings(documents=replace(DOCUMENTS, sketch="fss")), "--sketch minhash, and"),
        (Settings(blocks=replace(BLOCKS, ngram=4)), "--block-ngram 3, and this run has 4"),
        (Settings(blocks=replace(BLOCKS, threshold=0.7)), "--block-threshold 0.8, and"),
        (Settings(blocks=replace(BLOCKS, containment=0.8)), "--containment 0.9, and"),
        (Settings(classify=ClassifySettings(body_threshold=0.5)), "--body-threshold 0.6, and"),
        (Settings(classify=ClassifySettings(keep_comments=True)), "--keep-comments False, and"),
        (Settings(resolve=ResolveSettings(keep="newest")), "--keep longest, and this run has new"),
        (Settings(resolve=ResolveSettings(scope="site")), "--scope crawl, and this run has site"),
        (
            Settings(resolve=ResolveSettings("source-priority", "crawl", ("a",))),
            "--keep longest, and this run has source-priority",
        ),
        (Settings(segment=SegmentSettings(max_depth=9)), "page bounds"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_setting_that_differs_is_named(index, settings, said):
    with pytest.raises(BadSettings, match=said):
        check_same(open_index(index), deciding(settings, MODEL))


def test_another_model_is_refused(index):
    with pytest.raises(BadSettings, match="another --model"):
        check_same(open_index(index), deciding(Settings(), b"another model"))


def test_settings_that_decide_no_match_may_differ(index):
    other = Settings(
        read=ReadSettings(text_column="body"),
        run=RunSettings(workers=7, memory_bytes=8 << 30),
        resolve=ResolveSettings(annotate=True),
        classify=ClassifySettings(reasons=True),
    )
    check_same(open_index(index), deciding(other, MODEL))


def change(index, **values):
    header = json.loads((index / "index.json").read_text())
    (index / "index.json").write_text(json.dumps(header | values))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda i: change(i, format=2), "an index of format 2"),
        (lambda i: change(i, format="x" * 1000), "an index of format x{20},"),
        (lambda i: change(i, parts=[]), "index.json is damaged"),
        (lambda i: change(i, documents="7"), "index.json is damaged"),
        (lambda i: change(i, settings=None), "index.json is damaged"),
        (lambda i: (i / "index.json").write_text("[" * 100_000), "index.json is damaged"),
        (lambda i: (i / "index.json").write_text("[]"), "index.json is damaged"),
        (lambda i: (i / "index.json").write_bytes(b"\xff"), "index.json is damaged"),
        (lambda i: (i / "index.json").unlink(), "is no index of dedup"),
        (lambda i: (i / "pairs/part-00000.parquet").unlink(), "pairs/part-00000.parquet is miss"),
        (lambda i: (i / "texts/part-00000.parquet").write_bytes(b"P"), "has 1 bytes, not 4"),
        (lambda i: (i / "texts/part-00001.parquet").write_bytes(b""), "does not belong"),
    ],
    ids=[
        *("format", "long format", "parts", "count", "settings", "deep", "list", "bytes"),
        *("no header", "missing part", "short part", "foreign part"),
    ],
)
def test_what_cannot_be_an_index_is_refused(index, damage, said):
    damage(index)
    with pytest.raises(BadIndex, match=said):
        open_index(index)


@pytest.mark.parametrize("name", ["ngram", "seed"])
def test_header_that_does_not_say_how_it_was_made_is_refused(index, name):
    settings = {k: v for k, v in open_index(index).settings.items() if k != name}
    change(index, settings=settings)
    with pytest.raises(BadIndex, match="does not say how"):
        _ = open_index(index).match
    with pytest.raises(BadSettings, match=f"--{name} None"):
        check_same(open_index(index), deciding(Settings(), MODEL))
