"""The templates with their filters, and the policy that lets nothing run but our own script."""

import base64
import hashlib
import os
import sys
from contextlib import suppress
from importlib.resources import files
from importlib.util import cache_from_source
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from dedup.report import numbers
from dedup.report.pictures import slug, stacked_bar
from dedup.report.visible import safe_link, visible


def make_environment(name_limit: int) -> Environment:
    """Open the templates; every value that is no Markup of ours is escaped.

    Parameters
    ----------
    name_limit: characters of a name or address that stand in a line.
    """
    environment = Environment(
        loader=PackageLoader("dedup.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=compiled_templates(),
    )
    environment.filters.update(
        number=lambda n: f"{n:,}",
        share=numbers.share,
        size=numbers.byte_size,
        duration=numbers.duration,
        rate=numbers.rate,
        plural=numbers.plural,
        similarity=numbers.similarity,
        link=safe_link,
        visible=visible,
        setting=_setting,
        slug=slug,
        bar=stacked_bar,
        brief=lambda text: brief(text, name_limit),
    )
    return environment


class _Compiled(FileSystemBytecodeCache):
    """Compiled templates, good for the options with which they were compiled."""

    def get_bucket(
        self, environment: Environment, name: str, filename: str | None, source: str
    ) -> Bucket:
        """See BytecodeCache."""
        options = (environment.autoescape, environment.trim_blocks, environment.lstrip_blocks)
        return super().get_bucket(environment, name, filename, f"{options}{source}")

    def dump_bytecode(self, bucket: Bucket) -> None:
        """See BytecodeCache; a disk that is full keeps nothing, and that is all."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def compiled_templates() -> FileSystemBytecodeCache | None:
    """Keep compiled templates where Python keeps compiled modules, if it does and may.

    Compiling them takes longer than filling them in for a small result.
    """
    folder = Path(cache_from_source(__file__)).parent
    if sys.dont_write_bytecode or not os.access(folder, os.W_OK):
        return None
    return _Compiled(str(folder), "template-%s.cache")


def static_text(name: str) -> Markup:
    """Read the style sheet or script of the templates, as it stands between its tags.

    Raises
    ------
    ValueError: the text would end its element early.
    """
    text = (files("dedup.report") / "templates" / name).read_text(encoding="utf-8")
    if "</" in text or "<!--" in text:
        raise ValueError(f"{name} holds the end of an element")
    return Markup(text)  # noqa: S704 - a file of ours


def content_policy(style: str, script: str) -> str:
    """Write the Content-Security-Policy of a page that holds this style sheet and this script.

    Examples
    --------
    >>> content_policy("p { margin: 0 }", "start()")[:52]
    "default-src 'none'; script-src 'sha256-DIm7WJS6ZKDYe"
    """
    return (
        f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def brief(text: str, limit: int) -> str:
    """Cut a name to one that can stand in a line or two.

    Examples
    --------
    >>> brief("crawl/2026-10.warc.gz", 12)
    'crawl/2026-1…'
    """
    return visible(text[:limit]) + ("…" if len(text) > limit else "")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _setting(value: object) -> str:
    if value is None or value == ():
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
