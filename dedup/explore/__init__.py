"""`dedup explore`: the views of a report over a whole result, in a browser.

Everything is read from the result's Parquet files where they lie; results of JSON lines are first
copied to temporary Parquet files. What has an order of its own (documents, blocks, members of a
cluster, rejected records) is paged by the place of a row in its files; what is shown by size
(clusters, sites, passages) is counted once, beside the first requests, into a temporary DuckDB.
Searches read on in the files' order until a page is full or their time is over, and go on where
they stopped.

tables → scan → views (documents, blocks, clusters, sites, passages, rejected) → pages → server
"""
