"""What looks at 32 bytes at a time finds what looking at each finds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from dedup.jit import kernel
from dedup.segment import bytes_kernels, depth_kernels
from dedup.segment.tags import tag_table
from dedup.segment.vector_kernels import WIDTH, copy_plain, copy_text, first_of, first_tag_end

SIGNS = st.sampled_from(b"a<>\"'=& \n\x00\x7f\x80\xc2\xe2\xe3\xe4\xef\xff+")
WINDOWS = st.lists(SIGNS, min_size=WIDTH, max_size=WIDTH).map(bytes)
TEXTS = st.lists(SIGNS, max_size=120).map(bytes)
TAGS = st.lists(st.sampled_from([*(bytes([c]) for c in b"ab =/>\"'\n"), b' c="d>" ', b"='>'"])).map(
    b"".join
)


@kernel
def ask_first(data, c):
    return first_of(data, 0, c)


@kernel
def ask_end(data):
    return first_tag_end(data, 0)


@kernel
def ask_copy(data, target):
    return copy_plain(data, 0, target, 1)


@kernel
def ask_text(data, target):
    return copy_text(data, 0, target, 1)


@kernel
def tag_end_at_once(data):
    return depth_kernels.find_tag_end(data, np.int64(1))


@kernel
def blanked(data, bound):
    return depth_kernels.end_of_tag(data, data, np.int64(2), bound)[1]


def tag_end(data, bound):
    too_many = blanked(data, bound)
    return data, too_many


@kernel
def tag_end_by_each(data):
    return depth_kernels.end_of_tag(data, data, np.int64(1), len(data))[0]


def array(data):
    return np.frombuffer(bytearray(data), np.uint8)


def place(found):
    return next(found, WIDTH)


# the first trial compiles
@trials(deadline=None)
@given(WINDOWS, SIGNS)
def test_the_first_byte_of_a_kind(data, c):
    assert ask_first(array(data), np.uint8(c)) == place(i for i, b in enumerate(data) if b == c)


@trials(deadline=None)
@given(WINDOWS)
def test_the_first_quote_or_end_of_a_tag(data):
    assert ask_end(array(data)) == place(i for i, b in enumerate(data) if b in b"\"'>")


@trials(deadline=None)
@given(WINDOWS)
def test_plain_text_is_copied_and_counted(data):
    target = np.zeros(WIDTH + 1, np.uint8)
    n = ask_copy(array(data), target)
    assert n == place(i for i, b in enumerate(data) if b <= 32 or b in b"&<\xc2\xe2\xe3\xef")
    assert bytes(target[1 : 1 + n]) == data[:n]


@trials(deadline=None)
@given(WINDOWS)
def test_text_is_copied_up_to_the_next_tag(data):
    target = np.zeros(WIDTH + 1, np.uint8)
    n = ask_text(array(data), target)
    assert n == place(i for i, b in enumerate(data) if b == ord("<"))
    assert bytes(target[1 : 1 + n]) == data[:n]


@trials(deadline=None)
@given(TEXTS, SIGNS, st.integers(0, 130))
def test_a_byte_is_found_wherever_it_stands(data, c, at):
    at = min(at, len(data))
    found = data.find(bytes([c]), at)
    assert bytes_kernels.find(array(data), at, np.uint8(c)) == (len(data) if found < 0 else found)


@trials(deadline=None)
@given(st.lists(st.sampled_from([b"ld+json", b"+", b"ld", b"json", b"x" * 40])).map(b"".join))
@pytest.mark.parametrize("at", [0, 3])
def test_json_ld_is_found(at, data):
    at = min(at, len(data))
    found = data.find(b"ld+json", at)
    assert bytes_kernels.find_json_ld(array(data), at) == (len(data) if found < 0 else found)


@pytest.mark.parametrize("written", [" a", "/b", " c='d'"])
@pytest.mark.parametrize("quick", [True, False])
def test_attributes_beyond_the_bound_are_left_out_however_short(quick, written):
    bound = 40
    for n in (bound - 1, bound, bound + 1):
        tag = "<p" + written * n + (">" if quick else "")
        data = array(tag.encode())
        changed = depth_kernels.bound(
            data,
            data,
            *tag_table(),
            np.array([100, bound]),
            np.empty(2, np.uint64),
            np.empty(2, np.int64),
        )
        by_each, too_many = tag_end(array(tag.encode()), bound)
        assert changed == too_many
        assert bytes(data) == bytes(by_each)


@trials(deadline=None)
@given(TAGS)
def test_a_tag_ends_where_looking_at_each_byte_ends_it(tag):
    data = array(b"x" + tag)
    assert tag_end_at_once(data) == tag_end_by_each(data)
