"""Parameters as this project writes them, `name: meaning`, told to griffe as numpydoc does."""

import re
from typing import Any

from griffe import Extension, Object

SECTION = re.compile(r"(?<=\nParameters\n----------\n)(?:.+\n?)+")
MEANING = re.compile(r"^(\w[\w, ]*): +(.*)$", re.MULTILINE)


class NamedMeanings(Extension):
    """Puts each meaning on a line of its own below its name."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        """Rewrite the docstring of an object; the name of the method is griffe's."""
        if obj.docstring is not None:
            obj.docstring.value = SECTION.sub(numpydoc, obj.docstring.value)


def numpydoc(section: re.Match[str]) -> str:
    r"""Rewrite a section of parameters.

    Examples
    --------
    >>> numpydoc(re.match("(?s).*", "n: how many\n    rows."))
    'n\n    how many\n    rows.'
    """
    return MEANING.sub(r"\1\n    \2", section[0])
