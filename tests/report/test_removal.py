import pyarrow as pa

from dedup.report.manifest import Removal
from dedup.report.removal import MAX_REMOVALS, bound_removals
from dedup.report.rows import REMOVALS


def removal_row(by, name, documents):
    return {
        "by": by,
        "name": name,
        "documents": documents,
        "documents_kept": 1,
        "characters": 10,
        "characters_kept": 4,
    }


def test_removals_are_sorted_by_size_and_bounded():
    rows = [removal_row("site", f"s{i:05d}", i % 7) for i in range(MAX_REMOVALS + 3)]
    rows.append(removal_row("source", "crawl.warc", 5))
    batches = pa.Table.from_pylist(rows, REMOVALS).to_batches(max_chunksize=997)
    bounded = bound_removals(batches, "site")
    assert len(bounded) == MAX_REMOVALS + 1
    assert bounded[0] == Removal("s00006", 6, 1, 10, 4)
    assert bounded[-1].name == "(3 others)"
    assert bounded[-1].characters == 30
    assert sum(r.documents for r in bounded) == sum(r["documents"] for r in rows[:-1])
    assert bound_removals(batches, "source") == (Removal("crawl.warc", 5, 1, 10, 4),)
