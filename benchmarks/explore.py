"""How long each view of `dedup explore` takes on a result of ten million blocks."""

import http.client
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow.parquet as pq

from benchmarks.explored import Sizes, write_made_up
from benchmarks.progress import say
from dedup.explore.links import link

TRIES = 5
WAIT_SECONDS = 300
RARE = "wenakjaci zzz"
"""It stands nowhere: all would have to be read for it."""


@dataclass(frozen=True)
class Visitor:
    """Who asks a server: its place, and the cookie that lets one in."""

    host: str
    port: int
    cookie: str
    process: int

    def peak_mb(self) -> int:
        """Tell how much memory the server has had at most."""
        status = Path(f"/proc/{self.process}/status").read_text().splitlines()
        (peak,) = (line.split()[1] for line in status if line.startswith("VmHWM"))
        return round(int(peak) / 1000)

    def ask(self, path: str) -> tuple[int, bytes, float]:
        """Ask for a page; gives its status, its bytes, and seconds until all were there."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        begun = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": self.cookie})
        response = connection.getresponse()
        page = response.read()
        return response.status, page, time.perf_counter() - begun


def run(documents: int, result: Path | None) -> Iterator[dict[str, Any]]:
    """Make up a result (or take the given one), serve it, and ask for each view.

    Yields
    ------
    One row a view: milliseconds of the first request, median and maximum of TRIES more, and
    the size of the page. While all is being counted, each view that is not counted is asked once.
    """
    with tempfile.TemporaryDirectory(prefix="dedup-benchmark-") as temp:
        if result is None:
            result = Path(temp) / "result"
            say(f"making up {documents * 20:,} blocks")
            write_made_up(result, Sizes(documents, sites=max(10, documents // 250)))
        paths = views(result)
        begun = time.perf_counter()
        with visit(result) as visitor:
            yield _row("start", "until the address is told", [time.perf_counter() - begun], b"")
            for view in ("/documents", "/blocks", "/"):
                _, page, seconds = visitor.ask(view)
                yield _row("while counting", view, [seconds], page)
            while visitor.ask("/warnings")[0] == 202 or b"being drawn" in visitor.ask("/")[1]:
                if time.perf_counter() - begun > WAIT_SECONDS:
                    raise TimeoutError("counting takes too long")
            yield _row("start", "until all is counted", [time.perf_counter() - begun], b"")
            for name, path in paths.items():
                tries = [visitor.ask(path) for _ in range(TRIES + 1)]
                if tries[0][0] != 200:
                    raise RuntimeError(f"{path} gives {tries[0][0]}")
                yield _row(name, path, [seconds for _, _, seconds in tries], tries[0][1])
            yield _row("memory", f"at most {visitor.peak_mb():,} MB of the server", [], b"")


def views(result: Path) -> dict[str, str]:
    """Choose what is asked: of each kind what is usual, and what is hardest."""
    document = pq.ParquetFile(sorted((result / "documents").iterdir())[-1]).read_row_group(0)
    some = document.slice(document.num_rows // 2, 1).to_pylist()[0]
    kinds = pq.read_table(result / "clusters", columns=["kind", "cluster"])
    largest = {
        kind: str(statistics.mode(kinds.filter(_equal(kinds, kind)).column("cluster").to_pylist()))
        for kind in ("document", "block")
    }
    passage = pq.ParquetFile(sorted((result / "passages").iterdir())[0]).read_row_group(0)
    name = passage.column("passage")[passage.num_rows // 2].as_py()
    return {
        "overview": "/",
        "sites": link("sites"),
        "sites by text removed": link("sites", order="removed"),
        "sites, searched": link("sites", q="site1"),
        "largest site": link("site", name="site0.example"),
        "clusters": link("clusters"),
        "clusters of blocks, filtered": link("clusters", kind="block", size=3, similarity=0.9),
        "clusters, far on": link("clusters", start=500_000),
        "clusters, searched": link("clusters", q=some["title"][:12], kind="document"),
        "clusters of blocks, searched": link("clusters", q="wenak", kind="block"),
        "largest cluster of documents": link("cluster", kind="document", name=largest["document"]),
        "largest cluster of blocks": link("cluster", kind="block", name=largest["block"]),
        "the same, far on": link("cluster", kind="block", name=largest["block"], after="0.9:3:8"),
        "pages": link("documents"),
        "pages, far on": link("documents", start=450_000),
        "pages, by outcome and site": link("documents", outcome="no body", site="site3.example"),
        "page, by its id": link("documents", q=some["id"]),
        "pages, by text": link("documents", q="wenak", where="text"),
        "pages, by text that is nowhere": link("documents", q=RARE, where="text"),
        "page with its blocks": link("document", id=some["id"]),
        "blocks": link("blocks"),
        "blocks, far on": link("blocks", start=9_000_000),
        "blocks, by outcome": link("blocks", outcome="teaser of another document"),
        "blocks, by frequent text": link("blocks", q="wenak"),
        "blocks, by text that is nowhere": link("blocks", q=RARE),
        "passages": link("passages"),
        "passages, searched": link("passages", q=RARE),
        "passage": link("passage", kind="run", name=name),
        "rejected records": link("rejected"),
        "rejected records, searched": link("rejected", q="after 49999 bytes"),
        "warnings": link("warnings"),
        "settings": link("settings"),
    }


def _equal(kinds: Any, kind: str) -> Any:
    import pyarrow.compute as pc  # noqa: PLC0415

    return pc.equal(kinds.column("kind"), kind)


@contextmanager
def visit(result: Path) -> Iterator[Visitor]:
    """Start `dedup explore` and let a visitor in."""
    server = subprocess.Popen(
        [sys.executable, "-m", "dedup", "explore", str(result), "--no-browser"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        address = urlsplit(server.stdout.readline().strip())
        host, port = address.hostname or "", address.port or 0
        connection = http.client.HTTPConnection(host, port, timeout=60)
        connection.request("GET", f"/settings?{address.query}")
        response = connection.getresponse()
        response.read()
        cookie = (response.getheader("Set-Cookie") or "").partition(";")[0]
        yield Visitor(host, port, cookie, server.pid)
    finally:
        server.terminate()
        server.wait(30)


def _row(view: str, path: str, seconds: list[float], page: bytes) -> dict[str, Any]:
    rest = seconds[1:]
    return {
        "view": view,
        "asked": f"`{path}`" if path.startswith("/") else path,
        "first ms": round(1000 * seconds[0]) if seconds else "",
        "median ms": round(1000 * statistics.median(rest)) if rest else "",
        "longest ms": round(1000 * max(rest)) if rest else "",
        "kB": round(len(page) / 1000, 1) if page else "",
    }
