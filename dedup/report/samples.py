"""What a report shows of pages: a sample of them, block by block."""

import duckdb

from dedup.report.result import Row, fetch, grouped
from dedup.report.views import Limits, PageBlock, PageSample
from dedup.report.visible import excerpt

# A few hundred documents are drawn by the hash of their id; of these, one of each site is
# taken before a second one of any.
_SAMPLES = """
WITH drawn AS (
  SELECT id, url, title, reason, site, md5(id) AS lot FROM documents
  WHERE reason IS DISTINCT FROM 'duplicate' ORDER BY lot, id LIMIT 400),
counted AS (
  SELECT document, count(*) AS n_blocks, count(*) FILTER (WHERE keep) AS n_kept
  FROM blocks WHERE document IN (SELECT id FROM drawn) GROUP BY document)
SELECT d.id, left(d.url, 501) AS url, left(d.title, $name + 1) AS title, d.reason,
       c.n_blocks, c.n_kept
FROM drawn d JOIN counted c ON d.id = c.document
WHERE c.n_kept BETWEEN 1 AND c.n_blocks - 1 OR d.reason = 'no body'
ORDER BY row_number() OVER (PARTITION BY d.site, d.reason ORDER BY d.lot, d.id),
         d.reason IS NOT NULL, d.site, d.lot, d.id
LIMIT $pages
"""

_SAMPLE_BLOCKS = """
SELECT document, "index", start, "end", left(text, $text) AS text, length(text) AS length,
       probability, why, keep, reason
FROM blocks WHERE document IN (SELECT unnest($names))
QUALIFY row_number() OVER (PARTITION BY document ORDER BY "index") <= $page_blocks
ORDER BY document, "index"
"""


def sample_pages(connection: duckdb.DuckDBPyConnection, limits: Limits) -> tuple[PageSample, ...]:
    """Draw pages of which a part went, or all, each site's turn before a second page of any."""
    samples = fetch(connection, _SAMPLES, pages=limits.pages, name=limits.name)
    blocks = grouped(
        fetch(
            connection,
            _SAMPLE_BLOCKS,
            names=[row["id"] for row in samples],
            page_blocks=limits.page_blocks,
            text=limits.short_text,
        ),
        "document",
    )
    return tuple(
        PageSample(
            document=row["id"][: limits.name + 1],
            url=row["url"],
            title=row["title"],
            reason=row["reason"],
            n_blocks=row["n_blocks"],
            n_kept=row["n_kept"],
            blocks=tuple(page_block(block, limits.short_text) for block in blocks[row["id"]]),
        )
        for row in samples
    )


def page_block(row: Row, limit: int) -> PageBlock:
    """Make a block of a page of its row, with at most `limit` characters of its text."""
    return PageBlock(
        index=row["index"],
        start=row["start"],
        end=row["end"],
        text=excerpt(row["text"], row["length"], limit),
        probability=row["probability"],
        why=row["why"],
        keep=row["keep"],
        reason=row["reason"],
    )
