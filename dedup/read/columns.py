"""Columns of text that are asked for and not there."""

from collections.abc import Sequence

from dedup.settings import ReadSettings

MAX_NAMED = 12
MAX_NAME = 80


def missing_columns(names: Sequence[str], settings: ReadSettings) -> str:
    """Say which columns are missing, and which are there.

    Examples
    --------
    >>> missing_columns(["id", "body"], ReadSettings())
    'there is no column text or html; it has id, body (see --text-column)'
    """
    short = ", ".join(name[:MAX_NAME] for name in names[:MAX_NAMED]) or "none"
    shown = short.encode("utf-8", "replace").decode() + (", …" if len(names) > MAX_NAMED else "")
    wanted = f"{settings.text_column} or {settings.html_column}"
    return f"there is no column {wanted}; it has {shown} (see --text-column)"
