"""The tables that a user finds in the output folder, each with the order of its rows."""

import pyarrow as pa

DOCUMENT_REASONS = ("duplicate", "no body")
BLOCK_REASONS = (
    "boilerplate",
    "repeated in page",
    "repeated in site",
    "teaser of another document",
    "duplicate document",
)
DOCUMENT_OUTCOMES = ("kept", *DOCUMENT_REASONS)
BLOCK_OUTCOMES = ("kept", *BLOCK_REASONS)

DOCUMENTS_OUT = pa.schema(
    [
        # the record's own id, else a hash of source, url and content
        pa.field("id", pa.string(), nullable=False),
        # the file that it was read from
        pa.field("source", pa.string(), nullable=False),
        # address that the record or the page gives
        pa.field("url", pa.string()),
        # title of the page, or of the record
        pa.field("title", pa.string()),
        # the clean text; null for a document that is not kept (--annotate: the whole text)
        pa.field("text", pa.string()),
        # whether it is part of the clean crawl
        pa.field("keep", pa.bool_(), nullable=False),
        # "duplicate" or "no body"; null for a document that is kept
        pa.field("reason", pa.string()),
        # name of the document cluster; null for a document that has no duplicate
        pa.field("cluster", pa.string()),
        # id of the cluster's keeper
        pa.field("keeper", pa.string()),
        # exact Jaccard similarity with the keeper
        pa.field("similarity", pa.float64()),
        # where the record begins in its file, which is where to find it again (for the units see
        # flow.DOCUMENTS)
        pa.field("offset", pa.int64(), nullable=False),
        # host of the url without "www.", else the input that the user named
        pa.field("site", pa.string(), nullable=False),
        # when it was captured, as its record says
        pa.field("date", pa.timestamp("us", tz="UTC")),
        # characters of its body, whether it is kept or not
        pa.field("n_characters", pa.int32(), nullable=False),
    ]
)
"""`OUT/documents/`, sorted by id."""

BLOCKS_OUT = pa.schema(
    [
        # id of the document
        pa.field("document", pa.string(), nullable=False),
        # place among the blocks of the document, from 0
        pa.field("index", pa.int32(), nullable=False),
        # first character (code point) of the document's extracted text that is of the block
        pa.field("start", pa.int64(), nullable=False),
        # the first one after it
        pa.field("end", pa.int64(), nullable=False),
        # the block's text
        pa.field("text", pa.string(), nullable=False),
        # "body" or "boilerplate"
        pa.field("label", pa.string(), nullable=False),
        # of body, calibrated
        pa.field("probability", pa.float32(), nullable=False),
        # the main reasons for the label, in words ("link density 0.9; in <nav>"), nothing of
        # which is quoted from the page; null unless they were asked for (--reasons)
        pa.field("why", pa.string()),
        # whether it is part of the clean text
        pa.field("keep", pa.bool_(), nullable=False),
        # why it goes, a name of the table above; null for a block that is kept
        pa.field("reason", pa.string()),
        # name of the block cluster; null for a block that stands nowhere else
        pa.field("cluster", pa.string()),
        # on how many distinct pages of its site it or a near-duplicate stands
        pa.field("site_pages", pa.int32(), nullable=False),
        # the same of the whole crawl
        pa.field("crawl_pages", pa.int32(), nullable=False),
    ]
)
"""`OUT/blocks/`, sorted by (document, index)."""

CLUSTERS_OUT = pa.schema(
    [
        # name of the cluster: its keeper's id, or the place of its block
        pa.field("cluster", pa.string(), nullable=False),
        # "document" or "block"
        pa.field("kind", pa.string(), nullable=False),
        # id of the document, or of that of the block
        pa.field("document", pa.string(), nullable=False),
        # the block's index; null in a cluster of documents
        pa.field("block", pa.int32()),
        # true for the one member of each cluster that stays
        pa.field("keeper", pa.bool_(), nullable=False),
        # exact Jaccard similarity with the keeper
        pa.field("similarity", pa.float64(), nullable=False),
        # share of the smaller one that stands in the larger, of it and the keeper
        pa.field("containment", pa.float64(), nullable=False),
        # whether the document stands in the index that the run was given, and not in documents/
        pa.field("indexed", pa.bool_(), nullable=False),
    ]
)
"""`OUT/clusters/`, sorted by (kind, cluster, keeper first, document, block)."""

PAIRS_OUT = pa.schema(
    [
        # "document" or "block"
        pa.field("kind", pa.string(), nullable=False),
        # id of the one document, or place of the one block ("ID#INDEX")
        pa.field("a", pa.string(), nullable=False),
        # the same of the other one; a < b
        pa.field("b", pa.string(), nullable=False),
        # exact Jaccard similarity of both
        pa.field("similarity", pa.float64(), nullable=False),
        # share of the smaller one that stands in the larger
        pa.field("containment", pa.float64(), nullable=False),
    ]
)
"""`OUT/pairs/`, sorted by (kind, a, b); each pair once.

Of more than 1,000 texts in one bucket, those that belong to one keeper are not all paired
with each other, and of more than 1,000 documents with the same words neither.

Blocks of the same words are one text here, named by its first place; clusters list the
others. Documents of the same words are paired with each other as well.
"""

EXCERPT_CHARACTERS = 320

PASSAGES_OUT = pa.schema(
    [
        # document and span of the copy that stays, "DOCUMENT@START-END"
        pa.field("passage", pa.string(), nullable=False),
        # "run": consecutive blocks, or near-duplicates of them; "substring": the same words
        pa.field("kind", pa.string(), nullable=False),
        *(BLOCKS_OUT.field(name) for name in ("document", "start", "end")),
        # index of the first block of a run; null for a substring
        pa.field("first_block", pa.int32()),
        # index of its last block
        pa.field("last_block", pa.int32()),
        # words of this place
        pa.field("n_words", pa.int64(), nullable=False),
        # true for one place of each passage: the first by document id and position
        pa.field("keep", pa.bool_(), nullable=False),
        # of a run: lowest exact Jaccard similarity of a block with the kept one; substring: 1
        pa.field("similarity", pa.float64(), nullable=False),
        # the beginning of the copy that stays; null for the others
        pa.field("excerpt", pa.string()),
    ]
)
"""`OUT/passages/`, sorted by (kind, passage, keep first, document, start)."""
