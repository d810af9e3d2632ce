"""Kernels that align the words of a page with the words of its labelled body.

`matching_words` is the recursion of Ratcliff and Obershelp (Pattern Matching: the Gestalt
Approach, Dr. Dobb's Journal, July 1988): the longest common run first, then the same to
its left and to its right. `tiles` then looks for runs that the page has in another order,
as in Wise's greedy string tiling (String Similarity via Greedy String Tiling, 1993).
"""

import numpy as np
import numpy.typing as npt

from dedup.jit import allocating_kernel, kernel

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@allocating_kernel
def word_positions(words: Ints, n_ids: int) -> tuple[Longs, Ints]:
    """Group the positions of `words` by word.

    Parameters
    ----------
    words: int32[m], ids in [0, n_ids); a negative id stands nowhere.

    Returns
    -------
    starts: int64[n_ids + 1]; positions: int32[m], ascending within a word.
    """
    starts = np.zeros(n_ids + 1, np.int64)
    for word in words:
        if word >= 0:
            starts[word + 1] += 1
    for i in range(n_ids):
        starts[i + 1] += starts[i]
    fill = starts[:-1].copy()
    positions = np.empty(len(words), np.int32)
    for j in range(len(words)):
        if words[j] >= 0:
            positions[fill[words[j]]] = j
            fill[words[j]] += 1
    return starts, positions


@kernel
def longest_run(
    page: Ints, starts: Longs, positions: Ints, window: Longs, lengths: Ints
) -> tuple[int, int, int]:
    """Find the longest common run of words in a window of both sequences.

    Parameters
    ----------
    page: int32[n] word ids; starts, positions: of the body's words (`word_positions`).
    window: int64[4], [a_low, a_high) of the page and [b_low, b_high) of the body.
    lengths: int32[2 * (m + 1)] of zeros, left as zeros.

    Returns
    -------
    (a, b, length) of the run that begins first in the page, then in the body, among the longest.

    Cost: one step for each pair of equal words in the window.
    """
    a_low, a_high, b_low, b_high = window[0], window[1], window[2], window[3]
    half = len(lengths) // 2
    best_a, best_b, best = a_low, b_low, 0
    now, before = 0, half
    previous = np.int64(-1)
    for i in range(a_low, a_high):
        word = page[i]
        if word >= 0:
            for s in range(starts[word], starts[word + 1]):
                j = positions[s]
                if j < b_low:
                    continue
                if j >= b_high:
                    break
                k = lengths[before + j] + 1  # the run that ended at body word j - 1
                lengths[now + j + 1] = k
                if k > best:
                    best_a, best_b, best = i - k + 1, j - k + 1, k
        if previous >= 0:
            for s in range(starts[previous], starts[previous + 1]):
                lengths[before + positions[s] + 1] = 0
        previous = np.int64(word)
        now, before = before, now
    if previous >= 0:
        for s in range(starts[previous], starts[previous + 1]):
            lengths[before + positions[s] + 1] = 0
    return best_a, best_b, best


@allocating_kernel
def matching_words(page: Ints, body: Ints, n_ids: int) -> tuple[Flags, Flags]:
    """Mark the words of the page and of the body that an alignment in order joins.

    Returns
    -------
    in_page: bool[n]; in_body: bool[m].
    """
    starts, positions = word_positions(body, n_ids)
    lengths = np.zeros(2 * (len(body) + 1), np.int32)
    in_page, in_body = np.zeros(len(page), np.bool_), np.zeros(len(body), np.bool_)
    stack = np.empty((2 * min(len(page), len(body)) + 8, 4), np.int64)
    stack[0] = np.array([0, len(page), 0, len(body)])
    depth = 1
    while depth:
        depth -= 1
        window = stack[depth].copy()
        a, b, k = longest_run(page, starts, positions, window, lengths)
        if k == 0:
            continue
        in_page[a : a + k] = True
        in_body[b : b + k] = True
        if window[0] < a and window[2] < b:
            stack[depth] = np.array([window[0], a, window[2], b])
            depth += 1
        if a + k < window[1] and b + k < window[3]:
            stack[depth] = np.array([a + k, window[1], b + k, window[3]])
            depth += 1
    return in_page, in_body


@allocating_kernel
def tiles(page: Ints, body: Ints, sizes: Ints, n_ids: int, marks: tuple[Flags, Flags]) -> None:
    """Mark, longest first, runs that are common to the unmarked words, in any order.

    A run of 5 words counts; a shorter one only where it fills most of its block
    ("Contact us" of a menu must not take two words from the middle of a sentence).

    Parameters
    ----------
    sizes: int32[n], the number of words in the block of each word of the page.
    marks: (in_page, in_body) as `matching_words` made them; changed in place.
    """
    in_page, in_body = marks
    rest_page = np.where(in_page, np.int32(-1), page).astype(np.int32)
    rest_body = np.where(in_body, np.int32(-1), body).astype(np.int32)
    lengths = np.zeros(2 * (len(body) + 1), np.int32)
    whole = np.array([0, len(page), 0, len(body)])
    for _ in range(400):
        starts, positions = word_positions(rest_body, n_ids)
        a, b, k = longest_run(rest_page, starts, positions, whole, lengths)
        if k == 0 or (k < 5 and k == 1):
            break
        if k >= 5 or k >= 0.7 * sizes[a]:
            in_page[a : a + k] = True
            in_body[b : b + k] = True
            rest_body[b : b + k] = -1
        rest_page[a : a + k] = -1
