"""From files, folders and addresses to documents."""

from dedup.read.formats import FORMATS, read_source
from dedup.read.sources import Source, expand
from dedup.read.tables import from_content, from_table

__all__ = ["FORMATS", "Source", "expand", "from_content", "from_table", "read_source"]
