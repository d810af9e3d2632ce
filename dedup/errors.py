"""The errors that `dedup` raises on purpose.

::

    DedupError
    ├── BadInput        a source that cannot be read at all
    ├── BadSettings     an option, a settings file or a combination of them
    ├── BadModel        a model file of another version, or a damaged one
    ├── BadIndex        an index of another version, or a damaged one
    ├── OutputExists    the place of the result is taken
    ├── SketchMismatch  sketches of different parameters meet
    ├── TooLittleMemory a step needs more than it may have
    └── TooMuchRemoved  a source would lose nearly all of its documents

A broken *record* is no error: it becomes a row of `rejected.jsonl`.
"""


class DedupError(Exception):
    """Anything that a user can mend; shown as one sentence, exit status 2.

    TooMuchRemoved alone is shown in lines, with exit status 1: nothing was mistaken, but the run
    stopped before it wrote anything.
    """


class BadInput(DedupError):
    """A source cannot be read.

    Parameters
    ----------
    source: the address as the user gave it.
    reason: why, without a full stop.
    offset: the byte (or row) at which reading failed, if it began.

    Examples
    --------
    >>> str(BadInput("crawl.warc.gz", "the gzip stream is cut off", offset=1048211))
    'crawl.warc.gz: the gzip stream is cut off (at 1048211)'
    """

    def __init__(self, source: str, reason: str, offset: int | None = None) -> None:
        self.source, self.reason, self.offset = source, reason, offset
        at = "" if offset is None else f" (at {offset})"
        super().__init__(f"{source}: {reason}{at}")

    def __reduce__(self) -> tuple[type["BadInput"], tuple[str, str, int | None]]:
        """Travel from a worker to the process that shows it."""
        return BadInput, (self.source, self.reason, self.offset)


class BadSettings(DedupError):
    """An option has an impossible value, or contradicts another one."""


class BadModel(DedupError):
    """A model file is of another version, damaged, or no model at all."""


class TooLittleMemory(DedupError):
    """A step needs more memory than it may have."""


class BadIndex(DedupError):
    """An index is of another version, damaged, or no index at all."""


class OutputExists(DedupError):
    """The output folder is not empty, and replacing it was not asked for."""


class SketchMismatch(DedupError):
    """Two sets of sketches differ in scheme, shingle length, permutations or seed."""


class TooMuchRemoved(DedupError):
    """A source would lose more of its documents than its limit.

    Its lines name the sources and what removes their documents; they are fit for a terminal.
    """


def cause(error: Exception) -> str:
    """Say in one line why something could not be read or written."""
    told = error.strerror if isinstance(error, OSError) else None
    return (str(told or error).splitlines() or [type(error).__name__])[0][:200]
