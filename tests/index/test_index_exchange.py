"""An index in datasketch's storage: in memory, and in a real Redis."""

import shutil
import socket
import subprocess
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli_support import PARAGRAPHS, run_dedup

from dedup.errors import BadIndex
from dedup.index import open_index, to_datasketch_lsh
from dedup.settings import MatchSettings
from dedup.sketch import sketch, to_datasketch

STORY = " ".join(PARAGRAPHS)
TEXTS = {
    "story": STORY,
    "again": STORY.upper(),
    "near": STORY.replace("hot tea", "cold cider"),
    "bread": "Bakers in the valley still prove their dough for two days in troughs of lime wood.",
    "short": "Nothing here.",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Indexes of the texts, of either kind of sketch."""
    place = tmp_path_factory.mktemp("exchange")
    rows = pa.table({"id": list(TEXTS), "text": list(TEXTS.values())})
    pq.write_table(rows, place / "texts.parquet")
    for name in ("minhash", "fss"):
        for words in (
            ("clean", place / "texts.parquet", "-o", place / f"{name}.out", "--sketch", name),
            ("index", "build", place / f"{name}.out", "-o", place / f"{name}.index"),
        ):
            done = run_dedup(*words)
            assert done.returncode == 0, done.stderr
    return place


def minhash_of(text):
    """Sign one text, as a service would before it asks."""
    zero = pa.array([0], pa.int64())
    texts = pa.RecordBatch.from_arrays(
        [zero, zero, zero, pa.array([text])], names=["key", "scope", "rank", "text"]
    )
    (made,) = to_datasketch(sketch(texts, MatchSettings()))
    return made


def check(lsh):
    assert sorted(lsh.query(minhash_of(STORY))) == ["again", "near", "story"]
    assert sorted(lsh.query(minhash_of(STORY + " The end."))) == ["again", "near", "story"]
    assert lsh.query(minhash_of(TEXTS["bread"])) == ["bread"]
    assert lsh.query(minhash_of("Salt was once carried over this pass by mules, forty each.")) == []
    assert "near" in lsh
    assert "short" not in lsh


def test_index_in_memory_finds_what_it_holds(folder):
    check(to_datasketch_lsh(open_index(folder / "minhash.index")))


def test_bands_are_ours(folder):
    lsh = to_datasketch_lsh(open_index(folder / "minhash.index"), {"type": "dict"})
    assert (lsh.h, lsh.b, lsh.r) == (128, 18, 6)


def test_other_sketches_are_refused(folder):
    with pytest.raises(BadIndex, match="sketches of fss"):
        to_datasketch_lsh(open_index(folder / "fss.index"))


@pytest.fixture
def redis_port(tmp_path):
    """A Redis of this test alone, gone after it."""
    redis = pytest.importorskip("redis", reason="the package redis is not installed")
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("there is no redis-server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(tmp_path), "--save", ""]
    with subprocess.Popen([server, *words], stdout=subprocess.DEVNULL) as run:
        try:
            wait_until_it_answers(redis.Redis(port=port), redis.ConnectionError, run)
            yield port
        finally:
            run.terminate()


def wait_until_it_answers(client, refused, run):
    deadline = time.monotonic() + 30
    with client:
        while True:
            try:
                assert client.ping()
                return
            except refused:
                assert run.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)


# datasketch leaves the connections that it opened to the garbage collector
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_index_in_redis_serves_another_process_that_knows_its_name(folder, redis_port):
    from datasketch import MinHashLSH  # noqa: PLC0415 - 0.4 s

    index = open_index(folder / "minhash.index")
    config = {
        "type": "redis",
        "basename": b"crawl",
        "redis": {"host": "127.0.0.1", "port": redis_port},
    }
    first = to_datasketch_lsh(index, config)
    check(first)
    check(to_datasketch_lsh(index, config))
    params = (first.b, first.r)
    check(MinHashLSH(num_perm=first.h, params=params, storage_config=config, prepickle=True))
