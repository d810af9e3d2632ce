"""Peers, scores, tables and pictures of the benchmarks."""

import importlib.util
import json
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks import compare, results
from benchmarks.measure import Limits, measure
from benchmarks.peers import environments, exchange
from benchmarks.peers.registry import PEERS
from benchmarks.planted import Plan, write_corpus
from benchmarks.score import pair_keys, read_found, read_ours, score
from benchmarks.truth import Pairs, document_pairs

PEER_FOLDER = Path(exchange.__file__).parent
THEIRS = [peer for peer in PEERS if peer.module]
ROWS = [
    {"tool": "dedup", "version": "1", "reports": "clusters", "documents": 10, "MB": 1.5,
     "seconds": 1.0, "cpu_seconds": 1.0, "start_cpu_seconds": 0.5, "mb_per_cpu_second": 1.5,
     "mb_per_cpu_second_beyond_start": 3.0, "peak_mb": 100, "recall": 1.0, "precision": 1.0},
    {"tool": "slow", "version": "2", "reports": "paragraphs", "documents": 10, "MB": 1.5,
     "seconds": 4.0, "cpu_seconds": 4.0, "start_cpu_seconds": 1.0, "mb_per_cpu_second": 0.375,
     "mb_per_cpu_second_beyond_start": 0.5, "peak_mb": 100},
    {"tool": "absent", "documents": 10, "skipped": "not installed"},
]  # fmt: skip
MACHINE = {"processor": "a processor", "commit": "abc", "cores": 2, "pinned to one core": True}


def test_each_peer_is_named_once_and_has_its_file():
    names = [peer.name for peer in PEERS]
    assert len(set(names)) == len(names)
    ours = {peer.name: peer.reports for peer in PEERS if not peer.module}
    assert ours == {"dedup": "clusters", "dedup, pairs": "pairs"}
    for peer in THEIRS:
        assert (PEER_FOLDER / f"{peer.module}.py").exists()
        assert peer.variant
        assert peer.how


@pytest.mark.parametrize("peer", [p for p in THEIRS if p.reports != "paragraphs"],
                         ids=lambda peer: peer.name)  # fmt: skip
def test_peer_finds_exact_copies(peer, tmp_path):
    try:
        python = environments.find_python(peer, compare.corpora.FOLDER / "environments")
    except LookupError as error:
        pytest.skip(f"{peer.name}: {error}")
    if "xxhash" in peer.variant and importlib.util.find_spec("xxhash") is None:
        pytest.skip(f"{peer.name}: xxhash is not installed (pip install '.[bench]')")
    texts = [" ".join(f"word{i}x{j}" for j in range(80)) for i in range(20)]
    pq.write_table(pa.table({"id": [str(i) for i in range(22)], "text": [*texts, *texts[3:5]]}),
                   tmp_path / "corpus.parquet")  # fmt: skip
    words = ["-m", "benchmarks.peers.run", peer.module, peer.variant]
    measure(
        [python, *words, str(tmp_path / "corpus.parquet"), str(tmp_path / "out")],
        cwd=compare.ROOT,
        environment=compare.ENVIRONMENT,
    )
    expected = pair_keys(np.array([3, 4]), np.array([20, 21]))
    assert read_found(tmp_path / "out").tolist() == expected.tolist()


def test_a_peer_that_is_not_installed_is_skipped_by_name(tmp_path):
    name = next(peer.name for peer in PEERS if peer.environment)
    bench = compare.Bench(tmp_path, tmp_path, Limits())
    rows = list(compare.compare(bench, [10], [name]))
    assert [row["tool"] for row in rows] == [name]
    assert "not installed" in rows[0]["skipped"]


def test_words_of_the_product_and_of_the_truth_are_the_same(tmp_path):
    corpus = tmp_path / "planted.parquet"
    write_corpus(corpus, Plan(400, words=80, related=0.5))
    measure([sys.executable, *compare.our_words(corpus, tmp_path / "out", 0.5)], cwd=compare.ROOT)
    truth = document_pairs(corpus, 0.5)
    found = pq.read_table(tmp_path / "out" / "pairs")
    assert score(read_ours(tmp_path / "out", corpus), truth, 0.5).precision == 1.0
    ids = pq.read_table(corpus)["id"].to_pylist()
    exact = {
        tuple(sorted((ids[a], ids[b]))): similarity
        for a, b, similarity in zip(truth.a, truth.b, truth.similarity, strict=True)
    }
    told = {(row["a"], row["b"]): row["similarity"] for row in found.to_pylist()}
    assert len(told) > 50
    assert {pair: exact[pair] for pair in told} == pytest.approx(told)


