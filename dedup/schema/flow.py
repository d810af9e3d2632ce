"""The tables inside a run, in the order of the flow."""

import pyarrow as pa

HTML, TEXT = "html", "text"
"""The two values of `kind`."""

DOCUMENTS = pa.schema(
    [
        # hash of (source, offset): unique by construction, the key of every join inside a run
        pa.field("document", pa.int64(), nullable=False),
        # the input's own id, else 16 hex digits of a hash over source, url and content
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        # where the record begins: byte after decompression in a WARC, WET or JSONL file, row in
        # a Parquet file, else 0; of a stream that breaks, where it does
        pa.field("offset", pa.int64(), nullable=False),
        # host of the url without "www."; without a url the input that was named or walked
        pa.field("site", pa.string(), nullable=False),
        pa.field("url", pa.string()),
        # when the page was captured or written, if the record says so
        pa.field("date", pa.timestamp("us", tz="UTC")),
        # the record's own title, if it has such a column; HTML titles are found by segment
        pa.field("title", pa.string()),
        pa.field("kind", pa.string(), nullable=False),
        # bytes of the record as read, after decompression
        pa.field("n_bytes", pa.int64(), nullable=False),
        # HTML or plain text, decoded; empty for a rejected record
        pa.field("content", pa.string(), nullable=False),
        # why the record could not be read; null for every good one
        pa.field("rejected", pa.string()),
    ]
)

BLOCK = pa.struct(
    [
        # byte span [start, end) in the page's extracted text, on character boundaries
        pa.field("start", pa.int32(), nullable=False),
        pa.field("end", pa.int32(), nullable=False),
        # names of the innermost elements down to the block's, "body/main/div/p"; "json-ld/..."
        # for text from a page's metadata; "" in plain text
        pa.field("path", pa.string(), nullable=False),
        # class, id, role and itemprop words: of each ancestor that has any, with a "/" after
        # them, then the block's own element's; "" in plain text
        pa.field("hints", pa.string(), nullable=False),
        # bytes of the block's text that stand inside links
        pa.field("link_bytes", pa.int32(), nullable=False),
        pa.field("n_links", pa.int32(), nullable=False),
        # inline elements inside the block
        pa.field("n_tags", pa.int32(), nullable=False),
        pa.field("hidden", pa.bool_(), nullable=False),
    ]
)
"""What segment knows of one block: its place in the text and the evidence for the classifier."""

PAGES = pa.schema(
    [
        *(
            DOCUMENTS.field(n)
            for n in ("document", "id", "source", "offset", "site", "url", "date")
        ),
        pa.field("title", pa.string()),
        *(DOCUMENTS.field(n) for n in ("kind", "n_bytes")),
        # plain text: the input as it is; HTML: the blocks, joined by one or two line breaks
        pa.field("text", pa.string(), nullable=False),
        # of the text, that queries need not read it
        pa.field("n_characters", pa.int32(), nullable=False),
        pa.field("blocks", pa.list_(pa.field("item", BLOCK, nullable=False)), nullable=False),
        pa.field("rejected", pa.string()),
    ]
)
"""One row a document, its blocks in reading order. A page is never split over batches."""

INDEX_BITS = 20
"""A page has at most two to this power blocks: SegmentSettings.max_blocks."""

BLOCK_KEYS = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        pa.field("index", pa.int32(), nullable=False),
        # hash of the block's normalised words (of its raw text, if it has no word) and the scope
        pa.field("key", pa.int64(), nullable=False),
        # blocks are only compared within one scope; 0 where the scope is the whole crawl
        pa.field("scope", pa.int64(), nullable=False),
        pa.field("n_words", pa.int32(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
    ]
)
"""One row a block."""

PLACED_KEYS = pa.schema([field for field in BLOCK_KEYS if field.name != "text"])
"""What is kept of BLOCK_KEYS once the distinct texts are known."""

