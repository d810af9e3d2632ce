"""What a file is: by its content where that is plain, else by its name, else by a guess."""

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
OTHER_ENDINGS = frozenset({
    ".png", ".jpg", ".jpeg", ".jpe", ".gif", ".webp", ".svg", ".svgz", ".ico", ".bmp", ".tif",
    ".tiff", ".avif", ".heic", ".psd", ".ai", ".eps", ".ps", ".mp3", ".mp4", ".m4a", ".m4v",
    ".ogg", ".oga", ".ogv", ".opus", ".webm", ".wav", ".flac", ".mov", ".avi", ".mkv", ".wmv",
    ".swf", ".woff", ".woff2", ".ttf", ".otf", ".eot", ".css", ".js", ".mjs", ".map", ".wasm",
    ".json", ".xml", ".xsl", ".xsd", ".rss", ".atom", ".rdf", ".csv", ".tsv", ".md", ".rst",
    ".toml", ".yaml", ".yml", ".ini", ".cfg", ".log", ".lock", ".pdf", ".djvu", ".epub", ".doc",
    ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".odt", ".ods", ".odp", ".rtf", ".tex", ".zip",
    ".tar", ".tgz", ".tbz", ".txz", ".7z", ".rar", ".jar", ".iso", ".dmg", ".deb", ".rpm", ".apk",
    ".exe", ".dll", ".so", ".bin", ".class", ".pyc", ".py", ".ipynb", ".java", ".c", ".h", ".cpp",
    ".go", ".rs", ".rb", ".sh", ".sql", ".npy", ".npz", ".pkl", ".db", ".sqlite", ".arrow",
    ".feather", ".avro", ".orc", ".cdx", ".cdxj", ".idx", ".crc", ".md5", ".sha1", ".sha256",
    ".sig", ".asc", ".tmp", ".part", ".bak",
})  # fmt: skip
HTML_BEGIN = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(<!--.{0,2000}?-->\s*){0,9}<(!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)
HTML_TAG = re.compile(
    rb"<(p|div|a|span|table|ul|h[1-6]|br|title|meta|article|section)\b[^<>]*>", re.I
)
WARC_BEGIN = re.compile(rb"WARC/[0-9.]{1,8}\r?\n")
JSON_BEGIN = re.compile(rb"\{\s*(\"|\})")
JSON_ARRAY = re.compile(rb"\[\s*\{\s*(\"|\})")
CONTROLS = bytes((*range(9), *range(14, 27), 127))
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


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
    if WARC_BEGIN.match(prefix):
        return "warc"
    begin = prefix.removeprefix(b"\xef\xbb\xbf").lstrip()
    if HTML_BEGIN.match(begin):
        return "html"
    by_name = ENDINGS.get(bare_ending(name))
    if by_name is not None and by_name != "parquet":
        return by_name
    if JSON_BEGIN.match(begin) or JSON_ARRAY.match(begin):
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

    Names that tell nothing, such as a mirror's "view.php?id=7", are looked into.

    Examples
    --------
    >>> is_other("logo.png"), is_other("style.css"), is_other("index.html"), is_other("page")
    (True, True, False, False)
    """
    return bare_ending(name) in OTHER_ENDINGS


def is_binary(prefix: bytes) -> bool:
    r"""Tell whether bytes are no text: no mark of UTF-16 or -32, more than 5 % control codes.

    Examples
    --------
    >>> is_binary(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"), is_binary(b"Ice\tand snow\r\n")
    (True, False)
    """
    if prefix.startswith(WIDE_MARKS):
        return False
    n_controls = len(prefix) - len(prefix.translate(None, CONTROLS))
    return n_controls > 0.05 * len(prefix)
