"""From files, folders and addresses to documents."""

from dedup.read.formats import FORMATS, read_source
from dedup.read.source import STDIN, Source
from dedup.read.sources import expand
from dedup.read.tables import from_content, from_table

__all__ = ["FORMATS", "STDIN", "Source", "expand", "from_content", "from_table", "read_source"]
