"""New texts beside an index of earlier ones, against all of them at once; no classifier."""

from collections import defaultdict
from dataclasses import replace

import pyarrow as pa
import pytest
from crowd_texts import make_crowd
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.engines.local import LocalEngine
from dedup.index import Index, deciding, open_index
from dedup.match import FULL
from dedup.pipeline.blocks import Crawl, name_documents
from dedup.pipeline.documents import decide_documents, read_texts
from dedup.pipeline.incremental import Held, decide_beside, match_both
from dedup.pipeline.index import write_index
from dedup.pipeline.jobs import Fresh
from dedup.pipeline.run import scan_inputs
from dedup.settings import MatchSettings, Settings

SETTINGS = Settings(documents=MatchSettings(ngram=1, threshold=0.6))


def read(engine, rows, how):
    """Read rows of id and text as the documents of a crawl."""
    table = pa.table({name: [row[name] for row in rows] for name in ("id", "text")})
    pages = read_texts(engine, scan_inputs(engine, table, how.read), how, name="read")
    return Crawl(pages, name_documents(engine, pages), pages)


def decide(engine, rows, how, index=None):
    """Decide on the rows, beside an index if there is one."""
    crawl = read(engine, rows, how)
    if index is None:
        decided = decide_documents(engine, crawl.pages, crawl.pages, crawl.names, how)
    else:
        decided = decide_beside(engine, crawl, crawl.pages, index, how)
    pairs = decided.matches.pairs
    fresh = Fresh(crawl.pages, crawl.names, crawl.pages, decided.decisions, pairs)
    return crawl, decided, fresh


def build(folder, rows, how):
    """Write an index of rows; give it, and the ids that were kept."""
    empty = Index(folder, deciding(how, b"no model"), 0, 0, 0)
    with LocalEngine() as engine:
        crawl, decided, fresh = decide(engine, rows, how)
        write_index(engine, folder, fresh, empty)
        kept = {row["id"] for row in named(engine, crawl, decided) if row["keep"]}
    return open_index(folder), kept


def named(engine, crawl, decided):
    """List the decisions with ids, those on documents of the index too."""
    ids = {row["document"]: row["id"] for row in engine.table(crawl.names).to_pylist()}
    if decided.held is not None:
        ids |= {row["document"]: row["id"] for row in engine.table(decided.held).to_pylist()}
    rows = engine.table(decided.decisions).to_pylist()
    return [row | {"id": ids[row["document"]]} for row in rows]


def clusters_of(rows):
    clusters = defaultdict(set)
    for row in rows:
        if row["cluster"] is not None:
            clusters[row["cluster"]].add(row["id"])
    return dict(clusters)


def both_ways(folder, old, new, how):
    """Cluster at once and in two steps; give the clusters with a new member, and the decisions."""
    with LocalEngine() as engine:
        crawl, decided, _ = decide(engine, [*old, *new], how)
        at_once = clusters_of(named(engine, crawl, decided))
    index, delivered = build(folder, old, how)
    with LocalEngine() as engine:
        crawl, decided, _ = decide(engine, new, how, index)
        rows = named(engine, crawl, decided)
    ids = {row["id"] for row in new}
    touched = {name: members for name, members in at_once.items() if members & ids}
    return touched, rows, delivered


WORDS = [f"word{n}" for n in range(12)]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), min_size=0, max_size=9, unique=True), max_size=12)


@settings(deadline=None, max_examples=30)
@given(texts=TEXTS, split=st.integers(0, 12))
def test_clusters_are_those_of_all_at_once_and_what_goes_is_like_what_stays(
    tmp_path_factory, texts, split
):
    rows = [{"id": f"d{n:02d}", "text": " ".join(text)} for n, text in enumerate(texts)]
    split = min(split, len(rows))
    old, new = rows[:split], rows[split:]
    at_once, decided, delivered = both_ways(tmp_path_factory.mktemp("index"), old, new, SETTINGS)
    assert clusters_of(decided) == at_once
    held = {row["id"] for row in old}
    kept = {row["id"] for row in decided if row["keep"] and row["id"] not in held}
    words = {row["id"]: set(row["text"].split()) for row in rows}
    for row in decided:
        if row["id"] in held:
            assert row["keep"] == (row["id"] in delivered)
        elif row["reason"] == "duplicate":
            assert row["keeper"] in delivered | kept
            one, other = words[row["id"]], words[row["keeper"]]
            assert row["similarity"] == pytest.approx(len(one & other) / len(one | other))
            assert row["similarity"] >= 0.6
    # nothing that stays is like something better that was delivered with the same words
    same = {tuple(sorted(words[id_])) for id_ in delivered}
    assert not any(tuple(sorted(words[id_])) in same for id_ in kept)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_families_in_a_crowd_stay_together(tmp_path, share):
    rows = make_crowd(families=40, size=10)
    bound = round(len(rows) * (1 - share))
    how = replace(SETTINGS, documents=MatchSettings())
    at_once, decided, _ = both_ways(tmp_path, rows[:bound], rows[bound:], how)
    assert clusters_of(decided) == at_once
    assert all(len({id_.split(".")[0] for id_ in members}) == 1 for members in at_once.values())


def test_text_of_a_crowd_that_no_candidate_names_still_reaches_a_keeper():
    # known pairs join 0 with 1 and 1 with 2; the bits of 2 are unlike all others in its bucket
    texts = [f"{' '.join(WORDS[:9])} n{n}" for n in range(FULL + 4)]
    keys = list(range(len(texts)))
    bits = [(-1 if key == 2 else 0) for key in keys]
    rows = {
        "bucket": [7] * len(keys),
        "key": keys,
        "rank": keys,
        "low_bits": bits,
        "high_bits": bits,
    }
    of = {"key": keys, "text": texts}
    pairs = {"a": [0, 1], "b": [1, 2], "similarity": [0.9] * 2, "containment": [0.9] * 2}
    ranks = {"document": keys, "key": keys, "rank": keys, "key_rank": keys}
    how = Settings(documents=MatchSettings(ngram=1, threshold=0.81))
    with LocalEngine() as engine:

        def frame(columns, begin, end, names=None):
            table = pa.table({n: pa.array(columns[n][begin:end]) for n in names or columns})
            return engine.frame(table.to_batches(), table.schema)

        names = ("bucket", "key", "low_bits", "high_bits")
        n_held = len(keys) - 1
        held = Held(frame(rows, 0, n_held, names), frame(of, 0, n_held), frame(pairs, 0, 2), None)
        new = (
            frame(rows, n_held, None, ("key",)),
            frame(rows, n_held, None),
            frame(of, n_held, None),
        )
        matches = match_both(engine, new, held, frame(ranks, 0, None), how)
        found = {(row["a"], row["b"]) for row in engine.table(matches.pairs).to_pylist()}
    assert (0, 2) in found
