"""From bytes to UTF-8: byte-order mark, then what the server says, then the page, then a guess."""

import codecs
import re
from collections.abc import Iterator

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

META_BYTES = 2048
"""How far into a page its own charset is looked for (the HTML standard demands 1024)."""

GUESS_BYTES = 1 << 16
LEAST_BROKEN = 10
"""A declared charset is only doubted if so many characters, and a fifth of those beyond
ASCII, are broken; a stray byte in a page is no reason."""

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
META = re.compile(
    rb"<meta[^>]{0,512}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]{1,40})", re.IGNORECASE
)
XML = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([a-zA-Z0-9_:.-]{1,40})")
LABEL = re.compile(r"charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]{1,40})", re.IGNORECASE)
BEYOND_ASCII = re.compile(rb"[\x80-\xff]")

WIDER = {
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "big5": "big5hkscs",
    "iso8859-11": "cp874",
}
"""The Encoding Standard (encoding.spec.whatwg.org) means more by these names than Python."""

JAPANESE = b"\x1b$B"
"""With this ISO-2022-JP, which looks like ASCII, changes to Kanji."""

NOT_LIKE_ASCII = {"iso2022_jp", "utf-16-le", "utf-16-be"}


def html_as_utf8(data: bytes, content_type: str | None = None) -> bytes:
    r"""Decode a page as a browser would, to UTF-8.

    Broken sequences become U+FFFD, so nothing else is lost; NULs are dropped. A charset with
    which a large part of the page is broken is passed over.

    Parameters
    ----------
    content_type: of the HTTP header, for its charset.

    Examples
    --------
    >>> html_as_utf8('<meta charset="latin1">Stra\xdfe'.encode("latin-1")).decode()
    '<meta charset="latin1">Straße'
    """
    declared = (META.search(data, 0, META_BYTES), XML.match(data, 0, META_BYTES))
    inside = [found[1].decode("ascii") for found in declared if found]
    return _as_utf8(data, charset_of(content_type), inside)


def text_as_utf8(data: bytes, content_type: str | None = None) -> bytes:
    """Decode plain text to UTF-8: byte-order mark, the header's charset, UTF-8, else a guess."""
    return _as_utf8(data, charset_of(content_type), [])


def charset_of(content_type: str | None) -> str | None:
    """Take the charset out of a content type.

    Examples
    --------
    >>> charset_of('text/html; charset="GBK"')
    'GBK'
    """
    found = LABEL.search(content_type or "")
    return found[1] if found else None


def _as_utf8(data: bytes, sent: str | None, inside: list[str]) -> bytes:
    if (
        marked := next((codec for mark, codec in MARKS if data.startswith(mark)), None)
    ) is not None:
        return without_nul(data.decode(marked, "replace").encode())
    if data.startswith(codecs.BOM_UTF8):
        return without_nul(data[3:].decode("utf-8", "replace").encode())
    declared = list(_declared(sent, inside, wide=b"\0" in data[:META_BYTES]))
    if not declared and JAPANESE in data and data.isascii():
        declared = ["iso2022_jp"]
    if data.isascii() and not NOT_LIKE_ASCII.intersection(declared[:1]):
        return without_nul(data)
    if declared[:1] in ([], ["utf-8"]) and _is_utf8(data):
        return without_nul(data)
    return without_nul(_decode(data, declared))


def _declared(sent: str | None, inside: list[str], *, wide: bool) -> Iterator[str]:
    """Name the codecs of labels; `wide`: there are NULs, as in every page of UTF-16."""
    for label in (sent, *inside):
        codec = map_encoding_to_html5(label, fallback_utf8=False) if label else None
        if codec:
            # a page whose own charset could be read is not in UTF-16: it was ASCII to there
            narrow = codec.startswith("utf-16") and not (wide and label == sent)
            yield "utf-8" if narrow else WIDER.get(codec, codec)


def _decode(data: bytes, declared: list[str]) -> bytes:
    """Decode with the first codec that fits, else with the one that breaks least."""
    least = LEAST_BROKEN if declared else 1
    tried: list[tuple[int, bytes]] = []
    for codec in (*(declared or ["utf-8"]), "a guess"):
        text = data.decode(_guess(data) if codec == "a guess" else codec, "replace")
        n_broken = text.count("\ufffd")
        if codec == "utf-8":
            n_broken -= data.count(b"\xef\xbf\xbd")
        elif n_broken and _is_utf8(data):
            return data
        n_beyond = len(text) - len(text.encode("ascii", "ignore"))
        if n_broken < least or n_broken * 5 <= n_beyond:
            return text.encode("utf-8", "replace")
        tried.append((n_broken, text.encode("utf-8", "replace")))
    return min(tried, key=lambda each: each[0])[1]


def _guess(data: bytes) -> str:
    """Guess a codec from the first part of the data that goes beyond ASCII."""
    found = BEYOND_ASCII.search(data)
    begin = max(0, found.start() - META_BYTES) if found else 0
    name = str(detect_encoding(data[begin : begin + GUESS_BYTES]))
    try:
        return codecs.lookup(WIDER.get(name, name)).name
    except LookupError:
        return "utf-8"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def without_nul(data: bytes) -> bytes:
    """Drop NULs, which no text has use for and some tables cannot hold."""
    return data.replace(b"\0", b"") if b"\0" in data else data


def str_as_utf8(text: str) -> bytes:
    r"""Encode a text; halves of surrogate pairs become U+FFFD, NULs are dropped.

    Examples
    --------
    >>> str_as_utf8("ice \ud83e tea\0").decode()
    'ice \ufffd tea'
    """
    try:
        data = text.encode()
    except UnicodeEncodeError:
        whole = text.encode("utf-16-le", "surrogatepass")
        data = whole.decode("utf-16-le", "replace").encode()
    return without_nul(data)
