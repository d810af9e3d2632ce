"""Components by queries are those that are found in memory."""

import errno
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.engines import local, scratch
from dedup.engines.base import COMPONENTS
from dedup.engines.local import LocalEngine
from dedup.match import components
from dedup.schema import CANDIDATES

KEYS = st.integers(-3, 30) | st.integers(-(2**63), 2**63 - 1)


@pytest.fixture
def out_of_core(monkeypatch):
    """Let pairs take more memory than there is; gives the list of runs that were by queries."""
    runs = []

    def told(*args, **settings):
        runs.append(args)
        yield from scratch.connect_out_of_core(*args, **settings)

    monkeypatch.setattr(local, "PAIR_BYTES", 1 << 60)
    monkeypatch.setattr(local, "connect_out_of_core", told)
    return runs


def connect(pairs, **settings):
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    batch = pa.record_batch([pa.array(ends[:, 0]), pa.array(ends[:, 1])], CANDIDATES)
    with LocalEngine(**settings) as engine:
        frame = engine.frame([batch.slice(0, 3), batch.slice(3)], CANDIDATES)
        made = engine.table(engine.components(frame, components))
        left = [path.name for path in engine._folder.iterdir() if path.is_dir()]
    assert set(left) <= {"spill"}
    return made


@settings(max_examples=30)
@given(pairs=st.lists(st.tuples(KEYS, KEYS), min_size=1, max_size=40))
def test_pairs_beyond_the_memory_are_connected_alike(pairs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("engine")
    wanted = connect(pairs, temp=folder)
    assert wanted.schema == COMPONENTS
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "PAIR_BYTES", 1 << 60)
        assert connect(pairs, temp=folder).equals(wanted)


def test_a_long_chain_is_one_component(tmp_path, out_of_core):
    names = np.random.default_rng(1).permutation(300)
    made = connect(list(pairwise(names)), temp=tmp_path, workers=2)
    assert made.column("component").to_pylist() == [0] * 300
    assert len(out_of_core) == 1


def test_few_pairs_are_connected_in_memory(tmp_path, out_of_core, monkeypatch):
    monkeypatch.setattr(local, "PAIR_BYTES", 1)
    connect([(1, 2), (2, 3)], temp=tmp_path)
    assert out_of_core == []


def test_what_is_connected_is_not_connected_again(tmp_path, out_of_core, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(local, "PAIR_BYTES", 1)
        wanted = connect([(1, 2), (2, 3)], resumed=tmp_path / "steps")
    assert connect([(1, 2), (2, 3)], resumed=tmp_path / "steps").equals(wanted)
    assert out_of_core == []


def test_a_full_disk_ends_the_query_that_was_writing(tmp_path, out_of_core, monkeypatch):
    asked = []

    def ask(*args, **settings):
        asked.append(scratch_ask(*args, **settings))
        return asked[-1]

    def write(batches, *_):
        next(iter(batches))
        raise OSError(errno.ENOSPC, "No space left on device")

    scratch_ask = scratch.ask
    monkeypatch.setattr(scratch, "ask", ask)
    monkeypatch.setattr(scratch, "write_part", write)
    with pytest.raises(OSError, match="No space left"):
        connect([(1, 2), (2, 3)], temp=tmp_path)
    assert len(out_of_core) == 1
    assert [each.gi_frame for each in asked] == [None]
