"""The Spark engine, one session for all tests."""

import sys
from pathlib import Path

import pytest
from spark_support import SMALL, missing_spark


@pytest.fixture(scope="session")
def spark_session():
    reason = missing_spark()
    if reason is not None:
        pytest.skip(reason)
    from pyspark import cloudpickle  # noqa: PLC0415 - an extra

    from dedup.engines.spark_session import open_session  # noqa: PLC0415

    session, ours = open_session("local[2]", SMALL)
    # executors cannot import tests
    for module in list(sys.modules.values()):
        if Path(getattr(module, "__file__", None) or "/").name.startswith("test_"):
            cloudpickle.register_pickle_by_value(module)
    yield session
    if ours:
        session.stop()


@pytest.fixture
def start_spark(request, monkeypatch):
    """What makes engines; even of little data it makes several partitions and row groups."""
    request.getfixturevalue("spark_session")
    from dedup.engines import spark, spark_files, spark_tables  # noqa: PLC0415

    monkeypatch.setattr(spark_tables, "SMALL_BYTES", 1 << 14)
    monkeypatch.setattr(spark_files, "GROUP_BYTES", 1 << 10)
    return spark.SparkEngine


@pytest.fixture
def spark_engine(start_spark, tmp_path):
    with start_spark(temp=tmp_path) as engine:
        yield engine


@pytest.fixture
def spark_sql_engine(spark_engine, monkeypatch):
    """One that takes all tables for large ones: Spark SQL joins and sorts, tasks write them."""
    bounds = ("ONE_TASK", "LOOKED_UP", "SORTED", "COUNTED", "DRIVER")
    for bound in bounds:
        monkeypatch.setattr(f"dedup.engines.spark.{bound}_BYTES", -1)
    return spark_engine
