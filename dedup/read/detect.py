"""What a file is: by its content where that is plain, else by its name, else by a guess."""

import mimetypes
import re
from pathlib import PurePosixPath
from typing import Literal

Format = Literal["warc", "html", "text", "jsonl", "parquet"]

PREFIX_BYTES = 4096
COMPRESSED = frozenset({".gz", ".zst", ".bz2", ".xz"})
ENDINGS: dict[str, Format] = {
    ".warc": "warc",
    ".wet": "warc",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".txt": "text",
    ".text": "text",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
OTHER_KINDS = ("image/", "audio/", "video/", "font/")
OTHER_ENDINGS = frozenset(
    {".css", ".js", ".mjs", ".map", ".json", ".xml", ".pdf", ".zip", ".tar", ".woff", ".woff2",
     ".py", ".md", ".csv", ".tsv", ".npy", ".ico", ".db", ".arrow", ".toml", ".yaml", ".yml"}
)  # fmt: skip
HTML_BEGIN = re.compile(
    rb"\s*(<!--.{0,2000}?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.I | re.S
)
HTML_TAG = re.compile(
    rb"<(p|div|a|span|table|ul|h[1-6]|br|title|meta|article|section)\b[^<>]*>", re.I
)


def detect_format(prefix: bytes, name: str) -> Format:
    r"""Tell the format of a file from its first (decompressed) bytes and its name.

    Examples
    --------
    >>> detect_format(b"WARC/1.1\r\n", "crawl"), detect_format(b"<!doctype html>", "a.txt")
    ('warc', 'html')
    >>> detect_format(b'{"text": "a"}', "a"), detect_format(b"A day <b>out</b>", "a.html")
    ('jsonl', 'html')
    """
    if prefix.startswith(b"PAR1"):
        return "parquet"
    if prefix.startswith(b"WARC/"):
        return "warc"
    begin = prefix.removeprefix(b"\xef\xbb\xbf").lstrip()
    if HTML_BEGIN.match(begin):
        return "html"
    by_name = ENDINGS.get(bare_ending(name))
    if by_name is not None and by_name != "parquet":
        return by_name
    if begin.startswith((b'{"', b"{}")):
        return "jsonl"
    return "html" if HTML_TAG.search(begin) else "text"


def bare_ending(name: str) -> str:
    """Take a name's ending without that of its compression, in small letters.

    Examples
    --------
    >>> bare_ending("crawl/A.WARC.gz"), bare_ending("README")
    ('.warc', '')
    """
    endings = [ending.lower() for ending in PurePosixPath(name.replace("\\", "/")).suffixes]
    while endings and endings[-1] in COMPRESSED:
        endings.pop()
    return endings[-1] if endings else ""


def is_other(name: str) -> bool:
    """Tell whether a file found in a folder is by its name no page: a picture, a style sheet.

    Examples
    --------
    >>> is_other("logo.png"), is_other("style.css"), is_other("index.html"), is_other("page")
    (True, True, False, False)
    """
    ending = bare_ending(name)
    if ending in ENDINGS:
        return False
    kind = mimetypes.guess_type("file" + ending)[0] or ""
    return ending in OTHER_ENDINGS or kind.startswith(OTHER_KINDS)


def is_binary(prefix: bytes) -> bool:
    """Tell whether bytes are no text: no mark of UTF-16 or -32, more than 5 % control codes."""
    if prefix.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        return False
    controls = sum(prefix.count(bytes([c])) for c in (*range(9), *range(14, 27), 127))
    return controls > 0.05 * len(prefix)
