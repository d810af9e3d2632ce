"""dolma: its command `dedupe`, which finds paragraphs that are exactly equal, no near-duplicates.

It reads JSONL only, so the corpus is given to it as JSONL.
"""

import tempfile
from pathlib import Path


def find(corpus: Path, out: Path, variant: str) -> None:
    """Mark repeated paragraphs; there is one `variant`, `paragraphs`."""
    assert variant == "paragraphs"
    from dolma.cli.__main__ import main  # noqa: PLC0415

    # some 400 bytes each
    paragraphs = corpus.stat().st_size // 400 + 1
    with tempfile.TemporaryDirectory(dir=out.parent) as temp:
        documents = Path(temp) / "documents"
        documents.mkdir()
        (documents / corpus.name).symlink_to(corpus)
        main(
            [
                "dedupe",
                *("--documents", str(documents / "*")),
                *("--dedupe.name", "repeated"),
                *("--dedupe.paragraphs.attribute_name", "repeated"),
                "--dedupe.skip_empty",
                *("--bloom_filter.file", f"{temp}/filter.bin"),
                "--no-bloom_filter.read_only",
                *("--bloom_filter.estimated_doc_count", str(paragraphs)),
                *("--bloom_filter.size_in_bytes", str(2 * paragraphs)),
                *("--processes", "1"),
            ]
        )
        found = next(Path(temp).glob("attributes/repeated/*"))
        assert found.stat().st_size, "dolma wrote nothing"
