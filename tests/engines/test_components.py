"""Components by queries are those that are found in memory."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.engines.base import COMPONENTS
from dedup.engines.local import LocalEngine
from dedup.match import components
from dedup.schema import CANDIDATES

KEYS = st.integers(-3, 30) | st.integers(-(2**63), 2**63 - 1)


def connect(pairs, folder, **settings):
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    batch = pa.record_batch([pa.array(ends[:, 0]), pa.array(ends[:, 1])], CANDIDATES)
    with LocalEngine(temp=folder, **settings) as engine:
        frame = engine.frame([batch.slice(0, 3), batch.slice(3)], CANDIDATES)
        made = engine.table(engine.components(frame, components))
        left = [path.name for path in engine._folder.iterdir() if path.is_dir()]
    assert set(left) <= {"spill"}
    return made


@settings(max_examples=30)
@given(pairs=st.lists(st.tuples(KEYS, KEYS), max_size=40))
def test_pairs_beyond_the_memory_are_connected_alike(pairs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("engine")
    wanted = connect(pairs, folder)
    assert wanted.schema == COMPONENTS
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dedup.engines.local.PAIR_BYTES", 1 << 60)
        assert connect(pairs, folder).equals(wanted)


def test_a_long_chain_is_one_component(tmp_path, monkeypatch):
    monkeypatch.setattr("dedup.engines.local.PAIR_BYTES", 1 << 60)
    names = np.random.default_rng(1).permutation(300)
    made = connect(list(pairwise(names)), tmp_path, workers=2)
    assert made.column("component").to_pylist() == [0] * 300
