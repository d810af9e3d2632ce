"""Kernels compiled before a run that needs nearly all of them, several at once.

numba compiles a kernel where it is first called, one after the other, and each process for itself.
On a new machine that is half a minute of one core, in each worker. Here small pages and texts are
put through the stages in processes side by side, and what they compile is kept for all.

Run as a module, it compiles one part: `python -m dedup.pipeline.compiling lighten`.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from multiprocessing import spawn

from dedup.engines.base import Observer, Progress
from dedup.engines.workers import interrupted_later
from dedup.read import Source
from dedup.read.detect import ENDINGS, bare_ending

STAGE = "compile, once"
LOOK_AGAIN_SECONDS = 0.05

PAGE = b"""<!doctype html><html><head><title>Ice</title>
<script type="application/ld+json">{"text": "The harbour"}</script></head><body class="a">
<!-- ice --><h1>The harbour froze</h1><p id="b">For the first time in forty years.</p></body>"""
TEXT = "\n\n".join(
    f"The harbour froze over {when}, for the first time in forty years, and people skated home."
    for when in ("last night", "last week", "in the morning")
)


def lighten() -> None:
    """Compile what runs before the parser of HTML."""
    import numpy as np  # noqa: PLC0415

    from dedup.segment.html import bound, lightened  # noqa: PLC0415
    from dedup.segment.scratch import Scratch  # noqa: PLC0415

    scratch = Scratch()
    bound(lightened(np.frombuffer(PAGE, np.uint8), scratch), scratch)


def scan() -> None:
    """Compile what runs after the parser of HTML."""
    import numpy as np  # noqa: PLC0415

    from dedup.segment.embedded import embedded_texts  # noqa: PLC0415
    from dedup.segment.html import describe, scan  # noqa: PLC0415
    from dedup.segment.scratch import Scratch  # noqa: PLC0415
    from dedup.settings import SegmentSettings  # noqa: PLC0415

    source = np.frombuffer(PAGE, np.uint8)
    scratch = Scratch()
    page = describe(scan(source, SegmentSettings(), scratch, templates=False), scratch)
    embedded_texts(source, page.text)


def tree() -> None:
    """Compile what writes the trees of pages without the parser of HTML."""
    import numpy as np  # noqa: PLC0415

    from dedup.segment.scratch import Scratch  # noqa: PLC0415
    from dedup.segment.tree import written_tree  # noqa: PLC0415

    written_tree(np.frombuffer(PAGE, np.uint8), Scratch())


def judge() -> None:
    """Compile what the classifier runs, for HTML and for text alike."""
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    from dedup.classify import classify, load_model  # noqa: PLC0415
    from dedup.match.repetition import alone  # noqa: PLC0415
    from dedup.read import from_content  # noqa: PLC0415
    from dedup.segment import segment  # noqa: PLC0415
    from dedup.settings import Settings  # noqa: PLC0415

    settings = Settings()
    pages = segment(from_content(TEXT, settings.read), settings.segment)
    blocks = pages.column("blocks").flatten()
    # texts are hashed by kernels of another part
    keys = {"document": np.repeat(pages.column("document"), len(blocks))}
    keys |= {"key": np.arange(len(blocks)), "n_words": np.ones(len(blocks), np.int32)}
    repetition = alone(pages.column("document"), pa.record_batch(keys))
    classify(
        pages,
        repetition,
        model=load_model(settings.classify.model),
        settings=settings.classify,
    )


def match() -> None:
    """Compile what finds near-duplicates, and looks their texts up."""
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    from dedup.engines.layout_kernels import copy_spans  # noqa: PLC0415
    from dedup.pipeline.texts import cluster_texts  # noqa: PLC0415
    from dedup.settings import Settings  # noqa: PLC0415

    spans = np.zeros(1, np.int64)
    # bytes cannot be written, as a mapped file
    copy_spans(np.frombuffer(PAGE, np.uint8), spans, spans, np.zeros(1, np.uint8), spans)
    cluster_texts(pa.array([TEXT, f"{TEXT} Then it rained."]), Settings().blocks)


PARTS: dict[str, Callable[[], None]] = {
    part.__name__: part for part in (tree, scan, judge, lighten, match)
}
TO_EXTRACT = ("scan", "judge", "lighten")
TO_CLEAN = (*TO_EXTRACT, "match")
"""Those that take longest first."""

FOR_MUCH_HTML = (tree.__name__,)
"""Takes as long as all others: of use from MUCH_HTML on, once a machine."""

MUCH_HTML = 512 << 20
HTML_ENDINGS = {end for end, kind in ENDINGS.items() if kind in ("warc", "html")} - {".wet"}


def parts_for(parts: Sequence[str], sources: Iterable[Source]) -> tuple[str, ...]:
    """Add what is of use where names tell of so much HTML, as it is stored."""
    html = (source for source in sources if bare_ending(source.name) in HTML_ENDINGS)
    much = sum(source.n_bytes or 0 for source in html) >= MUCH_HTML
    return (*FOR_MUCH_HTML, *parts) if much else tuple(parts)


def compile_ahead(parts: Sequence[str], workers: int, observe: Observer) -> None:
    """Compile those of PARTS that have not been compiled for this machine.

    One worker does it in this process. What a process that fails has not compiled is compiled where
    it is called.
    """
    from dedup.jit import is_noted  # noqa: PLC0415

    missing = [part for part in parts if not is_noted(part)]
    if not missing:
        return
    began = time.perf_counter()

    def say(n_done: int) -> None:
        observe(Progress(STAGE, 0, 0, n_done / len(missing), time.perf_counter() - began))

    say(0)
    if workers == 1:
        for n_done, part in enumerate(missing, 1):
            compile_part(part)
            say(n_done)
    elif python := spawn.get_executable():
        # -P: nothing is imported from the folder that the user stands in
        words = [python, "-P", "-m", __name__]
        run_all([[*words, part] for part in missing], workers, say)


def compile_part(part: str) -> None:
    """Compile one of PARTS, and note that."""
    from dedup.jit import note  # noqa: PLC0415

    PARTS[part]()
    note(part)


def run_all(
    commands: Sequence[Sequence[str | bytes]], at_once: int, say: Callable[[int], None]
) -> None:
    """Run commands, `at_once` of them at a time, and say each moment how many are done.

    One that fails or cannot be started is done.
    """
    waiting, running = list(commands), list[subprocess.Popen[bytes]]()
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                # a process that is being started when an exception comes is known to nobody
                with interrupted_later(), suppress(OSError):
                    running.append(_start(waiting.pop(0)))
            time.sleep(LOOK_AGAIN_SECONDS)
            running = [process for process in running if process.poll() is None]
            say(len(commands) - len(waiting) - len(running))
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()


def _start(command: Sequence[str | bytes]) -> subprocess.Popen[bytes]:
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere)  # noqa: S603


if __name__ == "__main__":
    compile_part(sys.argv[1])
