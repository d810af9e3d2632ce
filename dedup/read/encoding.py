"""From bytes to text: byte-order mark, then what the server says, then the page, then a guess."""

import codecs
import re

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

META_BYTES = 2048
"""How far into a page its own charset is looked for (the HTML standard demands 1024)."""

GUESS_BYTES = 1 << 16

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
META = re.compile(
    rb"<meta[^>]{0,512}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]{1,40})", re.IGNORECASE
)
LABEL = re.compile(r"charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]{1,40})", re.IGNORECASE)


def decode_html(data: bytes, content_type: str | None = None) -> str:
    r"""Decode a page as a browser would.

    Broken sequences become U+FFFD, so nothing else is lost; NULs are dropped.

    Parameters
    ----------
    content_type: of the HTTP header, for its charset.

    Examples
    --------
    >>> decode_html('<meta charset="latin1">Stra\xdfe'.encode("latin-1"))
    '<meta charset="latin1">Straße'
    """
    declared = META.search(data[:META_BYTES])
    labels = [charset_of(content_type), declared and declared[1].decode("ascii")]
    return _decode(data, [label for label in labels if label])


def decode_text(data: bytes, content_type: str | None = None) -> str:
    """Decode plain text: byte-order mark, the header's charset, UTF-8, else a guess."""
    label = charset_of(content_type)
    return _decode(data, [label] if label else [])


def charset_of(content_type: str | None) -> str | None:
    """Take the charset out of a content type.

    Examples
    --------
    >>> charset_of('text/html; charset="GBK"')
    'GBK'
    """
    found = LABEL.search(content_type or "")
    return found[1] if found else None


def _decode(data: bytes, labels: list[str]) -> str:
    codec = next((name for mark, name in MARKS if data.startswith(mark)), None)
    if codec is None:
        known = (map_encoding_to_html5(label, fallback_utf8=False) for label in labels)
        codec = next((name for name in known if name), None)
        # a page that could be read cannot be in UTF-16 without a mark: it was ASCII to here
        codec = "utf-8" if codec and codec.startswith("utf-16") else codec
    if codec is None:
        try:
            return _without_nul(data.decode("utf-8"))
        except UnicodeDecodeError:
            codec = str(detect_encoding(data[:GUESS_BYTES]))
    try:
        return _without_nul(data.decode(codec, "replace"))
    except (LookupError, UnicodeError):
        return _without_nul(data.decode("utf-8", "replace"))


def _without_nul(text: str) -> str:
    text = text.replace("\0", "") if "\0" in text else text
    # utf-16 and utf-7 may decode to halves of pairs, which no other encoding can write
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
