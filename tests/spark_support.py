"""Where Spark can be tried, and how it is started so that it costs little."""

import os
import shutil
from importlib.util import find_spec

QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""A JVM that lives for a minute is not worth its second compiler."""

SMALL = {"spark.driver.extraJavaOptions": QUICK}


def missing_spark() -> str | None:
    """Tell why Spark cannot be tried here."""
    if find_spec("pyspark") is None:
        return "pyspark is not installed: pip install 'dedup[spark]'"
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        return "there is no Java, which Spark needs"
    return None
