"""`dedup diff`: what another setting would change."""

import json
import re
import shlex
import tracemalloc
from collections import Counter
from dataclasses import replace
from itertools import combinations

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from cli_support import CORPUS, run_dedup
from click.testing import CliRunner
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st
from made_results import block, document, member, write_result

from dedup import schema
from dedup.cli.main import dedup as command
from dedup.errors import BadInput
from dedup.report.compare import compare
from dedup.report.compare_clusters import compare_clusters
from dedup.settings import Settings

STORY = "The harbour of Lindau froze over last night, for the first time in forty years."
MENU = "Home News Sports"

STRICT = {
    "documents": [
        document("ice", url="https://lake.example/ice"),
        document("ice-copy", title="Ice \x1b[2J again", n_characters=79),
        document("list", reason="no body", n_characters=0),
        document("old"),
    ],
    "blocks": [
        block("ice", 0, MENU, 0, reason="boilerplate", probability=0.02, cluster="ice#0"),
        block("ice", 1, STORY, 18, probability=0.97),
        block("ice-copy", 0, MENU, 0, reason="boilerplate", probability=0.02, cluster="ice#0"),
        block("ice-copy", 1, STORY, 18, probability=0.9),
        block("list", 0, "Related \x1b[2J", 0, reason="boilerplate", probability=0.4),
    ],
    "clusters": [member("ice#0", "ice", block=0), member("ice#0", "ice-copy", block=0)],
}

# the menu of ice-copy is one block less here, so that its story has another index
LOOSE = {
    "documents": [
        document("ice", url="https://lake.example/ice", cluster="ice", keeper="ice",
                 similarity=1.0),
        document("ice-copy", title="Ice \x1b[2J again", reason="duplicate", n_characters=79,
                 cluster="ice", keeper="ice", similarity=0.55),
        document("list", n_characters=12),
        document("new"),
    ],
    "blocks": [
        block("ice", 0, MENU, 0, reason="boilerplate", probability=0.02),
        block("ice", 1, STORY, 18, probability=0.97),
        block("ice-copy", 0, STORY, 18, reason="duplicate document", probability=0.8),
        block("list", 0, "Related \x1b[2J", 0, probability=0.41),
        block("new", 0, STORY, 0),
    ],
    "clusters": [member("ice", "ice"), member("ice", "ice-copy", similarity=0.55)],
}  # fmt: skip

DIFFERENT = """\
  A  strict
  B  loose

Settings that differ:
  --block-ngram     3 → 4
  --body-threshold  0.6 → 0.4
  --threshold       0.8 → 0.5

Inputs that differ:
  only A  crawl
  only B  crawl-2
  Documents that bring no id are named by their source, too: of other names they differ.

Documents in both: 2 documents judged otherwise
  kept → duplicate: 1 (79 characters)
      id        like its keeper in A  in B  url or title
      ice-copy                     –  0.55  Ice \\x1b[2J again
  no body → kept: 1 (12 characters)
      id    like its keeper in A  in B  url or title
      list                     –     –

1 document only in A (100 characters kept) and 1 document only in B (100 characters kept); blocks
are compared in the 3 documents of both.
  kept → not there: 1 (100 characters)
      id   like its keeper in A  in B  url or title
      old                     –     –
  not there → kept: 1 (100 characters)
      id   like its keeper in A  in B  url or title
      new                     –     –

Blocks: 3 blocks judged otherwise
  boilerplate → kept: 1 (12 characters)
      block   p in A  in B  text
      list#0     0.4  0.41  Related \\x1b[2J
  boilerplate → not there: 1 (16 characters)
      block          p in A  in B  text
      ice-copy@0-16    0.02     –  Home News Sports
  kept → duplicate document: 1 (79 characters)
      block           p in A  in B  text
      ice-copy@18-97     0.9   0.8  The harbour of Lindau froze over last night, for the first time…

Text kept: 158 characters in A, 170 in B; 12 gained and 79 lost where both have the document.

Clusters of documents: 0 in A, 1 in B; 0 with the same members.
  Merged: 1 of B were not all together in A, 1 of them not at all (1 pair together only in B).
      members  clusters in A  largest share  in none  cluster
            2              0              0        2  ice

Clusters of blocks: 1 in A, 0 in B; 0 with the same members.
  Split: 1 of A are not all together in B, 1 of them not at all (1 pair together only in A).
      members  clusters in B  largest share  in none  cluster
            2              0              0        2  ice#0
"""

ALIKE = """\
  A  strict
  B  again

The settings are the same.

Documents: judged the same.

Blocks: judged the same.

Text kept: 158 characters in A, 158 in B; 0 gained and 0 lost.

Clusters of blocks: 1 in A, 1 in B; 1 with the same members.
"""


