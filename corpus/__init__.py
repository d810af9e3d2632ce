"""A small crawl of made-up sites with its truth, and a generator of large ones (CC0)."""
