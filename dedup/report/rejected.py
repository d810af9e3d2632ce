"""`rejected.jsonl`: every record that could not be read, one line each."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from dedup.report.json_lines import json_connection
from dedup.report.row_groups import conform
from dedup.report.rows import REJECTED_RECORDS
from dedup.report.tables import Written, line_writer


def write_rejected(batches: Iterable[pa.RecordBatch], path: Path) -> Written:
    """Write the rejected records; without any the file is there and empty.

    Parameters
    ----------
    batches: rows.REJECTED_RECORDS, in its order.
    path: of the new file.
    """
    rows = 0
    with path.open("wb") as file, json_connection() as connection:
        write = line_writer(file, connection)
        for batch in batches:
            write(conform(batch, REJECTED_RECORDS))
            rows += batch.num_rows
    return Written(rows, path.stat().st_size, 1)