def test_our_clusters_are_read_as_those_of_the_others(tmp_path):
    corpus = tmp_path / "planted.parquet"
    write_corpus(corpus, Plan(400, words=80, related=0.5))
    words = compare.our_words(corpus, tmp_path / "out", 0.5, "clusters")
    measure([sys.executable, *words], cwd=compare.ROOT)
    assert not (tmp_path / "out" / "pairs").exists()
    members = {}
    for row in pq.read_table(tmp_path / "out" / "clusters").to_pylist():
        members.setdefault(row["cluster"], []).append(row["document"])
    rows = {name: row for row, name in enumerate(pq.read_table(corpus)["id"].to_pylist())}
    expected = {
        tuple(sorted((rows[one], rows[other])))
        for documents in members.values()
        for one, other in combinations(documents, 2)
    }
    assert max(map(len, members.values())) > 2
    pairs = read_ours(tmp_path / "out", corpus)
    assert set(zip((pairs >> 32).tolist(), (pairs & 0xFFFFFFFF).tolist(), strict=True)) == expected


def test_ratios_are_to_our_clusters_not_to_our_pairs():
    pairs = ROWS[0] | {"tool": "dedup, pairs", "mb_per_cpu_second": 0.75, "cpu_seconds": 2.0}
    lines = results.peers_markdown([pairs, *ROWS], MACHINE).splitlines()
    row = next(line for line in lines if line.startswith("| dedup, pairs 1"))
    assert "| 2.0 | 0.75 | 2.0 |" in row


def test_score_counts_what_is_right():
    truth = Pairs(np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([0.9, 0.8, 0.6]))
    reached = score(pair_keys(np.array([1, 2]), np.array([0, 1])), truth, 0.8)
    assert (reached.recall, reached.precision, reached.found) == (0.5, 0.5, 2)


def test_clusters_are_read_as_all_pairs_within_them(tmp_path):
    exchange.write_clusters(tmp_path, np.array([5, 1, 3, 2]), np.array([7, 7, 7, 0]))
    pairs = read_found(tmp_path)
    assert sorted(zip((pairs >> 32).tolist(), (pairs & 0xFFFFFFFF).tolist(), strict=True)) == [
        (1, 3), (1, 5), (3, 5),
    ]  # fmt: skip


def test_rows_with_a_common_band_are_paired_once():
    random = np.random.default_rng(1)
    signatures = random.integers(0, 1 << 32, (6, 128), dtype=np.uint32)
    signatures[4] = signatures[1]
    signatures[5, 8:16] = signatures[2, 8:16]
    a, b = exchange.pairs_of_buckets(signatures)
    assert list(zip(a.tolist(), b.tolist(), strict=True)) == [(1, 4), (2, 5)]


def test_components_join_linked_rows(tmp_path):
    components = exchange.Components()
    for one, other in [(1, 2), (3, 4), (4, 2), (8, 9)]:
        components.link(one, other)
    components.write(tmp_path)
    assert len(read_found(tmp_path)) == 6 + 1


def test_a_command_that_takes_too_long_is_ended(tmp_path):
    with pytest.raises(TimeoutError, match=r"0\.2 seconds"):
        measure([sys.executable, "-c", "while True: pass"], limits=Limits(seconds=0.2))
    with pytest.raises(RuntimeError, match="no such thing"):
        measure([sys.executable, "-c", "raise SystemExit('no such thing')"], cwd=tmp_path)


def test_results_are_json_and_a_table_that_names_what_was_skipped(tmp_path):
    text = results.write_peers(tmp_path, ROWS, MACHINE)
    assert json.loads((tmp_path / "peers.json").read_text())["rows"] == ROWS
    lines = text.splitlines()
    assert "10 documents, 1.5 MB of text:" in lines
    slow = next(line for line in lines if line.startswith("| slow 2"))
    assert "| 4.0 | 0.375 | 4.0 | 1.0 | 0.5 | 6.0 |" in slow
    assert "- absent: not installed" in lines


def test_a_picture_has_the_same_bytes_each_time(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed (pip install '.[bench]')")
    from benchmarks.plot import plot_peers  # noqa: PLC0415

    plot_peers(tmp_path / "a.svg", ROWS)
    plot_peers(tmp_path / "b.svg", ROWS)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert b"recall 1.000" in (tmp_path / "a.svg").read_bytes()