def loose_settings():
    made = Settings()
    return replace(
        made,
        documents=replace(made.documents, threshold=0.5),
        blocks=replace(made.blocks, ngram=4),
        classify=replace(made.classify, body_threshold=0.4),
        run=replace(made.run, workers=2),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    loose = {"settings": loose_settings(), "inputs": ("crawl-2",)}
    write_result(folder / "strict", STRICT)
    write_result(folder / "again", STRICT, format_="jsonl")
    write_result(folder / "loose", LOOSE, **loose)
    write_result(folder / "loose-lines", LOOSE, **loose, format_="jsonl")
    return folder


def told(folder, *arguments):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = CliRunner(env={"COLUMNS": "100"}).invoke(
            command, ["diff", *map(str, arguments)], catch_exceptions=False
        )
    assert done.exit_code == 0, done.output
    return done.output


def test_what_differs_is_told_by_verdict_with_samples(folder):
    assert told(folder, "strict", "loose") == DIFFERENT


def test_a_result_does_not_differ_from_itself_in_another_format(folder):
    assert told(folder, "strict", "again") == ALIKE


def test_json_lines_are_compared_as_parquet_is(folder):
    assert told(folder, "again", "loose-lines", "--json") == told(
        folder, "strict", "loose", "--json"
    )


def test_the_other_way_round_everything_is_turned_round(folder):
    forth, back = (
        compare(folder / "strict", folder / "loose"),
        compare(folder / "loose", folder / "strict"),
    )
    for name in ("documents", "blocks"):
        one = {(c.a, c.b, c.n, c.characters) for c in getattr(forth, name)}
        other = {(c.b, c.a, c.n, c.characters) for c in getattr(back, name)}
        assert one == other
    assert (forth.text.gained, forth.text.lost) == (back.text.lost, back.text.gained)
    assert [(c.split, c.new) for c in forth.clusters] == [
        (c.merged, c.dissolved) for c in back.clusters
    ]


def test_samples_are_as_many_as_wanted(folder):
    for n in (0, 1):
        found = json.loads(told(folder, "strict", "loose", "--samples", n, "--json"))
        assert {len(change["samples"]) for change in found["documents"]} == {n}
    assert "ice-copy" not in told(folder, "strict", "loose", "--samples", 0)


def test_results_of_different_commands_are_refused(folder, tmp_path):
    found = write_result(tmp_path / "found", {"clusters": []})
    done = run_dedup("diff", folder / "strict", found)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "only results of the same command can be compared" in done.stderr


def test_what_is_no_result_is_named(folder, tmp_path):
    with pytest.raises(BadInput, match="no result of dedup"):
        compare(folder / "strict", tmp_path)
    with pytest.raises(BadInput, match="no result of dedup"):
        compare(tmp_path, folder / "strict")


def test_passages_are_compared_by_their_places(tmp_path):
    def passages(*places):
        return [
            {"passage": "ice@0-80", "kind": "run", "document": name, "start": 0, "end": 80,
             "n_words": 15, "keep": keep, "similarity": 1.0}
            for name, keep in places
        ]  # fmt: skip

    a = write_result(tmp_path / "a", {"passages": passages(("ice", True), ("port", False))})
    b = write_result(tmp_path / "b", {"passages": passages(("ice", False), ("lake", True))})
    assert {(c.a, c.b, c.n) for c in compare(a, b).passages} == {
        ("first place", "copy", 1),
        ("copy", "not there", 1),
        ("not there", "first place", 1),
    }
    assert "ice@0-80" in told(tmp_path, "a", "b")


VERDICTS = st.dictionaries(
    st.sampled_from("abcdefgh"), st.sampled_from([None, "duplicate", "no body"]), max_size=8
)


@trials(max_examples=6)
@given(a=VERDICTS, b=VERDICTS)
def test_documents_are_counted_by_both_verdicts(tmp_path_factory, a, b):
    folder = tmp_path_factory.mktemp("verdicts")
    for name, verdicts in (("a", a), ("b", b)):
        rows = [
            document(id_, **({} if reason is None else {"reason": reason}))
            for id_, reason in sorted(verdicts.items())
        ]
        write_result(folder / name, {"documents": rows, "blocks": [], "clusters": []})
    found = compare(folder / "a", folder / "b", samples=8)

    def of(verdicts, id_):
        return (verdicts[id_] or "kept") if id_ in verdicts else "not there"

    changed = {id_: (of(a, id_), of(b, id_)) for id_ in {*a, *b} if of(a, id_) != of(b, id_)}
    assert {(c.a, c.b): c.n for c in found.documents} == Counter(changed.values())
    assert {s.place: (c.a, c.b) for c in found.documents for s in c.samples} == changed
    assert found.presence.both == len({*a} & {*b})


PARTS = st.dictionaries(st.integers(0, 11), st.integers(0, 4), max_size=12)


def together(parts):
    """Pairs of members that share a cluster."""
    return {pair for pair in combinations(sorted(parts), 2) if parts[pair[0]] == parts[pair[1]]}


@trials(max_examples=20)
@given(a=PARTS, b=PARTS)
def test_pairs_and_clusters_are_those_of_forming_all_pairs(a, b):
    connection = duckdb.connect()
    for which, parts in (("a", a), ("b", b)):
        rows = [
            {"kind": "document", "cluster": f"c{c}", "document": f"d{m}", "block": None}
            for m, c in parts.items()
        ]
        columns = pa.schema(
            [(n, pa.string()) for n in ("kind", "cluster", "document")] + [("block", pa.int32())]
        )
        connection.register(f"clusters_{which}", pa.Table.from_pylist(rows, columns))
    found = compare_clusters(connection, "find", 100)
    if not a and not b:
        assert found == ()
        return
    (clusters,) = found
    assert clusters.pairs_only_a == len(together(a) - together(b))
    assert clusters.pairs_only_b == len(together(b) - together(a))
    groups_a, groups_b = (
        [frozenset(m for m in parts if parts[m] == c) for c in set(parts.values())]
        for parts in (a, b)
    )
    assert (clusters.a, clusters.b) == (len(groups_a), len(groups_b))
    assert clusters.same == len({*groups_a} & {*groups_b})
    apart = [group for group in groups_a if not any(group <= other for other in groups_b)]
    assert clusters.split == len(apart)
    assert {each.size for each in clusters.samples_split} == {len(group) for group in apart}
    assert all(
        each.alone == sum(1 for m in a if f"c{a[m]}" == each.name and m not in b)
        for each in clusters.samples_split
    )


PAGES, BLOCKS = 5_000, 20


def write_large(folder, *, first):
    """Write pages of 20 blocks, of which every other one goes, from the block `first` on."""
    n = PAGES * BLOCKS
    page, index = np.divmod(np.arange(n), BLOCKS)
    ids = np.array([f"page-{i:06d}" for i in range(PAGES)])
    goes = (index + first) % 2 == 0
    columns = {
        "document": ids[page],
        "index": index.astype(np.int32),
        "start": index * 100,
        "end": index * 100 + 80,
        "text": pa.repeat(pa.scalar(STORY), n),
        "label": np.where(goes, "boilerplate", "body"),
        "probability": np.where(goes, 0.1, 0.9).astype(np.float32),
        "why": pa.nulls(n, pa.string()),
        "keep": ~goes,
        "reason": pa.array(np.where(goes, "boilerplate", ""), mask=~goes),
        "cluster": pa.array(np.char.add("c", (page // 2).astype(str))),
        "site_pages": np.ones(n, np.int32),
        "crawl_pages": np.ones(n, np.int32),
    }
    blocks = pa.Table.from_pydict(columns, schema.BLOCKS_OUT)
    documents = [document(id_) for id_ in ids.tolist()]
    return write_result(folder, {"documents": documents, "blocks": blocks, "clusters": []})


def test_tables_of_a_larger_result_stay_out_of_python(tmp_path):
    a, b = write_large(tmp_path / "a", first=0), write_large(tmp_path / "b", first=1)
    tracemalloc.start()
    found = compare(a, b, samples=2)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    half = PAGES * BLOCKS // 2
    assert [(c.a, c.b, c.n) for c in found.blocks] == [
        ("boilerplate", "kept", half),
        ("kept", "boilerplate", half),
    ]
    assert found.clusters[0].same == PAGES // 2
    # one Python string for each block would be some 7 MB
    assert peak < 1 << 20


def test_what_if_of_the_readme(cleaned, tmp_path):
    (tmp_path / "cleaned").symlink_to(cleaned)
    readme = (CORPUS.parent / "README.md").read_text()
    (lines,) = re.findall(r"<!-- what if -->\n```sh\n(.*?)```", readme, re.DOTALL)
    told = []
    for line in lines.splitlines():
        # without ids of their own, documents are named by their source as it was given
        words = shlex.split(line.replace("corpus/crawl", str(CORPUS / "crawl")))
        done = run_dedup(*words[1:], cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        told.append(done.stdout)
    assert "Removed as a duplicate of" in told[0]
    assert "--body-threshold  0.6 → 0.3" in told[-1]
    assert "no body → kept: 2" in told[-1]
    assert "not there" not in told[-1]


def test_what_find_looked_for_is_told_where_it_differs(tmp_path):
    for unit in ("document", "block"):
        done = run_dedup("find", CORPUS, "-o", tmp_path / unit, "--unit", unit)
        assert done.returncode == 0, done.stderr
    done = run_dedup("diff", tmp_path / "document", tmp_path / "block")
    assert done.returncode == 0, done.stderr
    assert "  --unit  document → block\n" in done.stdout
