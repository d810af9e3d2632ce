"""Numbers as a person reads them."""

import math


def share(part: float, whole: float) -> str:
    """Write a share in percent; never "100 %" or "0 %" of what is not all or nothing.

    Examples
    --------
    >>> share(1, 3), share(9_999, 10_000), share(1, 100_000), share(0, 0)
    ('33.3 %', '99.9 %', '< 0.1 %', '–')
    """
    if not whole:
        return "–"
    percent = 100 * part / whole
    if percent in (0, 100):
        return f"{percent:.0f} %"
    if percent < 0.1:
        return "< 0.1 %"
    return f"{min(percent, 99.9):.1f} %"


def similarity(value: float) -> str:
    """Write a similarity with two digits; 1 only for what is equal.

    Examples
    --------
    >>> similarity(0.9999), similarity(0.8), similarity(1.0)
    ('0.99', '0.80', '1')
    """
    return "1" if value >= 1 else f"{math.floor(100 * value + 1e-9) / 100:.2f}"


def byte_size(n: float) -> str:
    """Write a number of bytes in decimal units.

    Examples
    --------
    >>> byte_size(999), byte_size(98_120_000), byte_size(1.2e12)
    ('999 bytes', '98.1 MB', '1.2 TB')
    """
    if n < 1000:
        return f"{n:.0f} bytes"
    for unit in ("kB", "MB", "GB"):
        n /= 1000
        if n < 999.95:
            return f"{n:.1f} {unit}"
    return f"{n / 1000:,.1f} TB"


def duration(seconds: float) -> str:
    """Write a time in the two units that say most.

    Examples
    --------
    >>> duration(0.04), duration(12.34), duration(108), duration(7512)
    ('0.04 s', '12.3 s', '1 min 48 s', '2 h 5 min')
    """
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def rate(n_bytes: float, seconds: float) -> str:
    """Write a throughput.

    Examples
    --------
    >>> rate(98_100_000, 12.3), rate(5, 0)
    ('8.0 MB/s', '–')
    """
    return f"{byte_size(n_bytes / seconds)}/s" if seconds > 0 else "–"


def plural(n: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun.

    Examples
    --------
    >>> plural(1, "document"), plural(2248, "document"), plural(2, "copy", "copies")
    ('1 document', '2,248 documents', '2 copies')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"
