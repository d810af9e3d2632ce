"""The result that is made up for `python -m benchmarks explore`."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from explore_support import serving

from benchmarks.explore import views
from benchmarks.explored import Sizes, write_made_up

ORDERS = {
    "documents": ["id"],
    "blocks": ["document", "index"],
    "clusters": ["kind", "cluster", "not keeper", "document", "block"],
}
SIZES = Sizes(documents=300, sites=20, passages=400, rejected=30)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made-up")
    write_made_up(folder, SIZES)
    return folder


@pytest.mark.parametrize("table", ORDERS)
def test_its_tables_are_sorted_as_those_of_a_real_one(made, table):
    rows = pa.concat_tables([pq.read_table(p) for p in sorted((made / table).iterdir())])
    keys = [
        tuple({**row, "not keeper": not row.get("keeper")}[name] for name in ORDERS[table])
        for row in rows.to_pylist()
    ]
    assert keys == sorted(keys)
    assert len(keys) == len(set(keys))


def test_what_it_says_of_clusters_agrees(made):
    documents = pq.read_table(made / "documents").to_pylist()
    members = {
        (row["cluster"], row["document"]): row["keeper"]
        for row in pq.read_table(made / "clusters").to_pylist()
        if row["kind"] == "document"
    }
    assert {(row["cluster"], row["id"]) for row in documents if row["cluster"]} == set(members)
    for row in documents:
        if row["cluster"]:
            assert members[row["cluster"], row["id"]] == (row["keeper"] == row["id"]) == row["keep"]


def test_all_that_is_measured_can_be_seen(made):
    with serving(made) as site:
        site.come_in()
        asked = views(made)
        assert {name: site.ask(path).status for name, path in asked.items()} == dict.fromkeys(
            asked, 200
        )
