"""Repeated windows into repeated runs: chained, extended, laid side by side, settled.

Cost: one look-up in a table a window; each symbol of a run is compared once.
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import allocating_kernel, kernel

Symbols = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

RANK_BITS = 32
"""A place is rank << RANK_BITS | number of the symbol."""

_NONE, _OWN, _OTHER = 0, 1, 2


@allocating_kernel
def chain_places(places: Numbers, firsts: Numbers, runs: Numbers) -> int:
    """Chain repeated windows that follow each other, as what they repeat does.

    A window that stood in its own document before repeats the earlier one there, the first
    or the one that carries the chain on; else it repeats the first one of all.

    Parameters
    ----------
    places: int64[n], ascending; all windows that occur twice.
    firsts: int64[n]: the first place of the same window.
    runs: int64[n, 3], written: first place, number of windows, first place of what it repeats.

    Returns
    -------
    The number of runs.
    """
    n_runs = 0
    table = np.empty(table_size(places), np.int64)
    begin = np.int64(0)
    while begin < len(places):
        end = document_end(places, begin)
        size = 2
        while size < 2 * (end - begin):
            size *= 2
        # one by one: numba's filling of slices takes a second more to compile
        for slot in range(size):
            table[slot] = -1
        kind, before = _NONE, np.int64(0)
        for row in range(begin, end):
            own = look_up(table, size, firsts, row)
            follows = kind != _NONE and places[row] == places[row - 1] + 1
            if follows and kind == _OWN:
                follows = places[before + 1] == places[before] + 1
                follows &= firsts[before + 1] == firsts[row]
            elif follows:
                follows = own == row and firsts[row] == firsts[row - 1] + 1
            if follows:
                runs[n_runs - 1, 1] += 1
                before += 1
                continue
            kind, source = _NONE, places[row]
            if own < row:
                kind, source, before = _OWN, places[own], own
            elif firsts[row] != places[row]:
                kind, source = _OTHER, firsts[row]
            if kind != _NONE:
                runs[n_runs, 0], runs[n_runs, 1], runs[n_runs, 2] = places[row], 1, source
                n_runs += 1
        begin = end
    return n_runs


@kernel
def document_end(places: Numbers, begin: int) -> int:
    """Find the end of the places of one document."""
    rank = places[begin] >> RANK_BITS
    end = begin + 1
    while end < len(places) and places[end] >> RANK_BITS == rank:
        end += 1
    return end


@kernel
def table_size(places: Numbers) -> int:
    """Size a table (a power of two) for the document with the most places."""
    most, begin = np.int64(1), np.int64(0)
    while begin < len(places):
        end = document_end(places, begin)
        most = max(most, end - begin)
        begin = end
    size = 2
    while size < 2 * most:
        size *= 2
    return size


@kernel
def look_up(table: Numbers, size: int, firsts: Numbers, row: int) -> int:
    """Find the first row of the document with the same window; it is put in if it is this one."""
    slot = np.int64((np.uint64(firsts[row]) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)) & (
        size - 1
    )
    while table[slot] >= 0:
        if firsts[table[slot]] == firsts[row]:
            return table[slot]
        slot = (slot + 1) & (size - 1)
    table[slot] = row
    return row


@kernel
def extend_runs(
    symbols: Symbols, offsets: Numbers, runs: Numbers, texts: Numbers, kept: Flags
) -> None:
    """Compare each run with what it repeats, symbol by symbol, and extend it to both sides.

    Parameters
    ----------
    symbols: uint64; those of the text t are symbols[offsets[t]:offsets[t + 1]].
    runs: int64[r, 3], changed: begin, end, begin of what it repeats.
    texts: int64[r, 2]: the run's text and that of what it repeats; runs of equal texts follow
        each other, by their shift, then by their begin.
    kept: bool[r], written: false where symbols differ, or an earlier run has grown over it.
    """
    last = -1
    for i in range(len(runs)):
        text, other = texts[i, 0], texts[i, 1]
        begin, end, shift = runs[i, 0], runs[i, 1], runs[i, 2] - runs[i, 0]
        if (
            last >= 0
            and texts[last, 0] == text
            and texts[last, 1] == other
            and runs[last, 2] - runs[last, 0] == shift
            and end <= runs[last, 1]
        ):
            kept[i] = False
            continue
        mine, theirs = offsets[text], offsets[other] + shift
        kept[i] = True
        for at in range(begin, end):
            if symbols[mine + at] != symbols[theirs + at]:
                kept[i] = False
                break
        if not kept[i]:
            continue
        last = i
        # runs within one text are as long as they can be, and may be many
        if text == other:
            continue
        while (
            begin > 0
            and begin + shift > 0
            and symbols[mine + begin - 1] == symbols[theirs + begin - 1]
        ):
            begin -= 1
        while (
            mine + end < offsets[text + 1]
            and theirs + end < offsets[other + 1]
            and symbols[mine + end] == symbols[theirs + end]
        ):
            end += 1
        runs[i, 0], runs[i, 1], runs[i, 2] = begin, end, begin + shift


@kernel
def count_tiles(runs: Numbers, is_own: Flags, i: int, size: int) -> int:
    """Count into how many pieces the run i is cut: one, if what it repeats ends before it."""
    begin, end, source = runs[i, 0], runs[i, 1], runs[i, 2]
    if not is_own[i] or begin - source >= end - begin:
        return 1
    tile = tile_length(begin - source, size)
    rest = (end - source) % tile
    return (end - source) // tile - 1 + (1 if rest >= size else 0)


@kernel
def total_tiles(runs: Numbers, is_own: Flags, size: int) -> int:
    """Count into how many pieces lay_tiles cuts the runs."""
    total = 0
    for i in range(len(runs)):
        total += count_tiles(runs, is_own, i, size)
    return total


@kernel
def tile_length(period: int, size: int) -> int:
    """Give the whole periods that hold at least `size` symbols."""
    return (size + period - 1) // period * period


@kernel
def lay_tiles(runs: Numbers, is_own: Flags, size: int, tiles: Numbers, origins: Numbers) -> None:
    """Cut runs that overlap what they repeat into pieces that stand side by side.

    A text of one word a thousand times is its first 50 words and 19 repetitions of them.

    Parameters
    ----------
    runs: int64[r, 3]; is_own: bool[r]: it repeats a part of its own text.
    tiles: int64[total_tiles, 3], origins: int64[the same], written: the pieces, and the
        run that each comes from.
    """
    to = 0
    for i in range(len(runs)):
        n = count_tiles(runs, is_own, i, size)
        begin, end, source = runs[i, 0], runs[i, 1], runs[i, 2]
        overlaps = is_own[i] and begin - source < end - begin
        tile = tile_length(begin - source, size) if overlaps else end - begin
        first = source + tile if overlaps else begin
        for j in range(n):
            tiles[to, 0] = first + j * tile
            tiles[to, 1] = min(first + (j + 1) * tile, end)
            tiles[to, 2] = source
            origins[to] = i
            to += 1


@allocating_kernel
def settle_runs(ranks: Numbers, runs: Numbers, sources: Numbers, kept: Flags, led: Flags) -> None:
    """Drop runs within others of their document, and name of each the copy that stays.

    Parameters
    ----------
    ranks: int64[r], ascending: the runs' documents.
    runs: int64[r, 3], changed: begin, end, begin of what it repeats; by begin, then the
        longest first.
    sources: int64[r, 2], changed: rank of the document that it repeats, and a row with it.
    kept: bool[r], written. led: bool[r], written: the source was changed.
    """
    standing = np.empty(len(ranks), np.int64)
    n_standing = np.int64(0)
    for i in range(len(ranks)):
        if i == 0 or ranks[i] != ranks[i - 1]:
            n_standing = np.int64(0)
        kept[i] = n_standing == 0 or runs[i, 1] > runs[standing[n_standing - 1], 1]
        led[i] = False
        if not kept[i]:
            continue
        if sources[i, 0] == ranks[i]:
            # what it repeats may itself repeat something, and not be the copy that stays
            holder = find_holder(runs, standing, n_standing, i)
            if holder >= 0:
                led[i] = True
                runs[i, 2] += runs[holder, 2] - runs[holder, 0]
                sources[i, 0], sources[i, 1] = sources[holder, 0], sources[holder, 1]
        standing[n_standing] = i
        n_standing += 1


@kernel
def find_holder(runs: Numbers, standing: Numbers, n_standing: int, i: int) -> int:
    """Find the run within which lies what the run i repeats; -1 if there is none.

    Parameters
    ----------
    standing: int64, n_standing rows of runs of one document, none within another, by begin.
    """
    low, high = np.int64(0), n_standing
    while low < high:
        middle = (low + high) // 2
        if runs[standing[middle], 0] <= runs[i, 2]:
            low = middle + 1
        else:
            high = middle
    # of those that begin before it, the last one ends last
    if low == 0 or runs[i, 2] + runs[i, 1] - runs[i, 0] > runs[standing[low - 1], 1]:
        return np.int64(-1)
    return standing[low - 1]


@allocating_kernel
def lead_runs(holders: Numbers, asks: Flags, runs: Numbers, sources: Numbers, led: Flags) -> None:
    """Lead each run from a source that lies within another run to the source of that one.

    Parameters
    ----------
    holders: int64[r], ascending: for a run that asks, the document of what it repeats; for the
        others, which come first of each document, their own.
    asks: bool[r]. runs: int64[r, 3], changed, as in settle_runs.
    sources: int64[r], written: the row whose source is the run's. led: bool[r], changed: which
        of those that ask need to be led; written: which were.
    """
    standing = np.empty(len(holders), np.int64)
    n_standing = np.int64(0)
    for i in range(len(holders)):
        if i == 0 or holders[i] != holders[i - 1]:
            n_standing = np.int64(0)
        sources[i] = i
        if not asks[i]:
            standing[n_standing] = i
            n_standing += 1
        elif led[i]:
            holder = find_holder(runs, standing, n_standing, i)
            led[i] = holder >= 0
            if led[i]:
                runs[i, 2] += runs[holder, 2] - runs[holder, 0]
                sources[i] = holder
