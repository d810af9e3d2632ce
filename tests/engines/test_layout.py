"""Rows taken straight from files are those that Arrow takes."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.engines.files import write_part
from dedup.engines.layout import can_lay_out
from dedup.engines.lookup import index_rows, look_up

FIXED = {"place": pa.int32(), "share": pa.float32(), "bits": pa.uint64(), "small": pa.int8()}
VARIED = {
    "text": pa.string(),
    "lists": pa.list_(pa.int64()),
    "items": pa.list_(pa.field("item", pa.int32(), nullable=False)),
}


def write_parts(schema, n_rows, folder):
    """Write files, each of some batches of so many rows; keys are those from 0 on, shuffled."""
    rng = np.random.default_rng(1)
    keys = iter(rng.permutation(sum(sum(sizes) for sizes in n_rows)).tolist())
    values = {
        "key": lambda: next(keys),
        "text": lambda: "né\U0001f976" * int(rng.integers(4)),
        "lists": lambda: rng.integers(-9, 9, rng.integers(4)).tolist(),
        "items": lambda: rng.integers(-9, 9, rng.integers(4)).tolist(),
        "share": lambda: float(rng.random()),
    }
    parts = []
    for number, sizes in enumerate(n_rows):
        batches = [
            pa.RecordBatch.from_pylist(
                [
                    {n: values.get(n, lambda: int(rng.integers(99)))() for n in schema.names}
                    for _ in range(size)
                ],
                schema,
            )
            for size in sizes
        ]
        parts.append(write_part(batches, schema, folder / f"{number}.arrow"))
    return tuple(parts)


@given(
    fixed=st.lists(st.sampled_from(sorted(FIXED)), unique=True),
    varied=st.sampled_from([None, *sorted(VARIED)]),
    n_rows=st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=4),
    picked=st.randoms(),
)
def test_rows_are_those_that_arrow_takes(fixed, varied, n_rows, picked, tmp_path_factory):
    kinds = {name: FIXED[name] for name in fixed} | ({varied: VARIED[varied]} if varied else {})
    schema = pa.schema({"key": pa.int64(), **kinds})
    folder = tmp_path_factory.mktemp("parts")
    parts = write_parts(schema, n_rows, folder)
    columns = picked.sample(schema.names, picked.randint(1, len(schema.names)))
    index = index_rows(parts, schema, "key", columns, folder / "index")
    n_keys = sum(part.n_rows for part in parts)
    assert (index.layout is None) == (sum(part.n_batches for part in parts) == 0)
    wanted = np.array(picked.choices(range(-2, n_keys + 2), k=picked.randint(0, 40)), np.int64)
    taken = look_up(index, wanted)
    taken.validate(full=True)
    assert taken.equals(look_up(replace(index, layout=None), wanted))
    assert taken.schema.equals(pa.schema([schema.field(name) for name in columns]))
    index.delete()
    assert not list(folder.glob("index*"))


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.string(), ["a", None, "b"]),
        (pa.int32(), [1, None, 2]),
        (pa.list_(pa.int64()), [[1], [None], []]),
        (pa.bool_(), [True, False, True]),
        (pa.list_(pa.string()), [["a"], [], ["b", "c"]]),
    ],
    ids=str,
)
def test_rows_of_other_columns_are_taken_by_arrow(kind, values, tmp_path):
    schema = pa.schema({"key": pa.int64(), "value": kind})
    batch = pa.record_batch([[3, 1, 2], pa.array(values, kind)], schema)
    part = write_part([batch], schema, tmp_path / "part.arrow")
    index = index_rows((part,), schema, "key", schema.names, tmp_path / "index")
    assert index.layout is None
    assert look_up(index, np.array([2, 3])).column("value").to_pylist() == [values[2], values[0]]


def test_one_column_of_variable_width_is_the_most():
    assert can_lay_out(pa.schema({"a": pa.int64(), "b": pa.string()}))
    assert not can_lay_out(pa.schema({"a": pa.string(), "b": pa.string()}))
