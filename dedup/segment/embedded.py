"""Text that a page keeps in scripts: templates, and JSON-LD."""

import html as entities
import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.segment.bytes_kernels import find_json_ld

TEMPLATE_TYPES = rb"text/(?:x-handlebars(?:-template)?|x-template|template|html|ng-template|x-tmpl)"
SCRIPT = rb"<script\b[^>]{0,500}?type\s{0,50}=\s{0,50}[\"']?"
TEMPLATES = re.compile(SCRIPT + TEMPLATE_TYPES + rb"[^>]{0,500}>", re.I)
JSON_LD = re.compile(SCRIPT + rb"application/ld\+json[^>]{0,500}>", re.I)
MOST_BEFORE = 700
"""In a start tag that JSON_LD matches, less than this stands before "ld+json"."""

END = re.compile(rb"</script", re.I)
ASCII_SIGNS = bytes(c for c in range(128) if not chr(c).isalnum())
SIGNS = re.compile(rb"\xe2[\x80\x81].|\xc2.", re.S)
"""U+2000 to U+207F and U+0080 to U+00BF: typographic quotes, dashes and blanks."""

TAG = re.compile(r"<[^<>]{1,500}>")

TEXT_KEYS = ("articleBody", "text", "description", "reviewBody")
MIN_LENGTH = 80
"""Shorter texts are names and slogans."""

MAX_JSON = 1 << 20
MAX_VALUES = 10_000
MAX_TEXTS = 64


Bytes = npt.NDArray[np.uint8]
Content = bytes | memoryview


def script_templates(content: bytes) -> bytes:
    """Join the contents of all scripts of a template type."""
    return b"\n".join(_bodies(content, TEMPLATES.search)) if b"<script" in content else b""


def embedded_texts(html: Bytes, text: bytes) -> list[tuple[str, str]]:
    """Find the long texts of a page's JSON-LD that do not stand in its text.

    Parameters
    ----------
    html: uint8[n], the page as the parser has written it out.

    Returns
    -------
    Pairs of a path, "json-ld/" and the key, and a text without markup.
    """
    known = ""
    found: list[tuple[str, str]] = []
    for script in _bodies(html.data, partial(_next_json_ld, html)):
        if len(script) > MAX_JSON:
            continue
        try:
            value = json.loads(bytes(script).decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            continue
        for key, raw in _texts(value):
            plain = " ".join(entities.unescape(TAG.sub(" ", entities.unescape(raw))).split())
            if len(plain) < MIN_LENGTH:
                continue
            known = known or _letters(text.decode("utf-8", "replace"))
            letters = _letters(plain)
            if _stands_in(letters, known):
                continue
            found.append((f"json-ld/{key.lower()}", plain))
            known += letters
            if len(found) == MAX_TEXTS:
                return found
    return found


def _next_json_ld(html: Bytes, content: Content, at: int) -> re.Match[bytes] | None:
    """Find the next start tag of JSON-LD, looking only from where it may be."""
    near = find_json_ld(html, at)
    return JSON_LD.search(content, max(at, near - MOST_BEFORE)) if near < len(html) else None


def _bodies(
    content: Content, next_opening: Callable[[Content, int], re.Match[bytes] | None]
) -> Iterator[Content]:
    """Yield what stands in the scripts whose start tags are given one after the other."""
    at = 0
    while (start := next_opening(content, at)) and (end := END.search(content, start.end())):
        yield content[start.end() : end.start()]
        at = end.end()


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    """Yield the values of TEXT_KEYS at whatever depth, in order; without recursion."""
    waiting = [value]
    for _ in range(MAX_VALUES):
        if not waiting:
            return
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value[:MAX_VALUES]))
        elif isinstance(value, dict):
            for key in TEXT_KEYS:
                if isinstance(value.get(key), str):
                    yield key, value[key].replace("\0", "")
            waiting.extend(v for v in reversed(value.values()) if isinstance(v, dict | list))


def _stands_in(letters: str, known: str) -> bool:
    """Tell whether a text stands elsewhere: its beginning or its middle does, word for word."""
    middle = len(letters) // 2
    return letters[:48] in known or letters[middle : middle + 48] in known


def _letters(text: str) -> str:
    """Leave out blanks and signs, and make letters small.

    Signs of other scripts stay: a text that stands in the page has them there, too.
    """
    # bytes take two fifths of the time of characters
    data = text.lower().encode("utf-8", "replace")
    return SIGNS.sub(b"", data).translate(None, ASCII_SIGNS).decode()
