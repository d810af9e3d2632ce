"""What `import dedup` promises, and what it must not cost."""

import subprocess
import sys

import pytest

import dedup

HEAVY = {
    "numba",
    "pyarrow",
    "duckdb",
    "sklearn",
    "datasketch",
    "numpy",
    "rich",
    "jinja2",
    "starlette",
    "uvicorn",
}


@pytest.mark.parametrize("name", dedup.__all__)
def test_every_public_name_can_be_had_and_is_documented(name):
    assert getattr(dedup, name).__doc__


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="claen"):
        _ = dedup.claen


def test_names_complete():
    assert set(dedup.__all__) <= set(dir(dedup))


@pytest.mark.parametrize("statement", ["import dedup", "import dedup.cli.main"])
def test_import_loads_nothing_heavy(statement):
    code = f"{statement}, sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert not HEAVY & set(loaded.stdout.split())
