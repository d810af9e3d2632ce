"""Which modules are looked through for examples: those of the extra `spark` only where it is."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("pyspark") else ["dedup/engines/spark*.py"]
