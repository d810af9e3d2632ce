"""Which modules are looked through for examples: those of the extra `spark` only where it is."""

from importlib.util import find_spec

MODULES = ["dedup/engines/spark.py", "dedup/engines/spark_session.py"]

collect_ignore = [] if find_spec("pyspark") else MODULES
