"""What holds for all tests: none fails for its time; an extra that is missing is not needed."""

from importlib.util import find_spec

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# looked through for examples only where the extra `spark` is
MODULES = [f"dedup/engines/{name}.py" for name in ("spark", "spark_session", "spark_tables")]

collect_ignore = [] if find_spec("pyspark") else MODULES
