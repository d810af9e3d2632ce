"""The job in a notebook: tables in memory in and out."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from dedup.classify import load_model
from dedup.pipeline import jobs
from dedup.pipeline.extract import extract_bodies
from dedup.pipeline.run import Inputs, open_engine, scan_inputs
from dedup.pipeline.texts import cluster_texts
from dedup.read import from_content
from dedup.settings import MatchSettings, Settings


@dataclass(frozen=True)
class Block:
    """One block of a page: its text, and what the classifier made of it."""

    # span [start, end) in characters of the page's extracted text
    start: int
    end: int
    text: str
    label: str
    probability: float
    # main reasons for the label, in words; None unless `settings.classify.reasons`
    why: str | None
    # why the block is not in the page's text; None if it is
    reason: str | None


@dataclass(frozen=True)
class Page:
    """One page: its title, its body text, and all its blocks in reading order."""

    title: str | None
    text: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Cleaned:
    """The tables of a run, in memory; `dedup.schema` describes their columns.

    documents: schema.DOCUMENTS_OUT; blocks: schema.BLOCKS_OUT; clusters:
    schema.CLUSTERS_OUT; rejected: source, offset, url and reason of each record that
    could not be read.
    """

    documents: pa.Table
    blocks: pa.Table
    clusters: pa.Table
    rejected: pa.Table


def clean(inputs: Inputs | pa.Table, settings: Settings | None = None) -> Cleaned:
    """Clean a crawl, and bring the result into memory.

    Parameters
    ----------
    inputs: files, folders, globs or fsspec addresses; or a table with a column `text` or
        `html`, and if it has them `id`, `url`, `title` and `date`.
    settings: what can be told otherwise on the command line. With more than one worker,
        call this from under `if __name__ == "__main__":`, as for all of multiprocessing.

    Raises
    ------
    DedupError: an input cannot be read at all, or a setting is impossible.
    TooMuchRemoved: a source, such as the table, would lose more of its documents than
        `settings.resolve.max_removal`.

    See Also
    --------
    clean_to_folder: for a crawl larger than memory.

    Examples
    --------
    >>> import dedup
    >>> import pyarrow as pa
    >>> story = "The harbour of Lindau froze over last night, for the first time in 40 years. "
    >>> result = dedup.clean(pa.table({"text": [story * 3, story * 3, "Menu"]}))
    >>> result.documents.column("reason").to_pylist().count("duplicate")
    1
    """
    settings = settings or Settings()
    with open_engine(settings.run) as engine:
        outcome = jobs.clean(engine, scan_inputs(engine, inputs, settings.read), settings)
        frames = (outcome.documents, outcome.blocks, outcome.clusters, outcome.rejected)
        return Cleaned(*(engine.table(frame) for frame in frames if frame is not None))


def extract(page: str | bytes, settings: Settings | None = None) -> Page:
    """Extract the body of one page.

    Parameters
    ----------
    page: HTML or plain text, told apart by looking at it; bytes are decoded as a browser
        would.

    Raises
    ------
    BadInput: the page is larger than `settings.read.max_record_bytes`, or is no text.

    Examples
    --------
    >>> import dedup
    >>> page = dedup.extract("<title>Ice</title><p>The harbour froze over last night.</p>")
    >>> page.title
    'Ice'
    """
    settings = settings or Settings()
    model = load_model(settings.classify.model)
    row = extract_bodies(from_content(page, settings.read), model=model, settings=settings)
    first = row.slice(0, 1).to_pylist()[0]
    return Page(first["title"], first["text"], tuple(Block(**block) for block in first["blocks"]))


def find_duplicates(
    texts: Sequence[str] | pa.Array | pa.ChunkedArray, settings: MatchSettings | None = None
) -> pa.Table:
    """Find the near-duplicates among texts, each pair verified by its exact similarity.

    Returns
    -------
    pipeline.texts.TEXT_CLUSTERS: a row for each text that has a duplicate; `cluster` is
    the place of the longest one, which is the keeper.

    Examples
    --------
    >>> import dedup
    >>> story = "The harbour of Lindau froze over last night, for the first time in 40 years."
    >>> dedup.find_duplicates([story, "Menu", story.upper()]).column("text").to_pylist()
    [0, 2]
    """
    array = texts if isinstance(texts, pa.Array | pa.ChunkedArray) else pa.array(texts, pa.string())
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return cluster_texts(array.cast(pa.string()), settings or MatchSettings())
