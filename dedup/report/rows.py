"""The rows that are written: SQL and stages from decisions to the output tables."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup import schema
from dedup.buffers import (
    cut_texts,
    list_array,
    list_buffers,
    list_parts,
    text_buffers,
)

LABEL_NAMES = ("boilerplate", "body")

PLACE = pa.field("place", pa.int64(), nullable=False)

VERDICTS = pa.schema(
    [
        *(schema.NAMES.field(n) for n in ("document", "id")),
        # of the name among all
        PLACE,
        pa.field("keep", pa.bool_(), nullable=False),
        *(schema.LABELS.field(n) for n in ("probability", "body", "why")),
        schema.RESOLVED.field("reasons"),
        *(schema.REPETITION.field(n) for n in ("site_pages", "crawl_pages")),
        # the blocks that stand in clusters, and the clusters that they stand in
        pa.field("clustered", pa.list_(pa.int32()), nullable=False),
        pa.field("cluster", pa.list_(pa.string()), nullable=False),
    ]
)
"""All that is known of a page's blocks, one row a document."""

REMOVALS = pa.schema(
    [
        pa.field("by", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("documents", pa.int64(), nullable=False),
        pa.field("documents_kept", pa.int64(), nullable=False),
        pa.field("characters", pa.int64(), nullable=False),
        pa.field("characters_kept", pa.int64(), nullable=False),
    ]
)

PLACED_DOCUMENTS = schema.DOCUMENTS_OUT.append(PLACE)
"""Rows of schema.DOCUMENTS_OUT and where each belongs."""

DETAILS = """
SELECT p.document, n.place, n.id, p.source, p.url, p.title,
       {shown} AS shown, d.keep, d.reason, d.cluster, d.keeper, d.similarity,
       p."offset", p.site, p.date, r.n_characters
FROM pages p
JOIN names n ON p.document = n.document
JOIN decisions d ON p.document = d.document
JOIN resolved r ON p.document = r.document
WHERE p.rejected IS NULL
"""
DETAIL_ROWS = pa.schema(
    [
        schema.PAGES.field("document"),
        *(PLACED_DOCUMENTS.field(name) for name in PLACED_DOCUMENTS.names if name != "text"),
        # whether its text is in the result
        pa.field("shown", pa.bool_(), nullable=False),
    ]
)
"""All of a document but its text."""

PLACED_BLOCKS = schema.BLOCKS_OUT.append(PLACE)
"""Rows of schema.BLOCKS_OUT and where each belongs."""

CLUSTERED_LISTS = pa.schema([VERDICTS.field(name) for name in ("document", "clustered", "cluster")])

CLUSTERED = """
SELECT document, "index" AS clustered, cluster, "index" FROM places ORDER BY document, "index"
"""
"""One row a block of a cluster: rows of CLUSTERED_LISTS."""

VERDICT_LISTS = """
SELECT n.document, n.id, n.place, d.keep, l.probability, l.body, l.why, r.reasons,
       t.site_pages, t.crawl_pages,
       coalesce(c.clustered, []) AS clustered, coalesce(c.cluster, []) AS cluster
FROM names n
JOIN decisions d ON n.document = d.document
JOIN labels l ON n.document = l.document
JOIN resolved r ON n.document = r.document
JOIN repetition t ON n.document = t.document
LEFT JOIN clustered c ON n.document = c.document
"""

BLOCK_CLUSTERS = """
SELECT cluster, 'block' AS kind, id AS document, "index" AS block, keeper, similarity, containment,
       FALSE AS indexed
FROM places
"""

DOCUMENT_CLUSTERS = """
SELECT d.cluster, 'document' AS kind, n.id AS document, CAST(NULL AS INTEGER) AS block,
       d.keep AS keeper, d.similarity, d.containment, FALSE AS indexed
FROM decisions d JOIN names n ON d.document = n.document WHERE d.cluster IS NOT NULL
"""
INDEXED_CLUSTERS = """
SELECT d.cluster, 'document' AS kind, h.id AS document, CAST(NULL AS INTEGER) AS block,
       d.keep AS keeper, d.similarity, d.containment, TRUE AS indexed
FROM decisions d JOIN held h ON d.document = h.document WHERE d.cluster IS NOT NULL
"""
"""The same for the members that stand in the index of an earlier run."""

CLUSTERS = "SELECT * FROM ({members}) ORDER BY kind, cluster, keeper DESC, document, block, indexed"

REJECTED_RECORDS = pa.schema(
    [
        schema.DOCUMENTS.field("source"),
        schema.DOCUMENTS.field("offset"),
        schema.DOCUMENTS.field("url"),
        pa.field("reason", pa.string(), nullable=False),
    ]
)

REJECTED = """
SELECT source, "offset", url, rejected AS reason FROM pages WHERE rejected IS NOT NULL
ORDER BY source, "offset", reason
"""

REMOVED = """
WITH counted AS (
  SELECT p.source, p.site, d.keep, p.n_characters AS characters,
         CASE WHEN d.keep THEN r.n_characters ELSE 0 END AS characters_kept
  FROM pages p
  JOIN decisions d ON p.document = d.document
  JOIN resolved r ON p.document = r.document
  WHERE p.rejected IS NULL)
SELECT 'source' AS "by", source AS name, count(*) AS documents,
       count(*) FILTER (WHERE keep) AS documents_kept,
       sum(characters) AS characters, sum(characters_kept) AS characters_kept
FROM counted GROUP BY source
UNION ALL
SELECT 'site', site, count(*), count(*) FILTER (WHERE keep), sum(characters), sum(characters_kept)
FROM counted GROUP BY site
ORDER BY 1, 2
"""


def document_rows(texts: pa.RecordBatch, details: pa.RecordBatch) -> pa.RecordBatch:
    """Put documents together.

    Parameters
    ----------
    texts: columns document and text. details: DETAIL_ROWS, sorted by document; what has none of
        them is left out.

    Returns
    -------
    PLACED_DOCUMENTS in the order of the texts.
    """
    places = pc.index_in(texts.column("document"), value_set=details.column("document"))
    given = pc.is_valid(places)
    rows = details.take(places.filter(given))
    text = texts.column("text").filter(given)
    columns = {name: rows.column(name) for name in rows.schema.names}
    columns["text"] = pc.if_else(rows.column("shown"), text, pa.scalar(None, pa.string()))
    return pa.RecordBatch.from_arrays(
        [columns[name] for name in PLACED_DOCUMENTS.names], schema=PLACED_DOCUMENTS
    )


def block_rows(pages: pa.RecordBatch, verdicts: pa.RecordBatch) -> pa.RecordBatch:
    """Flatten pages into one row a block, with all that was decided of it.

    Parameters
    ----------
    pages: schema.PAGES.
    verdicts: VERDICTS, a row for each page, sorted by document.

    Returns
    -------
    PLACED_BLOCKS in the order of the pages.
    """
    places = pc.index_in(pages.column("document"), value_set=verdicts.column("document"))
    verdicts = verdicts.take(places)
    _, offsets = list_parts(pages.column("blocks"))
    page = np.repeat(np.arange(pages.num_rows), np.diff(offsets))
    reasons = _flat(verdicts, "reasons").to_numpy(zero_copy_only=False)
    kept_page = verdicts.column("keep").to_numpy(zero_copy_only=False)[page]
    gone_with_page = schema.BLOCK_REASONS.index("duplicate document")
    reasons = np.where(~kept_page & (reasons < 0), gone_with_page, reasons)
    columns = page_blocks(pages, verdicts, list_array(pa.array(reasons), offsets))
    index = np.arange(len(page)) - offsets[page]
    names = verdicts.column("place").to_numpy()
    columns |= {
        "document": verdicts.column("id").take(pa.array(page)),
        "index": pa.array(index, pa.int32()),
        "place": pa.array((names[page] << schema.INDEX_BITS) + index),
        "keep": pa.array(reasons < 0),
        "cluster": _clusters(verdicts, offsets),
        **{n: _flat(verdicts, n) for n in ("site_pages", "crawl_pages")},
    }
    return pa.RecordBatch.from_arrays(
        [columns[name] for name in PLACED_BLOCKS.names], schema=PLACED_BLOCKS
    )


def _clusters(verdicts: pa.RecordBatch, offsets: npt.NDArray[np.int64]) -> pa.Array:
    """Name the cluster of each block, null where it has none; pages' blocks begin at `offsets`."""
    clusters, bounds = list_parts(verdicts.column("cluster"))
    block = np.repeat(offsets[:-1], np.diff(bounds)) + _flat(verdicts, "clustered").to_numpy()
    places = np.zeros(offsets[-1], np.int64)
    places[block] = np.arange(1, len(block) + 1)
    return clusters.take(pa.array(places - 1, mask=places == 0))


def page_blocks(
    pages: pa.RecordBatch, labels: pa.RecordBatch, reasons: pa.ListArray
) -> dict[str, pa.Array]:
    """Flatten what is known of pages' blocks: span in characters, text, label, reason.

    Parameters
    ----------
    pages: schema.PAGES.
    labels: columns `body`, `probability` and `why` as in schema.LABELS, in the order of `pages`.
    reasons: as in schema.RESOLVED, in the same order.

    Returns
    -------
    Columns of schema.BLOCKS_OUT, one row a block.
    """
    blocks, offsets = list_buffers(pages.column("blocks"))
    page = np.repeat(np.arange(pages.num_rows), np.diff(offsets))
    start, end = (
        blocks.field(name).to_numpy(zero_copy_only=False)[offsets[0] : offsets[-1]]
        for name in ("start", "end")
    )
    first, last = character_spans(pages.column("text"), page, start, end)
    places, bounds = list_buffers(reasons)
    place = places.slice(bounds[0], bounds[-1] - bounds[0]).to_numpy(zero_copy_only=False)
    return {
        "start": pa.array(first),
        "end": pa.array(last),
        "text": block_texts(pages.column("text"), page, start, end),
        "label": pa.array(LABEL_NAMES).take(_flat(labels, "body").cast(pa.int8())),
        "probability": _flat(labels, "probability"),
        "why": _flat(labels, "why"),
        "reason": pa.array(schema.BLOCK_REASONS).take(pa.array(place, mask=place < 0)),
    }


def character_spans(
    texts: pa.Array,
    page: npt.NDArray[np.int64],
    start: npt.NDArray[np.int32],
    end: npt.NDArray[np.int32],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Turn byte spans within each page's text into spans of characters (code points).

    Parameters
    ----------
    texts: string[p]; page: int64[n], the page of each span; start, end: int32[n] in bytes.

    Returns
    -------
    start, end: int64[n] in characters.

    Examples
    --------
    >>> span = character_spans(pa.array(["né à"]), *(np.array([v]) for v in (0, 4, 6)))
    >>> [int(v[0]) for v in span]
    [3, 4]
    """
    data, offsets = text_buffers(texts)
    if len(page) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    window = data[offsets[0] : offsets[-1]]
    # a character begins at every byte that does not continue one
    begun = np.zeros(len(window) + 1, np.int64)
    np.cumsum((window & 0xC0) != 0x80, out=begun[1:])
    base = offsets[page] - offsets[0]
    return begun[base + start] - begun[base], begun[base + end] - begun[base]


def block_texts(
    texts: pa.Array,
    page: npt.NDArray[np.int64],
    start: npt.NDArray[np.int32],
    end: npt.NDArray[np.int32],
) -> pa.Array:
    """Cut the blocks' texts out of their pages' texts; pages and blocks are in order.

    Examples
    --------
    >>> page, start, end = (np.array(values) for values in ([0, 0], [0, 4], [3, 7]))
    >>> block_texts(pa.array(["one two"]), page, start, end).to_pylist()
    ['one', 'two']
    """
    data, offsets = text_buffers(texts)
    base = offsets[page]
    return cut_texts(data, base + start, base + end)


def _flat(table: pa.RecordBatch, name: str) -> pa.Array:
    return list_parts(table.column(name))[0]
