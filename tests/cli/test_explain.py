"""`dedup explain`, as it is read on a terminal."""

import json
import subprocess
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli_support import COMMAND, run_dedup
from click.testing import CliRunner
from made_results import SCHEMAS, block, document, member, write_result

from dedup.cli.main import dedup as command
from dedup.errors import BadInput
from dedup.report.row_groups import GroupSize
from dedup.report.tables import write_table
from dedup.settings import ClassifySettings, ResolveSettings, Settings

MENU = "Home News Sports Weather"
STORY = "The harbour of Lindau froze over last night, for the first time in forty years."
HOSTILE = "red \x1b[31malert\x07 \u202etxet desrever\u202c\n\x9b2Jend [bold]:smile:"

TABLES = {
    "documents": [
        document("ice", url="https://lake.example/ice", title="Ice", text=STORY, offset=1234,
                 cluster="ice", keeper="ice", similarity=1.0),
        document("ice-copy", url="https://port.example/ice", source="b.warc.gz", title=HOSTILE,
                 reason="duplicate", cluster="ice", keeper="ice", similarity=0.9375),
        document("list", url="https://lake.example/", reason="no body", n_characters=0),
        document("list-2", url="https://lake.example/", reason="no body", n_characters=0),
    ],
    "blocks": [
        block("ice", 0, MENU, 0, reason="repeated in site", probability=0.00002, cluster="ice#0",
              site_pages=3, crawl_pages=4, why="stands on 3 of 3 pages of this site; in <nav>"),
        block("ice", 1, STORY, 25, probability=0.973, why="long; between blocks of body",
              cluster="ice#1", crawl_pages=2),
        block("ice-copy", 0, MENU, 0, reason="boilerplate", cluster="ice#0", crawl_pages=4),
        block("ice-copy", 1, STORY + HOSTILE, 25, reason="duplicate document", probability=0.5,
              cluster="ice#1", crawl_pages=2),
        block("ice-copy", 2, "Ice…", 180, reason="teaser of another document"),
        block("list", 0, MENU, 0, reason="repeated in site", cluster="ice#0", site_pages=3,
              crawl_pages=4),
        block("list", 1, "Related", 25, reason="boilerplate", probability=0.7),
        block("list-2", 0, MENU, 0, reason="repeated in site", cluster="ice#0", site_pages=3,
              crawl_pages=4),
    ],
    "clusters": [
        *(member("ice#0", name, block=0) for name in ("ice", "ice-copy", "list", "list-2")),
        member("ice#1", "ice", block=1),
        member("ice#1", "ice-copy", block=1, similarity=0.62, containment=0.96),
        member("ice", "ice"),
        member("ice", "ice-copy", similarity=0.9375, containment=0.9996),
    ],
}  # fmt: skip

REJECTED = [
    {"source": "b.warc.gz", "offset": 9, "url": "https://lake.example/gone", "reason": "HTTP 404"}
]

DUPLICATE = """\
Document ice-copy
Removed as a duplicate of ice: its similarity is 0.937, and 0.8 is enough.

  document  ice-copy
  url       https://port.example/ice
  title     red \\x1b[31malert\\x07 \\u202etxet desrever\\u202c \\x9b2Jend [bold]:smile:
  source    b.warc.gz, offset 0
  body      100 characters
  reason    duplicate

Cluster ice: 2 documents; similarity 0.8 is enough to belong to it.
  This one: similarity 0.937, containment 0.999.
  similarity  containment          also at  url
           1            1  keeper  ice      https://lake.example/ice

3 blocks: 1 boilerplate, 1 duplicate document, 1 teaser of another document
  #  verdict                       p  text
  0  boilerplate                 0.1  Home News Sports Weather
  1  duplicate document          0.5  The harbour of Lindau froze over last night, for the first ti…
  2  teaser of another document  0.1  Ice…

Why the blocks got their labels was not asked for: give the command of the run again, with
--reasons, and another folder.
"""

