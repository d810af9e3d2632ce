"""What a run leaves behind: tables, rejected records, a manifest, and a page to look at."""