TEXTS = pa.schema(
    [
        pa.field("key", pa.int64(), nullable=False),
        # texts are only compared within one scope; 0 where the scope is the whole crawl
        pa.field("scope", pa.int64(), nullable=False),
        # unique; the lower one of two texts is preferred as keeper
        pa.field("rank", pa.int64(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
    ]
)
"""One row a distinct text and scope; `key` is unique (it includes the scope)."""

SKETCHES = pa.schema(
    [
        pa.field("key", pa.int64(), nullable=False),
        pa.field("scope", pa.int64(), nullable=False),
        pa.field("rank", pa.int64(), nullable=False),
        # num_perm little-endian uint32; empty if shorter than one shingle
        pa.field("signature", pa.binary(), nullable=False),
    ]
)
"""Scheme, shingle length, permutations and seed stand in the schema's metadata."""

BITS = (
    # a bit of each of the signature's first 128 values; of no meaning without a signature
    pa.field("low_bits", pa.int64(), nullable=False),
    pa.field("high_bits", pa.int64(), nullable=False),
)

BUCKETS = pa.schema(
    [
        # hash of band number, band and scope (or of anchor and scope)
        pa.field("bucket", pa.int64(), nullable=False),
        pa.field("key", pa.int64(), nullable=False),
        pa.field("rank", pa.int64(), nullable=False),
        *BITS,
    ]
)

CANDIDATES = pa.schema(
    [
        pa.field("a", pa.int64(), nullable=False),
        pa.field("b", pa.int64(), nullable=False),
    ]
)
"""a < b; sorted by (a, b), each pair once."""

KEYS = pa.schema([pa.field("key", pa.int64(), nullable=False)])
"""One row a text that is in a candidate pair; sorted."""

SHINGLES = pa.schema(
    [
        pa.field("key", pa.int64(), nullable=False),
        # distinct 64-bit shingle hashes, ascending as uint64; empty if shorter than one shingle
        pa.field("shingles", pa.list_(pa.int64()), nullable=False),
    ]
)
"""Sorted by key."""

PAIRS = pa.schema(
    [
        pa.field("a", pa.int64(), nullable=False),
        pa.field("b", pa.int64(), nullable=False),
        # |A ∩ B| / |A ∪ B| from integer counts
        pa.field("similarity", pa.float64(), nullable=False),
        # |A ∩ B| / min(|A|, |B|) from integer counts
        pa.field("containment", pa.float64(), nullable=False),
    ]
)
"""Verified pairs: a < b, similarity or containment reaches its threshold; sorted by (a, b)."""

COMPONENT_PAIRS = pa.schema(
    [
        # the lowest key of the texts that pairs connect
        pa.field("component", pa.int64(), nullable=False),
        *(PAIRS.field(n) for n in ("a", "b")),
        # TEXTS.rank of either end
        pa.field("a_rank", pa.int64(), nullable=False),
        pa.field("b_rank", pa.int64(), nullable=False),
        *(PAIRS.field(n) for n in ("similarity", "containment")),
    ]
)
"""Sorted by (component, a, b); a component is never split over batches."""

CLUSTERS = pa.schema(
    [
        pa.field("key", pa.int64(), nullable=False),
        # the keeper's key; a keeper's own row has keeper == key
        pa.field("keeper", pa.int64(), nullable=False),
        pa.field("similarity", pa.float64(), nullable=False),
        pa.field("containment", pa.float64(), nullable=False),
    ]
)
"""One row a text that is in a cluster of at least two texts; sorted by key."""

REPETITION = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        # how many distinct pages of the site, and of the crawl, were seen
        pa.field("site_seen", pa.int32(), nullable=False),
        pa.field("crawl_seen", pa.int32(), nullable=False),
        # for each block in order: on how many distinct pages it or a near-duplicate stands
        pa.field("site_pages", pa.list_(pa.int32()), nullable=False),
        pa.field("crawl_pages", pa.list_(pa.int32()), nullable=False),
        # for each block in order: keeper key of its near-duplicates, or its own key
        pa.field("clusters", pa.list_(pa.int64()), nullable=False),
        # for each block in order: its number of words
        pa.field("n_words", pa.list_(pa.int32()), nullable=False),
    ]
)
"""One row a document; the lists are as long as the page's list of blocks."""

LABELS = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        # for each block in order: calibrated probability that it is body
        pa.field("probability", pa.list_(pa.float32()), nullable=False),
        # for each block in order: the decision, made for the page as a whole
        pa.field("body", pa.list_(pa.bool_()), nullable=False),
        # for each block in order: the main reasons for its label, in words; null if not wanted
        pa.field("why", pa.list_(pa.string()), nullable=False),
    ]
)
"""One row a document."""

TEASERS = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        pa.field("index", pa.int32(), nullable=False),
    ]
)
"""Blocks whose text is contained in a body block of another document."""

EVIDENCE = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        # lists with an item for each block in order
        LABELS.field("body"),
        # hash of the words; the block's index where its cluster is too small to count
        pa.field("keys", pa.list_(pa.int64()), nullable=False),
        *(REPETITION.field(name) for name in ("n_words", "site_pages")),
        pa.field("teaser", pa.list_(pa.bool_()), nullable=False),
    ]
)
"""What decides which blocks of a page stay; one row a document."""

RESOLVED = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        # the blocks that stay, in reading order
        pa.field("text", pa.string(), nullable=False),
        pa.field("n_characters", pa.int32(), nullable=False),
        # for each block in order: its place in BLOCK_REASONS, or -1 if it stays
        pa.field("reasons", pa.list_(pa.int8()), nullable=False),
    ]
)
"""One row a document."""

BODIES = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        # hash of the site or source within which duplicates count; 0 for the whole crawl
        pa.field("scope", pa.int64(), nullable=False),
        # hash of the normalised words and the scope
        pa.field("key", pa.int64(), nullable=False),
        pa.field("n_words", pa.int32(), nullable=False),
        pa.field("n_characters", pa.int32(), nullable=False),
        # hashes of the bands of its signature and the scope; none if shorter than one shingle
        pa.field("buckets", pa.list_(pa.int64()), nullable=False),
        *BITS,
        pa.field("text", pa.string(), nullable=False),
    ]
)
"""What is compared of each document; one row a document."""

WHOLE_TEXTS = pa.schema(
    [
        *(field for field in PAGES if field.name != "blocks"),
        *(field for field in BODIES if field.name not in PAGES.names),
    ]
)
"""Pages of which only the whole text is wanted, with what is compared of them."""

RANKS = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        pa.field("key", pa.int64(), nullable=False),
        # place in the order of the keep policy; unique
        pa.field("rank", pa.int64(), nullable=False),
        # the lowest rank among the documents with the same key
        pa.field("key_rank", pa.int64(), nullable=False),
    ]
)
"""One row a document that has words."""

NAMES = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        # DOCUMENTS.id, made unique by a suffix where two records brought the same one
        pa.field("id", pa.string(), nullable=False),
    ]
)

DECISIONS = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        pa.field("keep", pa.bool_(), nullable=False),
        pa.field("reason", pa.string()),
        pa.field("cluster", pa.string()),
        pa.field("keeper", pa.string()),
        pa.field("similarity", pa.float64()),
        pa.field("containment", pa.float64()),
    ]
)
"""One row a document."""
