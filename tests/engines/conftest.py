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
    from pyspark import cloudpickle

    from dedup.engines.spark_session import open_session

    session, ours = open_session("local[2]", SMALL)
    # executors cannot import tests
    for name, module in list(sys.modules.items()):
        if Path(getattr(module, "__file__", None) or "/").name.startswith("test_"):
            cloudpickle.register_pickle_by_value(module)
    yield session
    if ours:
        session.stop()


@pytest.fixture
def spark_engine(spark_session, tmp_path):
    from dedup.engines.spark import SparkEngine

    with SparkEngine(temp=tmp_path) as engine:
        yield engine