MENU_BLOCK = """\
Block ice#0
Removed as boilerplate that stands on 3 pages of its site: its probability of being body is < 0.001.

  | Home News Sports Weather

  document  ice
  url       https://lake.example/ice
  title     Ice
  source    crawl.warc.gz, offset 1,234
  body      100 characters

  characters  0 to 24 of the document's text
  label       boilerplate, probability of body < 0.001
  reason      repeated in site
  why         stands on 3 of 3 pages of this site; in <nav>
  stands on   3 pages of its site, 4 of the crawl

Cluster ice#0: 4 blocks in 4 documents; similarity 0.8 or containment 0.9 is enough to belong to it.
  This one is the keeper.
  similarity  containment    also at     url
           1            1    ice-copy#0  https://port.example/ice
           1            1    list#0      https://lake.example/
           1            1    list-2#0    https://lake.example/
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "out"
    return write_result(folder, TABLES, rejected=REJECTED)


def explained(*arguments, columns=100):
    done = CliRunner(env={"COLUMNS": str(columns)}).invoke(
        command, ["explain", *map(str, arguments)], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return done.output


def verdict(*arguments):
    return explained(*arguments).splitlines()[1]


def refused(*arguments):
    """The sentence that the command line shows."""
    with pytest.raises(BadInput) as told:
        explained(*arguments)
    return str(told.value)


def test_duplicate_is_told_with_its_keeper_its_cluster_and_its_blocks(made):
    assert explained(made, "ice-copy") == DUPLICATE


def test_block_is_told_with_what_spoke_for_its_label_and_its_other_places(made):
    assert explained(made, "ice#0") == MENU_BLOCK


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("ice", "Kept: of 2 near-duplicates it is the one that stays (--keep longest)."),
        ("list", "Removed, as it has no body: of 2 blocks none is kept."),
        ("ice#1", "Kept as body: its probability of being body is 0.973, and 0.6 is asked."),
        ("ice-copy#1", "Removed with its document, a duplicate of ice: its similarity is 0.937."),
        (
            "ice-copy#2",
            "Removed as a teaser: its words stand in the body of another document.",
        ),
        ("https://lake.example/gone", "It could not be read: HTTP 404."),
    ],
)
def test_verdict_stands_first_in_a_sentence(made, name, sentence):
    assert verdict(made, name) == sentence


def test_label_against_the_probability_is_put_down_to_what_else_decides(made):
    lines = explained(made, "list#1").splitlines()[1:3]
    assert " ".join(lines) == (
        "Removed as boilerplate: its probability of being body is 0.7, and 0.6 is asked, but its "
        "surroundings or its element speak against it."
    )


def test_a_document_is_found_by_its_url_and_by_its_source(made):
    assert explained(made, "https://port.example/ice") == DUPLICATE
    assert explained(made, "b.warc.gz") == DUPLICATE


@pytest.mark.parametrize("format_", ["jsonl"])
def test_json_lines_are_explained_as_parquet_is(made, tmp_path, format_):
    other = write_result(tmp_path / "out", TABLES, rejected=REJECTED, format_=format_)
    for name in ("ice-copy", "ice#0", "https://lake.example/gone"):
        assert explained(other, name, "--json") == explained(made, name, "--json")


def test_json_has_the_same_and_nothing_that_a_terminal_acts_on(made):
    told = explained(made, "ice-copy", "--json")
    assert told.isascii()
    assert "\x1b" not in told
    found = json.loads(told)
    assert found["verdict"] == DUPLICATE.splitlines()[1]
    assert found["page"]["title"] == HOSTILE
    assert found["cluster"]["own"]["containment"] == 0.9996
    assert found["cluster"]["members"][0]["url"] == "https://lake.example/ice"
    assert [each["reason"] for each in found["blocks"]] == [
        "boilerplate", "duplicate document", "teaser of another document",
    ]  # fmt: skip


def test_nothing_of_a_page_controls_the_terminal(made):
    for name in ("ice-copy", "ice-copy#1"):
        told = explained(made, name)
        assert all(c.isprintable() or c == "\n" for c in told)
        assert "[bold]:smile:" in told


def test_annotated_result_says_what_would_go(tmp_path):
    settings = Settings(resolve=ResolveSettings(annotate=True))
    out = write_result(tmp_path / "out", TABLES, settings=settings)
    assert verdict(out, "ice-copy").startswith("Would be removed as a duplicate of ice")
    assert verdict(out, "ice#0").startswith("Would be removed as boilerplate")


def test_thresholds_are_those_of_the_run(tmp_path):
    settings = Settings(classify=ClassifySettings(body_threshold=0.35))
    settings = replace(settings, documents=replace(settings.documents, threshold=0.7))
    out = write_result(tmp_path / "out", TABLES, settings=settings)
    assert verdict(out, "ice-copy").endswith("and 0.7 is enough.")
    assert "0.35 is asked" in verdict(out, "ice#1")


def test_narrow_terminal_wraps_and_cuts(made):
    lines = explained(made, "ice-copy", columns=50).splitlines()
    # a column of text has at least 20 columns
    assert max(map(len, lines)) <= 64
    assert all(len(line) <= 50 for line in lines[:12])
    assert "Removed as a duplicate of ice: its similarity is" in lines


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "ice-",
            "no document, block, cluster or passage has the name ice-; the nearest is ice-copy",
        ),
        ("lis", "the nearest are list, list-2"),
        ("lisst", "the nearest is list"),
        ("ice#7", "document ice has no block 7; its last one is 1"),
        ("icd#0", "the nearest is ice"),
        ("lake.example/ics", "the nearest are https://lake.example/ice"),
        (
            "https://lake.example/",
            "several documents have the address https://lake.example/: list, list-2; name one",
        ),
        ("\udcff", "has the name \\udcff"),
        ("", "an empty name stands for nothing"),
    ],
)
def test_unknown_name_is_answered_with_the_nearest(made, name, sentence):
    assert sentence in refused(made, name)


def test_mistake_is_one_sentence_and_exit_status_2(made, tmp_path):
    for arguments in ((made, "none\x1b[2J"), (tmp_path / "none", "ice"), (tmp_path, "ice")):
        done = run_dedup("explain", *arguments)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert done.stderr.startswith("dedup: ")
        assert "\x1b" not in done.stderr


def test_reader_that_has_gone_is_no_error_of_ours(made):
    piped = subprocess.run(
        f"'{COMMAND}' explain '{made}' ice-copy | true",
        shell=True, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert piped.stderr == ""


def test_result_of_another_version_is_refused(tmp_path):
    out = write_result(tmp_path / "out", TABLES)
    manifest = json.loads((out / "manifest.json").read_text())
    del manifest["settings"]["segment"]
    manifest["settings"]["cut"] = {"pages": 3}
    (out / "manifest.json").write_text(json.dumps({**manifest, "epoch": 1}))
    assert "not a manifest of this version" in refused(out, "ice")


def test_missing_and_damaged_tables_are_named(tmp_path):
    out = write_result(tmp_path / "out", TABLES)
    (part,) = (out / "documents").iterdir()
    table = pq.read_table(part).drop_columns("offset")
    pq.write_table(table, part)
    assert "a table is damaged, or of another version" in refused(out, "ice")
    part.write_bytes(b"PAR1 no longer")
    assert f"{out}: a table is damaged" in refused(out, "ice")
    part.unlink()
    assert refused(out, "ice") == f"{out}: its table documents/ is missing"


def test_keeper_in_an_index_is_told_and_can_be_asked_for(tmp_path):
    tables = {
        "documents": [
            document("new", reason="duplicate", cluster="old", keeper="old", similarity=0.85)
        ],
        "blocks": [],
        "clusters": [
            member("old", "old", indexed=True),
            member("old", "new", similarity=0.85, containment=0.9),
        ],
    }
    out = write_result(tmp_path / "out", tables, against="crawl.index")
    told = explained(out, "new")
    assert "Removed as a duplicate of old: its similarity is 0.85" in told
    assert "keeper, indexed  old" in told
    assert "stand in the index crawl.index" in told
    assert verdict(out, "old") == "An earlier run brought it: it stands in the index crawl.index."


def test_members_beyond_the_first_are_counted_and_listed_on_demand(tmp_path):
    names = [f"copy-{i:02d}" for i in range(14)]
    tables = {"clusters": [member(names[0], name, similarity=0.9) for name in names]}
    out = write_result(tmp_path / "out", tables)
    first = explained(out, "copy-13")
    assert verdict(out, "copy-13").startswith("It is a near-duplicate of copy-00")
    assert "copy-09" in first
    assert "copy-10" not in first
    assert "  and 3 other places more (--all)" in first
    whole = explained(out, "copy-13", "--all")
    assert all(name in whole for name in names)
    assert "--all" not in whole


def test_blocks_that_only_contain_each_other_say_so(tmp_path):
    tables = {
        "clusters": [
            member("lake#3", "lake", block=3),
            member("lake#3", "port", block=1, similarity=0.41, containment=0.97),
        ]
    }
    out = write_result(tmp_path / "out", tables)
    assert " ".join(explained(out, "port#1").splitlines()[1:4]).startswith(
        "It is a near-duplicate of lake#3: its similarity is 0.41, but 0.97 of the shorter one "
        "stand in the longer one, and 0.9 is enough; dedup find changes no text."
    )
    assert "1 block of it stands elsewhere" in verdict(out, "port")


def test_passages_are_told_by_name_by_place_and_by_document(tmp_path):
    place = {"kind": "substring", "n_words": 60, "similarity": 1.0}
    name = {"passage": "ice@25-400", **place}
    passages = [
        {**name, "document": "ice", "start": 25, "end": 400, "keep": True, "excerpt": STORY},
        {**name, "document": "news", "start": 0, "end": 375, "keep": False},
    ]
    out = write_result(tmp_path / "out", {"passages": passages})
    told = explained(out, "ice@25-400")
    assert told == explained(out, "news@0-375")
    assert "The same words (60 words) at 2 places; dedup find changes no text." in told
    assert f"  | {STORY}" in told
    assert "substring     60           1  copy       0-375  news" in told
    assert verdict(out, "news") == (
        "1 passage of it stands elsewhere, too; dedup find changes no text."
    )


def test_an_address_in_a_result_without_documents_is_told_to_be_unknown(tmp_path):
    tables = {"clusters": [member("lake", "lake"), member("lake", "port", similarity=0.9)]}
    out = write_result(tmp_path / "out", tables)
    done = run_dedup("explain", out, "https://lake.example/story")
    assert done.returncode == 2
    assert "only ids are known" in done.stderr


def test_real_result_explains_each_of_its_documents_and_blocks(cleaned):
    documents = pq.read_table(cleaned / "documents").to_pylist()
    for row in documents[::9]:
        said = verdict(cleaned, row["id"])
        assert said.startswith("Kept: " if row["keep"] else "Removed")
    blocks = pq.read_table(cleaned / "blocks").to_pylist()
    for row in blocks[::250]:
        said = verdict(cleaned, f"{row['document']}#{row['index']}")
        assert said.startswith("Kept" if row["keep"] else "Removed")


def destroy_other_groups(part, row):
    """Overwrite all row groups of a file but the one that has this row."""
    footer = pq.read_metadata(part)
    data = bytearray(part.read_bytes())
    before = 0
    for number in range(footer.num_row_groups):
        group = footer.row_group(number)
        before += group.num_rows
        if before - group.num_rows <= row < before:
            continue
        for column in map(group.column, range(group.num_columns)):
            begin = column.dictionary_page_offset or column.data_page_offset
            data[begin : begin + column.total_compressed_size] = b"x" * column.total_compressed_size
    part.write_bytes(data)


def test_rows_that_are_not_asked_for_are_not_read(tmp_path):
    ids = [f"page-{i:04d}" for i in range(2_000)]
    rows = {
        "documents": [document(id_) for id_ in ids],
        "blocks": [block(id_, 0, STORY, 0, cluster=f"{id_[:-1]}0#0") for id_ in ids],
        "clusters": [member(f"{id_[:-1]}0#0", id_, block=0) for id_ in ids],
    }
    out = write_result(tmp_path / "out", {name: [] for name in rows})
    for name, each in rows.items():
        table = pa.Table.from_pylist(each, SCHEMAS[name])
        (part,) = (out / name).iterdir()
        part.unlink()
        size = GroupSize(rows=100)
        write_table(table.to_batches(), SCHEMAS[name], out / name, "parquet", group_size=size)
        if name != "documents":
            destroy_other_groups(part, row=1_234)
    assert verdict(out, "page-1234").startswith("Kept")
    assert "Cluster page-1230#0: 10 blocks" in explained(out, "page-1234#0")
    assert "a table is damaged" in refused(out, "page-1334#0")
