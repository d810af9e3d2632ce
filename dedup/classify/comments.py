"""Comments below an article, found by the names that sites give them, for those who want them."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Flags = npt.NDArray[np.bool_]

NAMED = (
    r"(^|/)((wp|user|article|post|reader|single) )*comments?"
    r"( (body|text|content|list|item|wrap|wrapper|area|section|thread|threads|container|inner|even"
    r"|odd|alt|depth|parent|byuser|bypostauthor))*(/|$)"
)
"""Words of an element that holds comments: `comments`, `comment even depth`, `comment body`."""

BESIDE = (
    r"(^|[ /])(respond|reply|comments? (form|respond|reply|author|meta|metadata|navigation|nav"
    r"|count|links?|title|header|footer))([ /]|$)"
)
"""Forms, names and dates around them."""

LEAST_WORDS = 5


def comments(blocks: pa.StructArray, n_words: npt.NDArray[np.float32]) -> Flags:
    """Tell which blocks are the text of a comment, by the class and id words around them.

    Parameters
    ----------
    blocks: schema.BLOCK; plain text has no such words. n_words: float32[b].

    Returns
    -------
    bool[b]: blocks of LEAST_WORDS and more, not mostly links, in an element that is NAMED a
    comment and in none that stands BESIDE one.

    Examples
    --------
    >>> names = ["page/comments/comment body/", "page/comments/comment meta", "comments open/story"]
    >>> rows = {"hints": names, "start": [0] * 3, "end": [40] * 3, "link_bytes": [0] * 3}
    >>> blocks = pa.StructArray.from_arrays(rows.values(), rows)
    >>> comments(blocks, np.full(3, 9, np.float32)).tolist()
    [True, False, False]
    """
    hints = blocks.field("hints")
    named, beside = (
        pc.match_substring_regex(hints, pattern, ignore_case=True).to_numpy(zero_copy_only=False)
        for pattern in (NAMED, BESIDE)
    )
    start, end, links = (
        blocks.field(name).to_numpy(zero_copy_only=False) for name in ("start", "end", "link_bytes")
    )
    found: Flags = named & ~beside & (n_words >= LEAST_WORDS) & (2 * links < end - start)
    return found
