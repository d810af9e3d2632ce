"""An index: what a run found, kept on disk for the next one, and for services."""

from dedup.index.exchange import to_datasketch_lsh
from dedup.index.files import list_shards, read_shard
from dedup.index.header import Index, check_same, deciding, index_version, open_index, write_header

__all__ = [
    "Index",
    "check_same",
    "deciding",
    "index_version",
    "list_shards",
    "open_index",
    "read_shard",
    "to_datasketch_lsh",
    "write_header",
]
